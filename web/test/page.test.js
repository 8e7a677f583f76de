// The built page in a real browser, opened from a file.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';
import {classification, imageToImage, report, segmentation} from './fixture.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
                   '--disable-component-update', '--disable-sync'];
const folder = mkdtempSync(join(tmpdir(), 'nbits-report-'));
let browser;

before(async () => {
  assert.ok(existsSync(CHROMIUM), `no browser at ${CHROMIUM}: scripts/setup installs it`);
  browser = await chromium.launch({executablePath: CHROMIUM, headless: true, args: ARGUMENTS});
});
after(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true});
});

// Opens a report; `faults` gathers console errors and every request but the file itself.
async function open(document, options = {}) {
  const file = join(folder, 'report.html');
  writeFileSync(file, typeof document === 'string' ? document : report(document));
  const page = await browser.newPage(options);
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => /^(data:|file:.*report\.html$)/.test(request.url()) || faults.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('h1');
  return {page, faults};
}

const names = (page) => page.locator('#variants > .scroll tbody th').allTextContents();
const pixel = (page, selector, x, y) => page.locator(selector).evaluate(
  (node, [px, py]) => [...node.getContext('2d').getImageData(px, py, 1, 1).data], [x, y]);

test('shows every section without errors or requests', async () => {
  const {page, faults} = await open(segmentation());
  await page.waitForSelector('.frame canvas.right');
  await page.waitForSelector('.chart svg');
  assert.deepEqual(await page.locator('h2').allTextContents(), ['Verdict', 'Variants', 'Charts', 'Pictures', 'Files left out']);
  assert.equal(await page.locator('.chart svg').count(), 3);
  assert.deepEqual(faults, []);
  await page.close();
});

test('recommends the smallest variant within the allowed loss', async () => {
  const document = segmentation();
  const loss = (each) => document.variants[0].metrics.miou - each.metrics.miou;
  const within = (limit) => document.variants.filter((each) => loss(each) <= limit && !each.is_original)
    .sort((a, b) => a.bytes - b.bytes)[0].name;
  const {page} = await open(document);
  const headline = () => page.locator('.headline').textContent();
  assert.ok((await headline()).startsWith(`Take ${within(0.005)}:`), await headline());
  await page.getByRole('combobox', {name: 'Allowed loss'}).selectOption('0.05');
  assert.notEqual(within(0.05), within(0.005));
  assert.ok((await headline()).startsWith(`Take ${within(0.05)}:`), await headline());
  assert.match(await page.locator('.facts').textContent(), /Not measurably changed/);
  await page.close();
});

test('judges values by decibels, and takes equal outputs as no loss', async () => {
  const document = {...imageToImage(), pictures: []};
  document.model.task = 'arrays';
  document.variants.forEach((each, i) => (each.metrics = {agreement: 0.1, snr_db: i === 1 ? 20 : null, max_relative_difference: i === 1 ? 0.1 : 0}));
  const {page} = await open(document);
  assert.match(await page.locator('.headline').textContent(), /^Take kmeans 6:/);
  assert.match(await page.locator('.facts').textContent(), /Equal outputs/);
  await page.close();
});

test('says so when nothing stays within the allowed loss', async () => {
  const document = segmentation();
  document.variants.forEach((each) => each.is_original || (each.metrics.miou = 0.3));
  const {page} = await open(document);
  assert.match(await page.locator('.headline').textContent(), /^No smaller variant/);
  await page.close();
});

test('marks only differences beyond noise', async () => {
  const {page} = await open(segmentation());
  const marks = (name) => page.locator('tr', {has: page.getByRole('rowheader', {name, exact: true})})
    .locator('td').nth(2).locator('.mark.more').count();
  assert.equal(await marks('kmeans 2'), 1);
  assert.equal(await marks('linear 8'), 0);
  await page.close();
});

test('sorts by keyboard, both ways, missing figures last', async () => {
  const document = segmentation();
  const {page} = await open(document);
  await page.getByRole('button', {name: 'Size', exact: true}).focus();
  await page.keyboard.press('Enter');
  const bySize = [...document.variants].sort((a, b) => a.bytes - b.bytes).map((each) => each.name);
  assert.deepEqual(await names(page), bySize);
  await page.keyboard.press('Enter');
  assert.deepEqual(await names(page), bySize.reverse());
  await page.getByRole('button', {name: 'Agreement', exact: true}).click();
  assert.equal((await names(page)).at(-1), document.variants.at(-1).name);
  await page.close();
});

test('puts the most changed picture first', async () => {
  const {page} = await open(segmentation());
  const order = await page.locator('.choices button span').allTextContents();
  assert.deepEqual(order.slice(1), ['middling.png', 'calm.png']);
  await page.close();
});

