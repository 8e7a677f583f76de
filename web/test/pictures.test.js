// SPDX-License-Identifier: Apache-2.0
// Pictures: slider, toggle, zoom, keyboard, views.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {reports, scene, words} from './browser.js';
import {arrays, classification, HOSTILE, imageToImage, matte, onePerson, segmentation} from './fixture.js';

const open = reports();
const choose = (page, name, value) => page.locator('#pictures').getByRole('combobox', {name, exact: true}).selectOption(value);
const split = (page) => page.locator('.frame').evaluate((node) => parseFloat(node.style.getPropertyValue('--split')));
const visible = (page) => page.locator('.frame .pane').evaluateAll(
  (panes) => panes.map((each) => getComputedStyle(each).visibility === 'visible'));
const scale = (page) => page.locator('.frame .left canvas').evaluate((node) => new DOMMatrix(getComputedStyle(node).transform).a);
const pixel = (page, pane, x, y) => page.locator(`.frame .${pane} canvas`).evaluate(
  (node, [px, py]) => [...node.getContext('2d').getImageData(px, py, 1, 1).data], [x, y]);
const count = (page, pane, colour) => page.locator(`.frame .${pane} canvas`).evaluate((node, wanted) => {
  const {data} = node.getContext('2d').getImageData(0, 0, node.width, node.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) found += wanted.every((value, c) => data[i + c] === value);
  return [found, data.length / 4];
}, colour);

async function opened(t, document, options) {
  const {page, faults} = await open(t, document, options);
  await scene(page);
  await page.locator('.frame').scrollIntoViewIfNeeded();
  return {page, faults};
}

test('puts the most changed picture first, by any variant that is chosen', async (t) => {
  const document = segmentation();
  const {page} = await opened(t, document);
  assert.deepEqual(await page.locator('.choices .name').allTextContents(), [`${HOSTILE}.png`, 'middling.png', 'calm.png']);
  document.pictures[0].outputs[2].agreement = 0.1;
  const other = await opened(t, document);
  await choose(other.page, 'Worst first by', 'linear 8');
  assert.equal(await other.page.locator('.choices .name').first().textContent(), 'calm.png');
});

test('the divider follows the mouse and the keyboard', async (t) => {
  const {page} = await opened(t, segmentation());
  const box = await page.locator('.frame').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, box.y + 30);
  await page.mouse.up();
  assert.ok(Math.abs((await split(page)) - 25) < 1, String(await split(page)));
  await page.getByRole('slider', {name: 'Divider'}).focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await split(page), 26);
  await page.keyboard.press('Home');
  assert.equal(await split(page), 0);
});

test('original and any two variants are toggled in place', async (t) => {
  const {page} = await opened(t, segmentation());
  assert.deepEqual(await visible(page), [true, true]);
  await page.keyboard.press('t');
  assert.deepEqual(await visible(page), [false, true]);
  await page.keyboard.press('t');
  assert.deepEqual(await visible(page), [true, false]);
  await choose(page, 'A, left', 'linear 4');
  await choose(page, 'B, right', 'kmeans 2');
  await page.getByRole('group', {name: 'Show'}).getByRole('button', {name: 'original'}).click();
  assert.deepEqual(await visible(page), [false, false, true]);
  await page.keyboard.press('s');
  assert.deepEqual(await visible(page), [true, true, false]);
  await page.keyboard.press('o');
  assert.deepEqual(await visible(page), [false, false, true]);
});

test('pictures, variants and views change by keys', async (t) => {
  const {page} = await opened(t, segmentation());
  await page.keyboard.press(']');
  await page.waitForFunction(() => document.querySelector('.caption').textContent.startsWith('middling.png'));
  assert.match(await words(page.locator('.caption')), /kmeans 6/);
  await page.keyboard.press('.');
  assert.match(await words(page.locator('.caption')), /linear 6/);
  await page.keyboard.press(',');
  await page.keyboard.press(',');
  assert.match(await words(page.locator('.caption')), /linear 8/);
  await page.keyboard.press('v');
  assert.equal(await page.getByRole('combobox', {name: 'View'}).inputValue(), 'colours');
});

