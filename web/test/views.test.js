// SPDX-License-Identifier: Apache-2.0
// Every view of every task shows something: in the stage and in each thumbnail, by their pixels.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {reports, scene, words} from './browser.js';
import {detection, imageToImage, matte, onePerson, pose, segmentation, upscaled} from './fixture.js';
import {pngUri} from './png.js';
import {SIZE} from './scenes.js';

const KINDS = {segmentation, onePerson, matte, imageToImage, upscaled, detection, pose};
const VIEWS = {
  segmentation: ['mask', 'colours', 'difference', 'errors', 'blur', 'removed', 'picture'],
  onePerson: ['mask', 'colours', 'difference', 'errors', 'blur', 'removed', 'picture'],
  matte: ['mask', 'colours', 'difference', 'blur', 'removed', 'picture'],
  imageToImage: ['result', 'heat', 'picture'],
  upscaled: ['result', 'heat'],
  detection: ['result', 'picture'],
  pose: ['points', 'moved', 'picture'],
};
const open = reports();
const view = (page, name) => page.locator('#pictures').getByRole('combobox', {name: 'View'}).selectOption(name);
const choose = (page, name, value) => page.locator('#pictures').getByRole('combobox', {name, exact: true}).selectOption(value);

// [colours, pixels through which one sees] of every canvas.
const canvases = (page, place) => page.locator(`#pictures ${place} canvas`).evaluateAll((all) => all.map((node) => {
  const {data} = node.getContext('2d').getImageData(0, 0, node.width, node.height);
  const pixels = new Uint32Array(data.buffer);
  return [new Set(pixels).size, pixels.filter((each) => each >>> 24 !== 255).length];
}));

for (const [name, document] of Object.entries(KINDS)) {
  test(`${name}: every view shows something, large and small`, async (t) => {
    const {page, faults} = await open(t, document());
    await scene(page);
    const options = await page.getByRole('combobox', {name: 'View'}).locator('option').evaluateAll((all) => all.map((each) => each.value));
    assert.deepEqual(options, VIEWS[name]);
    for (const each of options) {
      await view(page, each);
      const variants = document().variants.filter((one) => !one.error).length;
      for (const [place, count] of [['.frame', 2], ['.strip', variants]]) {
        const seen = await canvases(page, place);
        assert.ok(seen.length >= count, `${each}: ${seen.length} canvases in ${place}`);
        seen.forEach(([colours, clear], at) => {
          assert.ok(colours > 1, `${each}: ${place} ${at} is blank`);
          assert.equal(clear, 0, `${each}: ${place} ${at} can be seen through`);
        });
      }
    }
    assert.deepEqual(faults, []);
  });
}

test('a mask that holds nothing is said to be blank', async (t) => {
  const document = matte();
  Object.assign(document.model, {rule: 'channels'});
  for (const each of document.pictures[0].outputs) each.matte = null;
  document.pictures[0].outputs[3].ids = pngUri(SIZE, SIZE, 1, () => 0);
  const {page} = await open(t, document);
  await scene(page);
  await choose(page, 'B, right', document.variants[3].name);
  for (const each of ['mask', 'colours']) {
    await view(page, each);
    assert.match(await words(page.locator('.frame .right')), /blank mask/, each);
    assert.equal(await words(page.locator('.frame .left')), '');
    assert.match(await words(page.locator('.strip li').nth(3)), /blank mask/);
  }
});

test('an outline shows a dark class on a dark picture', async (t) => {
  const document = segmentation();
  document.model.colors = document.model.labels.map(() => '#000000');
  const {page} = await open(t, document);
  await scene(page);
  await page.getByLabel('Opacity of mask').fill('0');
  const light = await page.locator('.frame .left canvas').evaluate((node) => {
    const {data} = node.getContext('2d').getImageData(0, 0, node.width, node.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += data[i] > 228 && data[i + 1] > 228 && data[i + 2] > 228;
    return found;
  });
  assert.ok(light > 200, `${light} pixels of outline`);
});

test('pictures keep their own shape, whatever the model sees', async (t) => {
  const document = segmentation();
  document.pictures.forEach((each) => Object.assign(each, {own_width: 600, own_height: 400}));
  const {page} = await open(t, document);
  await scene(page);
  for (const place of ['.frame .left canvas', '.strip canvas', '.choices img']) {
    const {width, height} = await page.locator(place).first().boundingBox();
    assert.ok(Math.abs(width / height - 1.5) < 0.03, `${place}: ${width} x ${height}`);
  }
  assert.equal(await page.locator('.frame .left canvas').evaluate((node) => node.width / node.height), 1);
});

test('key points: how far they moved is said, of the picture\'s own width', async (t) => {
  const {page} = await open(t, pose());
  await scene(page);
  await choose(page, 'B, right', 'linear 8');
  assert.match(await words(page.locator('#pictures .caption')), /Key points moved by 2\.00 % of the picture's width, at most 2\.00 %/);
  await choose(page, 'B, right', 'original');
  assert.doesNotMatch(await words(page.locator('#pictures .caption')), /moved/);
});