test('slider, toggle and pictures work by keyboard', async () => {
  const {page} = await open(segmentation());
  await page.waitForSelector('.frame canvas.right');
  const split = () => page.locator('.frame').evaluate((node) => node.style.getPropertyValue('--split'));
  await page.locator('.slider input').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await split(), '51%');
  await page.keyboard.press('Home');
  assert.equal(await split(), '0%');
  await page.keyboard.press('t');
  assert.equal(await page.locator('.toggle').getAttribute('aria-pressed'), 'true');
  const clip = await page.locator('.frame .left').evaluate((node) => getComputedStyle(node).clipPath);
  assert.equal(clip, 'none');
  await page.keyboard.press(']');
  await page.waitForFunction(() => document.querySelector('.caption').textContent.startsWith('middling.png'));
  await page.close();
});

test('difference map shows exactly the changed pixels', async () => {
  const {page} = await open(segmentation());
  await page.waitForSelector('.frame canvas.right');
  await page.getByRole('combobox', {name: 'Variant'}).selectOption('7');
  await page.getByRole('combobox', {name: 'View'}).selectOption('difference');
  const counts = await page.locator('.frame canvas.right').evaluate((node) => {
    const data = node.getContext('2d').getImageData(0, 0, node.width, node.height).data;
    let changed = 0;
    for (let i = 0; i < data.length; i += 4) changed += data[i] === 230 && data[i + 1] === 0 && data[i + 2] === 122;
    return [changed, data.length / 4];
  });
  const worst = segmentation().pictures[2].outputs[7].agreement;
  assert.equal(counts[0], Math.round((1 - worst) * counts[1]));
  await page.close();
});

test('masks are drawn in the class colours, the figure stays sharp before a blurred background', async () => {
  const {page} = await open(segmentation());
  await page.waitForSelector('.frame canvas.right');
  await page.getByLabel('Opacity of mask').fill('100');
  assert.deepEqual(await pixel(page, '.frame canvas.left', 82, 150), [0xe0, 0x50, 0x70, 255]);
  await page.getByRole('combobox', {name: 'View'}).selectOption('picture');
  const plain = await pixel(page, '.frame canvas.left', 82, 150);
  await page.getByRole('combobox', {name: 'View'}).selectOption('blur');
  assert.deepEqual(await pixel(page, '.frame canvas.left', 82, 150), plain);
  await page.close();
});

test('names from the document stay text', async () => {
  const {page, faults} = await open(segmentation());
  await page.waitForSelector('.frame canvas.right');
  assert.equal(await page.locator('img[src=x]').count(), 0);
  assert.equal(await page.title(), 'DeepLabV3 – nbits report');
  assert.deepEqual(faults, []);
  await page.close();
});

test('never asks the network for what a document names', async () => {
  const document = segmentation();
  document.pictures[0].image = 'https://example.invalid/a.png';
  document.pictures[1].outputs[1].ids = 'pictures/0.png';
  const {page, faults} = await open(document);
  await page.waitForSelector('.frame canvas.right');
  for (let i = 0; i < 3; i++) await page.keyboard.press(']');
  await page.waitForTimeout(200);
  assert.deepEqual(faults, []);
  await page.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`text has enough contrast in ${colorScheme} mode`, async () => {
    const {page} = await open(segmentation(), {colorScheme});
    const ratios = await page.evaluate(contrasts);
    for (const [name, ratio] of ratios) assert.ok(ratio >= 4.5, `${name}: ${ratio.toFixed(2)}`);
    await page.close();
  });
}

// Runs in the page: WCAG's contrast of each text colour against the surface.
function contrasts() {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/\d+/g).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const surface = luminance(getComputedStyle(document.querySelector('section')).backgroundColor);
  return ['.headline', '.facts dt', '.failure', '.mark', '.note', '.names', 'thead button'].map((selector) => {
    const text = luminance(getComputedStyle(document.querySelector(selector)).color);
    return [selector, (Math.max(text, surface) + 0.05) / (Math.min(text, surface) + 0.05)];
  });
}

test('a phone needs no sideways scrolling', async () => {
  for (const document of [segmentation(), classification(), imageToImage()]) {
    const {page} = await open(document, {viewport: {width: 360, height: 740}});
    await page.waitForSelector('.chart svg');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${document.model.task}: ${overflow} pixels too wide`);
    await page.close();
  }
});

test('every control has a name', async () => {
  const {page} = await open(segmentation());
  await page.waitForSelector('.strip button');
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, select, [role=img]')]
    .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.[0]?.textContent.trim()))
    .map((node) => node.outerHTML));
  assert.deepEqual(nameless, []);
  await page.close();
});

test('classification shows five bars a variant and names the changed class', async () => {
  const {page, faults} = await open(classification());
  assert.equal(await page.locator('.guesses li').count(), 20);
  assert.equal(await page.locator('.guesses em').count(), 1);
  assert.deepEqual(faults, []);
  await page.close();
});

test('image to image shows the results under the slider', async () => {
  const {page, faults} = await open(imageToImage());
  await page.waitForSelector('.frame canvas.right');
  await page.getByRole('combobox', {name: 'View'}).selectOption('amplified');
  assert.equal(await page.locator('.strip canvas').count(), 4);
  assert.deepEqual(faults, []);
  await page.close();
});

test('a document that is none says so', async () => {
  const {page} = await open(report({format: 'other'}));
  assert.match(await page.getByRole('alert').textContent(), /not an nbits-results document/);
  await page.close();
});
