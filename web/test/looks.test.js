// SPDX-License-Identifier: Apache-2.0
// How it looks, and to whom: charts, layers, dark mode, phone, paper, assistive technology.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {colours, reports, scene, words} from './browser.js';
import {arrays, classification, detection, imageToImage, matte, pose, report, segmentation, upscaled} from './fixture.js';

const KINDS = {segmentation, matte, classification, imageToImage, upscaled, detection, pose, arrays};
const AXE = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const open = reports();

test('every section is there, drawn, without errors or requests', async (t) => {
  const {page, faults} = await open(t, segmentation());
  await scene(page);
  await page.waitForFunction(() => document.querySelectorAll('.chart svg').length === 6);
  assert.deepEqual(await page.locator('h2').allTextContents(),
    ['Verdict', 'Variants', 'Charts', 'Pictures', 'Layers', 'Files left out', 'How this was measured']);
  assert.deepEqual(faults, []);
});

for (const [name, document] of Object.entries(KINDS)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${name}, ${colorScheme}: no view is blank and axe finds nothing`, async (t) => {
      const {page, faults} = await open(t, document(), {colorScheme});
      await page.waitForSelector('#pictures canvas, #pictures img, #values svg');
      await page.waitForFunction(() => [...document.querySelectorAll('.chart')].every((each) => each.querySelector('svg')));
      for (const part of await page.locator('section, .chart').all()) {
        const words = await part.getAttribute('id') ?? await part.getAttribute('aria-label');
        assert.ok(await colours(page, part) > 8, `${words} is blank`);
      }
      await page.evaluate(AXE);
      const {violations} = await page.evaluate(() => axe.run());
      assert.deepEqual(violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(' ')}`), []);
      assert.deepEqual(faults, []);
    });
  }
}

test('dark mode is dark', async (t) => {
  for (const [colorScheme, dark] of [['light', false], ['dark', true]]) {
    const {page} = await open(t, segmentation(), {colorScheme});
    const [red] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
    assert.equal(red < 64, dark);
  }
});

