// SPDX-License-Identifier: Apache-2.0
// How it looks, and to whom: charts, layers, dark mode, phone, paper, assistive technology.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {colours, reports, scene, words} from './browser.js';
import {arrays, classification, imageToImage, matte, report, segmentation} from './fixture.js';

const KINDS = {segmentation, matte, classification, imageToImage, arrays};
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
      await page.waitForSelector('#pictures canvas, #pictures img, #pictures svg');
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
  assert.match(await words(page.locator('.worst .note')), /39 weights changed, 1 kept/);
  const stems = () => page.locator('.weights .chart [aria-label=rule] line').count();
  assert.equal(await stems(), 2 * 64 + 1);
  await page.locator('.weights').getByRole('combobox', {name: 'Values of'}).selectOption('kmeans 4');
  assert.equal(await stems(), 2 * 16 + 1);
  await page.locator('.weights').getByRole('combobox', {name: 'Values of'}).selectOption('linear 8');
  assert.match(await words(page.locator('.weights .note')), /256 values.*channel 7/);
});

test('the template is small: pictures have the room', () => {
  const bytes = report({}).length;
  assert.ok(bytes < 500_000, `${bytes} bytes`);
});
