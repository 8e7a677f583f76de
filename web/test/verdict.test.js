// SPDX-License-Identifier: Apache-2.0
// The words and the table.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {reports, words} from './browser.js';
import {imageToImage, oldSegmentation, onePerson, report, segmentation} from './fixture.js';

const open = reports();
const headline = (page) => words(page.locator('.headline'));
const allow = (page, loss) => page.getByRole('combobox', {name: 'Allowed loss'}).selectOption(loss);
const names = (page) => page.locator('#variants > .scroller tbody th > span').evaluateAll((all) => all.map((each) => each.firstChild.data));
const heading = (page, name) => page.locator('#variants > .scroller').getByRole('button', {name, exact: true});

// What the program made of the cases that its own tests read: the page says it word for word.
const CASES = JSON.parse(readFileSync(new URL('../../tests/compare/verdict_cases.json', import.meta.url), 'utf8'));

function documentOf({variants, expected, task}) {
  const document = segmentation();
  const at = (name) => (name ? variants.findIndex((each) => each.name === name) : null);
  const rows = variants.map((each, index) => ({...document.variants[0], class_iou: [], layers: [], is_original: index === 0, ...each}));
  const choice = {allowed_loss: 0.005, limit: 'within 0.5 points', smallest: at(expected.smallest), recommended: at(expected.recommended),
                  closest: at(expected.closest), words: expected.words};
  return {...document, variants: rows, histograms: [], pictures: [], measures: [], words: expected.words, model: {...document.model, task},
          verdict: expected.standings ? {metric: 'miou', allowed_loss: 0.005, choices: [choice]} : null};
}

for (const example of CASES.filter((each) => each.expected.words)) {
  test(`says what was decided: ${example.name}`, async (t) => {
    const {page} = await open(t, documentOf(example));
    const [first, ...rest] = example.expected.words;
    assert.equal(await headline(page), first);
    if (rest.length > 0) assert.equal(await words(page.locator('#verdict .lead')), rest.join(' '));
    assert.equal(await page.locator('.tiles').count(), example.expected.recommended ? 1 : 0);
    const badge = page.locator('#variants tbody tr', {has: page.locator('.badge.recommended')});
    assert.equal(await badge.count(), example.expected.recommended ? 1 : 0);
    if (example.expected.recommended) assert.ok((await words(badge)).startsWith(example.expected.recommended));
  });
}

test('looks up the verdict of the allowed loss that is chosen', async (t) => {
  const {page} = await open(t, segmentation());
  assert.match(await headline(page), /^Take kmeans 6:/);
  await allow(page, '0.02');
  assert.match(await headline(page), /^Take kmeans 4:/);
});

test('says what did not change, with spread and noise', async (t) => {
  const {page} = await open(t, segmentation());
  assert.match(await words(page.locator('#verdict .lead')), /Time and memory did not change beyond noise/);
  const tile = page.locator('.tiles > div', {hasText: 'Time'});
  assert.match(await words(tile), /Unchanged.*150\.5 ± 0\.8 ms against 150\.5 ± 0\.8 ms; 3\.0 % between two runs of the original/);
});

test('does not judge times of a busy machine', async (t) => {
  const document = segmentation();
  document.variants.forEach((each) => (each.time_change = 'noisy'));
  const {page} = await open(t, document);
  assert.match(await words(page.locator('.tiles')), /Too noisy to tell/);
});

test('no arrow stands inside the interval of a difference', async (t) => {
  const document = segmentation();
  document.variants[2].metrics.miou = 0.73;
  document.variants[2].intervals = {miou: [-0.01, 0.05]};
  document.variants[6].intervals = {miou: [-0.4, -0.2]};
  const {page} = await open(t, document);
  const cell = (name) => page.locator('#variants > .scroller tbody tr', {hasText: name}).locator('td').nth(2);
  assert.match(await words(cell('linear 8')), /73\.00/);
  assert.equal(await cell('linear 8').locator('.mark').count(), 0);
  assert.equal(await cell('linear 4').locator('.mark.worse').count(), 1);
});

test('names the class that alone is judged', async (t) => {
  const {page} = await open(t, onePerson());
  assert.match(await words(page.locator('.tiles')), /IoU of person; the original has 71\.00 %/);
  assert.equal(await heading(page, 'IoU of person').count(), 1);
  assert.equal(await heading(page, 'mIoU').count(), 0);
  assert.match(await words(page.locator('#measured')), /Truth from masks of one class, person\./);
});