test('a phone needs no sideways scrolling, and its fingers find every control', async (t) => {
  for (const [name, document] of Object.entries(KINDS)) {
    const {page} = await open(t, document(), {viewport: {width: 360, height: 740}, hasTouch: true, isMobile: true});
    await page.waitForSelector('.chart svg');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name}: ${overflow} pixels too wide`);
    const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input')]
      .filter((each) => each.offsetHeight < 24 && !each.closest('thead')).map((each) => each.outerHTML));
    assert.deepEqual(small, []);
  }
});

test('the divider follows a finger', async (t) => {
  const {page} = await open(t, segmentation(), {viewport: {width: 390, height: 800}, hasTouch: true, isMobile: true});
  await scene(page);
  await page.locator('.frame').scrollIntoViewIfNeeded();
  const box = await page.locator('.frame').boundingBox();
  await page.touchscreen.tap(box.x + box.width * 0.75, box.y + box.height / 2);
  const split = await page.locator('.frame').evaluate((node) => parseFloat(node.style.getPropertyValue('--split')));
  assert.ok(Math.abs(split - 75) < 2, String(split));
});

test('everything can be reached and worked by keyboard', async (t) => {
  const {page} = await open(t, segmentation());
  await scene(page);
  const reached = new Set();
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => {
      const node = document.activeElement;
      return node.closest('[class~=choices], [class~=strip], [class~=zoom], [class~=modes-of], nav, thead')?.className
        ?? node.labels?.[0]?.textContent.slice(0, 12) ?? node.className;
    }));
  }
  for (const name of ['skip', 'choices', 'strip', 'zoom', 'modes-of', 'frame', 'scroll']) assert.ok(reached.has(name), `${name}: ${[...reached]}`);
});

test('paper gets every picture, and no controls', async (t) => {
  const {page} = await open(t, segmentation());
  await scene(page);
  await page.waitForFunction(() => document.querySelectorAll('.sheet canvas').length === 6);
  await page.emulateMedia({media: 'print'});
  assert.ok(await page.locator('.sheet figure').first().isVisible());
  assert.ok(!(await page.locator('.controls').first().isVisible()));
  assert.ok(await colours(page, page.locator('.sheet')) > 100);
});

test('charts join the best choices and can show the far ones', async (t) => {
  const {page} = await open(t, segmentation());
  await page.waitForSelector('#charts .chart svg');
  const named = () => page.locator('#charts .chart').first().locator('text').allTextContents();
  assert.ok(!(await named()).includes('kmeans 2'));
  await page.getByRole('button', {name: /Show 2 more/}).click();
  assert.ok((await named()).includes('kmeans 2'));
  const spoken = await page.locator('#charts .chart').first().getAttribute('aria-label');
  assert.match(spoken, /kmeans 6/);
  assert.doesNotMatch(spoken, /linear 4/);
});

test('layers: worst first, and the weights with the values a variant has for them', async (t) => {
  const {page} = await open(t, segmentation());
  await page.waitForSelector('#layers .chart svg');
  assert.equal(await page.locator('.worst tbody th').first().textContent(), 'block0/conv0');
  assert.match(await words(page.locator('.worst .note')), /38 of 40 weight tensors quantized, 1 kept as rounded numbers, 1 kept as they were/);
  const stems = () => page.locator('.weights .chart [aria-label=rule] line').count();
  assert.equal(await stems(), 2 * 64 + 1);
  await page.locator('.weights').getByRole('combobox', {name: 'Values of'}).selectOption('kmeans 4');
  assert.equal(await stems(), 2 * 16 + 1);
  await page.locator('.weights').getByRole('combobox', {name: 'Values of'}).selectOption('linear 8');
  assert.match(await words(page.locator('.weights .note')), /256 values.*channel 7/);
});

test('error by bits leaves out what was kept, and counts a tensor as often as it has values', async (t) => {
  const document_ = segmentation();
  const {page} = await open(t, document_);
  await page.waitForSelector('#layers .chart svg');
  const spoken = (await page.locator('#layers .chart').first().getAttribute('aria-label')).replace(/\u00a0/g, ' ');
  for (const {name, layers} of document_.variants.filter((each) => each.bits < 16 && !each.error)) {
    const values = layers.filter((each) => each.snr_db !== null && each.bits < 16)
      .flatMap((each) => Array(each.elements / 256).fill(each.snr_db)).sort((a, b) => a - b);
    const [low, high] = [values[Math.ceil(values.length / 2) - 1], values[Math.floor(values.length / 2)]];
    assert.ok([low, high].some((each) => spoken.includes(`${name} ${each.toFixed(1)} dB`)), `${name} ${low} ${high}: ${spoken}`);
  }
  assert.doesNotMatch(spoken, /71\.5/);
});

test('a wide table fits at 1280 pixels or says that it scrolls', async (t) => {
  const document = segmentation();
  for (const {metrics} of document.variants) if (metrics.agreement) Object.assign(metrics, {snr_db: 31.4, psnr_db: 38.1});
  for (const width of [1280, 390]) {
    const {page} = await open(t, document, {viewport: {width, height: 900}});
    const table = page.locator('#variants > .scroller');
    const hidden = () => table.locator('.scroll').evaluate((node) => node.scrollWidth - node.clientWidth - node.scrollLeft);
    if (width === 1280) assert.ok(await hidden() <= 2, `${await hidden()} pixels are cut off`);
    assert.equal(await table.locator('.more').isVisible(), await hidden() > 2, String(width));
    await table.locator('.scroll').evaluate((node) => node.scrollTo(node.scrollWidth, 0));
    await page.waitForFunction(() => !document.querySelector('#variants > .scroller').classList.contains('cut'));
  }
});

test('every heading is explained, for the pointer and in words', async (t) => {
  for (const document of Object.values(KINDS)) {
    const {page} = await open(t, document());
    const titles = await page.locator('#variants .headings button').evaluateAll((all) => all.map((each) => each.title));
    assert.ok(titles.every((each) => each.length > 3), String(titles));
    await page.locator('.glossary summary').click();
    assert.equal(await page.locator('.glossary dd').count(), titles.length - 1);
  }
});

test('the allowed loss is on the chart, and gives a small loss its size', async (t) => {
  const document = segmentation();
  document.variants.forEach((each, i) => each.metrics.miou && (each.metrics.miou = 0.9 - 0.0001 * i));
  document.verdict = {metric: 'miou', allowed_loss: 0.005, smallest: 7, recommended: 7};
  const {page} = await open(t, document);
  const chart = page.locator('#charts .chart').first();
  await chart.locator('svg').waitFor();
  assert.equal(await chart.locator('text', {hasText: 'allowed loss'}).count(), 1);
  const heights = await chart.locator('[aria-label=dot]').last().locator('path').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().y));
  const box = await chart.boundingBox();
  assert.ok(Math.max(...heights) - Math.min(...heights) < 0.25 * box.height, `${heights} of ${box.height}`);
});

test('a failed variant has no size, and times below a millisecond have digits', async (t) => {
  const document = segmentation();
  document.variants.at(-1).bytes = 0;
  for (const each of document.variants.slice(0, -1)) Object.assign(each, {median_ms: 0.213, spread_ms: 0.004, times_ms: [0.212, 0.213, 0.215]});
  const {page} = await open(t, document);
  assert.doesNotMatch(await words(page.locator('#variants table').first()), /(^|[^0-9.])0(\.0)? (bytes|kB|MB)/);
  assert.match(await words(page.locator('#variants tbody tr').first()), /213\.0 ± 2\.0 µs/);
});

test('paper: headings come again, what is folded is open, nothing is cut off', async (t) => {
  const document = {...segmentation(), command: `nbits sweep ${'a-long-folder/'.repeat(30)}model.mlmodel`};
  const {page} = await open(t, document);
  await scene(page);
  await page.emulateMedia({media: 'print'});
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.setViewportSize({width: 700, height: 1000});
  assert.ok(await page.locator('.glossary dl').isVisible());
  for (const part of ['pre', 'table'])
    for (const each of await page.locator(part).all()) {
      const wide = await each.evaluate((node) => [node.scrollWidth, node.parentElement.clientWidth]);
      assert.ok(wide[0] <= wide[1] + 1, `${part}: ${wide}`);
    }
  const display = (selector) => page.locator(selector).first().evaluate((node) => getComputedStyle(node).display);
  assert.equal(await display('#variants thead'), 'table-header-group');
  assert.equal(await display('#variants tfoot'), 'table-row-group');
});

test('the template is small: pictures have the room', () => {
  const bytes = report({}).length;
  assert.ok(bytes < 500_000, `${bytes} bytes`);
});