test('keys that a choice needs are left to it', async (t) => {
  const {page} = await opened(t, segmentation());
  await page.getByRole('combobox', {name: 'View'}).focus();
  await page.keyboard.press('t');
  assert.deepEqual(await visible(page), [true, true]);
});

test('zooms by buttons, keys and double click, and moves by mouse and arrows', async (t) => {
  const {page} = await opened(t, segmentation());
  await page.getByRole('button', {name: 'Zoom in'}).click();
  assert.equal(await scale(page), 1.5);
  await page.keyboard.press('+');
  assert.equal(await scale(page), 2.25);
  await page.keyboard.press('-');
  assert.equal(await scale(page), 1.5);
  await page.keyboard.press('0');
  assert.equal(await scale(page), 1);
  await page.locator('.frame').dblclick({position: {x: 60, y: 60}});
  assert.equal(await scale(page), 3);
  const left = () => page.locator('.frame .left canvas').evaluate((node) => new DOMMatrix(getComputedStyle(node).transform).e);
  const start = await left();
  await page.locator('.frame').focus();
  await page.keyboard.press('ArrowRight');
  const moved = await left();
  const divider = await split(page);
  assert.ok(moved < start - 20, `${start} ${moved}`);
  const box = await page.locator('.frame').boundingBox();
  await page.mouse.move(box.x + 80, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 80, {steps: 4});
  await page.mouse.up();
  assert.ok(Math.abs((await left()) - moved - 40) < 3, `${moved} ${await left()}`);
  assert.equal(await split(page), divider);
});

test('the difference map shows exactly the changed pixels', async (t) => {
  const {page} = await opened(t, segmentation());
  await choose(page, 'B, right', 'kmeans 2');
  await choose(page, 'View', 'difference');
  const [changed, all] = await count(page, 'right', [230, 0, 122]);
  assert.equal(changed, Math.round((1 - segmentation().pictures[2].outputs[7].agreement) * all));
  await choose(page, 'A, left', 'truth');
  await choose(page, 'View', 'errors');
  assert.equal((await count(page, 'left', [230, 0, 122]))[0], 0);
});

test('where the truth marks one class, the others are no errors', async (t) => {
  const {page} = await opened(t, onePerson());
  await choose(page, 'A, left', 'original');
  await choose(page, 'B, right', 'kmeans 2');
  await choose(page, 'View', 'errors');
  assert.equal((await count(page, 'left', [230, 0, 122]))[0], 0);
});

test('masks have the colours of the model; the figure stays sharp before a blurred or removed background', async (t) => {
  const {page} = await opened(t, segmentation());
  await page.getByLabel('Opacity of mask').fill('100');
  assert.deepEqual(await pixel(page, 'left', 82, 150), [0xe0, 0x50, 0x70, 255]);
  assert.deepEqual(await page.locator('.legend:not(.modes) li').allTextContents(), ['cat', 'dog', 'person']);
  await choose(page, 'View', 'picture');
  const figure = await pixel(page, 'left', 82, 150);
  const hill = await pixel(page, 'left', 10, 150);
  for (const view of ['blur', 'removed']) {
    await choose(page, 'View', view);
    assert.deepEqual(await pixel(page, 'left', 82, 150), figure, view);
    assert.notDeepEqual(await pixel(page, 'left', 10, 150), hill, view);
  }
  const [r, g, b] = await pixel(page, 'left', 10, 150);
  assert.ok(r === g && g === b && r > 200, `${r} ${g} ${b}`);
});

test('says which class lies under the pointer', async (t) => {
  const {page} = await opened(t, segmentation());
  const box = await page.locator('.frame').boundingBox();
  await page.mouse.move(box.x + (82 / 192) * box.width, box.y + (150 / 192) * box.height);
  assert.match(await words(page.locator('.pointed')), /^original: person +· +kmeans 6: person$/);
});

test('a mask alone has the colours of its classes', async (t) => {
  const {page} = await opened(t, segmentation());
  await choose(page, 'View', 'colours');
  const {colors} = segmentation().model;
  const seen = await pixel(page, 'left', 82, 150);
  const person = colors[segmentation().model.labels.indexOf('person')];
  assert.deepEqual(seen, [...[1, 3, 5].map((at) => parseInt(person.slice(at, at + 2), 16)), 255]);
  assert.match(await words(page.locator('.legend:not(.modes)')), /person/);
});