test('says when a run has not ended', async (t) => {
  const {page} = await open(t, {...segmentation(), partial: {done: 30, total: 120}});
  assert.match(await words(page.locator('.warning')), /30 of 120/);
});

test('judges values by decibels, and takes equal outputs as no loss', async (t) => {
  const document = {...imageToImage(), pictures: []};
  document.model.task = 'arrays';
  document.variants.forEach((each, i) => (each.metrics = {agreement: 0.1, snr_db: i === 1 ? 20 : null, max_relative_difference: i === 1 ? 0.1 : 0}));
  const {page} = await open(t, document);
  assert.match(await headline(page), /^Take kmeans 6:/);
});

test('follows an allowed loss that the run stated', async (t) => {
  const {page} = await open(t, {...segmentation(), verdict: {metric: 'miou', allowed_loss: 0.015}});
  assert.equal(await page.getByRole('combobox', {name: 'Allowed loss'}).inputValue(), '0.015');
  assert.match(await headline(page), /^Take kmeans 4:/);
});

test('marks only differences beyond noise, and says which are for the better', async (t) => {
  const {page} = await open(t, segmentation());
  const marks = async (row, column, kind) => {
    const titles = await page.locator('#variants > .scroller .headings button').allTextContents();
    return page.locator('#variants > .scroller tbody tr', {hasText: row}).locator('td').nth(titles.indexOf(column) - 1).locator(kind).count();
  };
  assert.equal(await marks('kmeans 2', 'Median time', '.mark.worse'), 1);
  assert.equal(await marks('linear 8', 'Median time', '.mark'), 0);
  assert.equal(await marks('float16', 'Peak memory', '.mark'), 0);
  assert.equal(await marks('kmeans 2', 'Peak memory', '.mark.better'), 1);
  assert.equal(await marks('linear 4', 'mIoU', '.mark'), 0);
  assert.match(await words(page.locator('tfoot')), /±3\.0 %±0\.2 %/);
});

test('says within what a measure lies, below it where it decides and on hovering', async (t) => {
  const document = segmentation();
  Object.assign(document.variants[3], {intervals: {miou: [-0.019, 0.002], agreement: [-0.02, -0.001], boundary_f: [null, null]}});
  const {page} = await open(t, document);
  const row = page.locator('#variants > .scroller tbody tr', {hasText: 'kmeans 6'});
  assert.equal(await words(row.locator('.interval')), '−1.90 to +0.20');
  const titles = await row.locator('td[title]').evaluateAll((all) => all.map((each) => each.title.replace(/\u00a0/g, ' ')));
  assert.deepEqual(titles, ['95 % interval: −1.90 to +0.20 points', '95 % interval: not known from so few pictures',
                            '95 % interval: 98.00 to 99.90 %']);
  assert.match(await words(page.locator('#variants > .note')), /at 95 %/);
});

test('sorts by keyboard, both ways, missing figures last', async (t) => {
  const document = segmentation();
  const {page} = await open(t, document);
  await heading(page, 'Size').focus();
  await page.keyboard.press('Enter');
  const bySize = [...document.variants].sort((a, b) => a.bytes - b.bytes).map((each) => each.name);
  assert.deepEqual(await names(page), bySize);
  assert.equal(await page.locator('[aria-sort=ascending]').textContent(), 'Size');
  await page.keyboard.press('Enter');
  assert.deepEqual(await names(page), bySize.reverse());
  await heading(page, 'Agreement').click();
  assert.equal((await names(page)).at(-1), document.variants.at(-1).name);
});

test('lists the IoU of each class', async (t) => {
  const {page} = await open(t, segmentation());
  await page.locator('.classes summary').click();
  assert.deepEqual(await page.locator('details tbody th').allTextContents(), ['background', 'cat', 'person']);
  assert.ok(await page.locator('details td.shaded').count() > 0);
});

test('shows documents of nbits 0.1.0', async (t) => {
  const {page, faults} = await open(t, oldSegmentation());
  assert.deepEqual(await page.locator('h2').allTextContents(), ['Verdict', 'Variants', 'Charts', 'Pictures', 'Files left out', 'How this was measured']);
  assert.deepEqual(faults, []);
});

test('a document that is none says so', async (t) => {
  const {page} = await open(t, report({format: 'other'}));
  assert.match(await page.getByRole('alert').textContent(), /not an nbits-results document/);
});
