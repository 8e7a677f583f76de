// SPDX-License-Identifier: Apache-2.0
// The report's first words: which variant to take, what it costs, and what did not change.
import {element, section, select} from './dom';
import {bytes, milliseconds, percent, points, spread, times} from './format';
import {Change, isTooNoisy, memoryChange, memoryNoise, timeChange, timeNoise} from './noise';
import {accuracyOf, choose, METRICS, Quality, qualityOf} from './quality';
import {isNumber, originalOf, Picture, Results, Variant} from './results';

export function verdictSection(results: Results): HTMLElement {
  const quality = qualityOf(results);
  const words = element('div', {'aria-live': 'polite'});
  const show = (limit: number) => words.replaceChildren(...verdict(results, quality, limit));
  show(quality?.usual ?? 0);
  return section('verdict', 'Verdict', partial(results), poorTruth(results, quality), words, quality ? limitControl(quality, show) : null);
}

function partial(results: Results): HTMLElement | null {
  if (!results.partial) return null;
  const {done, total} = results.partial;
  return element('p', {class: 'warning'}, `The run has not come to its end: ${done} of ${total} measurements are in.`);
}

const POOR = 0.2;  // of the original itself: pictures and truth hardly belong together

function poorTruth(results: Results, quality: Quality | null): HTMLElement | null {
  const value = quality?.againstTruth ? originalOf(results).metrics[quality.metric] : undefined;
  if (value === undefined || value >= POOR) return null;
  return element('p', {class: 'warning'}, `The original itself reaches only ${quality!.label} ${quality!.show(value)}: ` +
    'does the truth belong to these pictures, and do its ids mean the classes of the model?');
}

function limitControl(quality: Quality, changed: (limit: number) => void): HTMLElement {
  const options = quality.limits.map((each): [string, string] => [String(each), quality.limit(each)]);
  return select('Allowed loss', options, String(quality.usual), (value) => changed(Number(value)));
}

function verdict(results: Results, quality: Quality | null, limit: number): Node[] {
  const failures = results.variants.filter((each) => each.error !== null).map(failure);
  if (!quality) return [headline('Accuracy was not measured, so nothing can be recommended.'), ...failures];
  const {smallest, recommended} = choose(results, quality, limit);
  if (!smallest || !recommended) return [headline('No smaller variant stays within the allowed loss.'),
                                         ...nearest(results, quality), ...failures];
  return [headline(recommendation(recommended, originalOf(results), quality)),
          element('p', {class: 'lead'}, ...[smallestWords(smallest, recommended, quality),
                                            unchangedWords(recommended, results)].map((each) => `${each} `)),
          tiles(recommended, results, quality), ...failures];
}

const headline = (words: string): HTMLElement => element('p', {class: 'headline'}, words);

function recommendation(best: Variant, original: Variant, quality: Quality): string {
  return `Take ${best.name}: ${bytes(best.bytes)} instead of ${bytes(original.bytes)}, ` +
    `${times(original.bytes / best.bytes)} times smaller, ${lossWords(best, quality)}.`;
}

function lossWords(variant: Variant, quality: Quality): string {
  const loss = quality.loss(variant) ?? 0;
  if (loss === -Infinity) return 'equal outputs';
  if (!quality.againstTruth) return `${quality.label} ${quality.show(variant.metrics[quality.metric] ?? 0)}`;
  if (Math.abs(loss) < 5e-6) return `${quality.label} unchanged`;
  return `${quality.label} ${points(Math.abs(loss))} ${loss > 0 ? 'lower' : 'higher'}`;
}

function smallestWords(smallest: Variant, recommended: Variant, quality: Quality): string {
  if (smallest === recommended) return 'It is the smallest within the allowed loss.';
  return `The smallest within the allowed loss is ${smallest.name}: ${bytes(smallest.bytes)}, ${lossWords(smallest, quality)}.`;
}

// What stays as it was is said as plainly as what became better.
function unchangedWords(best: Variant, results: Results): string {
  const original = originalOf(results);
  const [time, memory] = [timeChange(best, original, results.noise), memoryChange(best, original, results.noise)];
  if (time === 'same' && isTooNoisy(results.noise))
    return `The machine was too busy to compare times${memory === 'same' ? '; memory did not change measurably' : ''}.`;
  if (time === 'same' && memory === 'same') return 'Time and memory did not change measurably.';
  if (time === 'same') return `Time did not change measurably; memory ${memory === 'less' ? 'fell' : memory === 'more' ? 'rose' : 'was not measured'}.`;
  if (memory === 'same') return `Memory did not change measurably; it runs ${time === 'less' ? 'faster' : time === 'more' ? 'slower' : 'at a time not measured'}.`;
  return '';
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
  const words = quality.againstTruth && isNumber(before)
    ? [`${quality.label}; the original has ${quality.show(before)}`,
       isNumber(agreement) ? `${percent(agreement)} agreement with it` : '']
    : [`${quality.label} with the original`];
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
  if (change === 'unknown' || value === null || before === null) return 'Not measured';
  if (change === 'same') return 'Unchanged';
  const share = Math.abs(value / before - 1);
  return share >= 1 ? `${times(value / before)}× as much` : `${percent(share, 0)} ${change === 'less' ? less : more}`;
}

function timeFigure(best: Variant, original: Variant, results: Results): string {
  const change = timeChange(best, original, results.noise);
  if (change === 'same' && isTooNoisy(results.noise)) return 'Too noisy to tell';
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

function nearest(results: Results, quality: Quality): Node[] {
  const original = originalOf(results);
  const losses = results.variants
    .filter((each) => each !== original && quality.loss(each) !== null)
    .sort((a, b) => (quality.loss(a) as number) - (quality.loss(b) as number));
  if (losses.length === 0) return [];
  return [element('p', {class: 'lead'}, `The closest is ${losses[0].name}: ${accuracyOf(losses[0], quality)}.`)];
}

const failure = (variant: Variant): HTMLElement =>
  element('p', {class: 'failure'}, `${variant.name} failed: ${variant.error}`);