test('a matte alone is grey', async (t) => {
  const {page} = await opened(t, matte());
  await choose(page, 'View', 'colours');
  const [red, green, blue, alpha] = await pixel(page, 'left', 90, 41);
  assert.ok(red > 0 && red < 255 && red === green && red === blue, `${red} ${green} ${blue}`);
  assert.equal(alpha, 255);
  assert.equal(await words(page.locator('.legend:not(.modes)')), '');
});

test('a soft matte mixes picture and background', async (t) => {
  const {page} = await opened(t, matte());
  await choose(page, 'View', 'picture');
  const plain = await pixel(page, 'left', 90, 41);
  await choose(page, 'View', 'removed');
  const edge = await pixel(page, 'left', 90, 41);
  assert.notDeepEqual(edge, plain);
  assert.ok(new Set(edge.slice(0, 3)).size > 1, String(edge));
  await choose(page, 'View', 'difference');
  assert.match(await words(page.locator('.legend:not(.modes)')), /coverage changed/);
});

test('image to image: results under the slider, heat map of the difference', async (t) => {
  const {page, faults} = await opened(t, imageToImage());
  assert.equal(await page.locator('.choices .name').first().textContent(), 'worse.png');
  await choose(page, 'B, right', 'kmeans 6');
  await choose(page, 'View', 'heat');
  const [changed, all] = await page.locator('.frame .right canvas').evaluate((node) => {
    const {data} = node.getContext('2d').getImageData(0, 0, node.width, node.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += data[i] !== data[i + 1] || data[i + 1] !== data[i + 2];
    return [found, data.length / 4];
  });
  assert.ok(changed > all / 2, `${changed} of ${all} differ`);
  await choose(page, 'B, right', 'original');
  assert.equal(await page.locator('.strip canvas').count(), 4);
  assert.deepEqual(faults, []);
});

test('classification: five bars a variant, the changed class named, worst first', async (t) => {
  const {page, faults} = await open(t, classification());
  assert.equal(await page.locator('.choices .name').first().textContent(), 'fish.png');
  assert.equal(await page.locator('.guesses ol li').count(), 20);
  assert.equal(await page.locator('.guesses em').count(), 1);
  assert.match(await words(page.locator('.card')), /true class: tench.*1 of 3 variants/);
  await page.keyboard.press(']');
  assert.match(await words(page.locator('.card')), /same\.png.*Every variant has the same first class/);
  assert.deepEqual(faults, []);
});

test('arrays: values in order and against the original, for each output', async (t) => {
  const {page, faults} = await open(t, arrays());
  await page.waitForSelector('#values .chart svg');
  const dots = () => page.locator('#values .chart circle').count();
  assert.equal(await dots(), 159);  // one sample is not a number
  await page.locator('#values').getByRole('combobox', {name: 'Output'}).selectOption('offsets');
  assert.equal(await dots(), 79);
  assert.deepEqual(faults, []);
});

test('never asks the network for what a document names, and names stay text', async (t) => {
  const document = segmentation();
  document.pictures[0].image = 'https://example.invalid/a.png';
  document.pictures[1].outputs[1].ids = 'pictures/0.png';
  const {page, faults} = await opened(t, document);
  for (let i = 0; i < 3; i++) await page.keyboard.press(']');
  await page.waitForTimeout(200);
  assert.equal(await page.locator('img[src=x]').count(), 0);
  assert.equal(await page.title(), 'DeepLabV3 – nbits report');
  assert.deepEqual(faults, []);
});

test('pictures that were left out of a large report keep their figures', async (t) => {
  const document = segmentation();
  Object.assign(document.pictures[2], {image: null, ground_truth: null, outputs: document.pictures[2].outputs.map((each) => ({...each, ids: null}))});
  const {page} = await opened(t, document);
  assert.equal(await page.locator('.choices button').count(), 2);
  assert.match(await words(page.locator('header')), /3 pictures/);
  assert.match(await words(page.locator('.tiles')), /Worst picture: −0\.47 points/);
});
