// SPDX-License-Identifier: Apache-2.0
// The report's first words: which variant to take, what it costs, and what did not change. They are the document's own,
// the same that the terminal and Markdown show.
import {element, section, select} from './dom';
import {bytes, milliseconds, percent, points, spread, times} from './format';
import {intervalWords} from './intervals';
import {Change, memoryChange, memoryNoise, timeChange, timeNoise} from './noise';
import {choose, METRICS, Quality, qualityOf} from './quality';
import {isNumber, originalOf, Picture, Results, Variant} from './results';

export function verdictSection(results: Results): HTMLElement {
  const quality = qualityOf(results);
  const words = element('div', {'aria-live': 'polite'});
  const show = (limit: number) => words.replaceChildren(...verdict(results, quality, limit));
  show(quality?.usual ?? 0);
  return section('verdict', 'Verdict', partial(results), words, quality ? limitControl(quality, show) : null);
}

function partial(results: Results): HTMLElement | null {
  if (!results.partial) return null;
  const {done, total} = results.partial;
  return element('p', {class: 'warning'}, `The run has not come to its end: ${done} of ${total} measurements are in.`);
}

function limitControl(quality: Quality, changed: (limit: number) => void): HTMLElement {
  const options = quality.limits.map((each): [string, string] => [String(each), quality.limit(each)]);
  return select('Allowed loss', options, String(quality.usual), (value) => changed(Number(value)));
}

function verdict(results: Results, quality: Quality | null, limit: number): Node[] {
  const failures = results.variants.filter((each) => each.error !== null).map(failure);
  const {words, recommended} = choose(results, limit);
  const [first, ...rest] = words.length > 0 ? words : results.words.length > 0 ? results.words
    : ['Nothing was measured that a verdict could rest on.'];
  const kind = results.verdict?.doubtful_truth ? 'headline warning' : 'headline';
  return [element('p', {class: kind}, first), ...(rest.length > 0 ? [element('p', {class: 'lead'}, rest.join(' '))] : []),
          ...(recommended && quality ? [tiles(recommended, results, quality)] : []), ...failures];
}

function tiles(best: Variant, results: Results, quality: Quality): HTMLElement {
  const original = originalOf(results);
  return element('dl', {class: 'tiles'},
    tile('Size', `${times(original.bytes / best.bytes)}× smaller`, `${bytes(best.bytes)} instead of ${bytes(original.bytes)}`),
    tile('Accuracy', accuracyFigure(best, quality), accuracyWords(best, results, quality)),
    tile('Time', timeFigure(best, original, results), timeWords(best, original, results)),
    tile('Peak memory', changeFigure(memoryChange(best, original, results.noise), best.peak_memory_bytes,
                                     original.peak_memory_bytes, 'less', 'more'), memoryWords(best, original, results)));
}

const tile = (name: string, figure: string, words: string): HTMLElement =>
  element('div', {}, element('dt', {}, name), element('dd', {class: 'figure'}, figure), element('dd', {}, words));

function accuracyFigure(best: Variant, quality: Quality): string {
  const value = best.metrics[quality.metric];
  return isNumber(value) ? quality.show(value) : 'Equal';
}

function accuracyWords(best: Variant, results: Results, quality: Quality): string {
  const before = originalOf(results).metrics[quality.metric];
  const agreement = best.metrics.agreement;
  const interval = intervalWords(best, quality.metric);
  const words = quality.againstTruth && isNumber(before)
    ? [`${quality.label}; the original has ${quality.show(before)}`,
       interval ? `95 % interval of the difference: ${interval}` : '',
       isNumber(agreement) ? `${percent(agreement)} agreement with it` : '']
    : [`${quality.label} with the original`, interval ? `95 % interval: ${interval}` : ''];
  return [...words, worstWords(best, results, quality)].filter(Boolean).join('. ') + '.';
}

// A mean can hide one picture that broke.
function worstWords(best: Variant, results: Results, quality: Quality): string {
  const index = results.variants.indexOf(best);
  const original = results.variants.indexOf(originalOf(results));
  const {metric} = quality;
  const losses = results.pictures.flatMap((each): [Picture, number][] => {
    const [value, before] = [each.outputs[index].metrics[metric], each.outputs[original].metrics[metric]];
    if (value === undefined) return [];
    return quality.againstTruth ? (before === undefined ? [] : [[each, before - value]]) : [[each, -value]];
  });
  if (losses.length < 2 || results.model.task === 'classification') return '';
  const [picture, loss] = losses.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (!quality.againstTruth) return `Worst picture: ${METRICS[metric].show(-loss)}, ${picture.name}`;
  return loss <= 0 ? 'No picture lost' : `Worst picture: ${points(-loss)}, ${picture.name}`;
}

function changeFigure(change: Change, value: number | null, before: number | null, less: string, more: string): string {
  if (change === 'unknown' || change === 'noisy' || value === null || before === null) return 'Not measured';
  if (change === 'same') return 'Unchanged';
  const share = Math.abs(value / before - 1);
  return share >= 1 ? `${times(value / before)}× as much` : `${percent(share, 0)} ${change === 'less' ? less : more}`;
}

function timeFigure(best: Variant, original: Variant, results: Results): string {
  const change = timeChange(best, original, results.noise);
  if (change === 'noisy') return 'Too noisy to tell';
  return changeFigure(change, best.median_ms, original.median_ms, 'faster', 'slower');
}

function timeWords(best: Variant, original: Variant, results: Results): string {
  if (best.median_ms === null || original.median_ms === null) return '';
  const floor = results.noise.time_ratio_spread === null ? 'taken as noise' : 'between two runs of the original';
  return `${timeOf(best)} against ${timeOf(original)}; ${percent(timeNoise(results.noise), 1)} ${floor}.`;
}

export const timeOf = (variant: Variant): string =>
  variant.spread_ms === null ? milliseconds(variant.median_ms ?? 0) : spread(variant.median_ms ?? 0, variant.spread_ms / 2);

function memoryWords(best: Variant, original: Variant, results: Results): string {
  if (best.peak_memory_bytes === null || original.peak_memory_bytes === null) return '';
  const measured = results.noise.memory_ratio_spread;
  const floor = measured === null ? `below ${percent(memoryNoise(results.noise), 0)} taken as noise`
                                  : `${percent(measured, 1)} between two runs of the original`;
  return `${bytes(best.peak_memory_bytes)} against ${bytes(original.peak_memory_bytes)}; ${floor}.`;
}

const failure = (variant: Variant): HTMLElement =>
  element('p', {class: 'failure'}, `${variant.name} failed: ${variant.error}`);
