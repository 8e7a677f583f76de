// The report's first words: which variant to take, what it costs, and what did not change.
import {element, section, select} from './dom';
import {bytes, milliseconds, percent, spread} from './format';
import {Change, memoryChange, timeChange} from './noise';
import {accuracyOf, isAgainstTruth, Quality, qualityOf, recommend} from './quality';
import {originalOf, Results, Variant} from './results';

export function verdictSection(results: Results): HTMLElement {
  const quality = qualityOf(results);
  const words = element('div', {'aria-live': 'polite'});
  const show = (limit: number) => words.replaceChildren(...verdict(results, quality, limit));
  show(quality?.usual ?? 0);
  return section('verdict', 'Verdict', words, quality ? limitControl(quality, show) : null);
}

function limitControl(quality: Quality, changed: (limit: number) => void): HTMLElement {
  const options = quality.limits.map((each): [string, string] => [String(each), quality.limit(each)]);
  return select('Allowed loss', options, String(quality.usual), (value) => changed(Number(value)));
}

function verdict(results: Results, quality: Quality | null, limit: number): Node[] {
  const original = originalOf(results);
  const best = quality && recommend(results, quality, limit);
  const failures = results.variants.filter((each) => each.error !== null).map(failure);
  if (!quality) return [headline('Accuracy was not measured, so nothing can be recommended.'), ...failures];
  if (!best) return [headline('No smaller variant stays within the allowed loss.'),
                     ...nearest(results, quality), ...failures];
  return [headline(recommendation(best, original)), facts(best, results, quality), ...failures];
}

const headline = (words: string): HTMLElement => element('p', {class: 'headline'}, words);

const recommendation = (best: Variant, original: Variant): string =>
  `Take ${best.name}: ${bytes(best.bytes)} instead of ${bytes(original.bytes)}, ` +
  `${(original.bytes / best.bytes).toFixed(1)} times smaller.`;

function facts(best: Variant, results: Results, quality: Quality): HTMLElement {
  const original = originalOf(results);
  return element('dl', {class: 'facts'},
    ...fact('Accuracy', accuracyWords(best, original, quality)),
    ...fact('Time', timeWords(best, original, results.noise)),
    ...fact('Memory', memoryWords(best, original)));
}

const fact = (name: string, words: string): HTMLElement[] =>
  [element('dt', {}, name), element('dd', {}, words)];

export function accuracyWords(best: Variant, original: Variant, quality: Quality): string {
  const words = accuracyOf(best, quality);
  const before = original.metrics[quality.metric];
  const agreement = best.metrics.agreement;
  if (!isAgainstTruth(quality) || typeof before !== 'number') return `${words}, measured against the original.`;
  const pixels = typeof agreement === 'number' ? ` Agreement with the original: ${percent(agreement)}.` : '';
  return `${words}, the original has ${quality.show(before)}.${pixels}`;
}

const TIME_WORDS: Record<Change, string> = {
  less: 'Faster', more: 'Slower', same: 'Not measurably changed', unknown: 'Not measured',
};
const MEMORY_WORDS: Record<Change, string> = {
  less: 'Less peak memory', more: 'More peak memory', same: 'Practically unchanged', unknown: 'Not measured',
};

export function timeWords(best: Variant, original: Variant, noise: number): string {
  const change = timeChange(best, original, noise);
  if (change === 'unknown') return 'Not measured.';
  return `${TIME_WORDS[change]}: median ${timeOf(best)} against ${timeOf(original)}. ` +
    `Noise of the machine: ${percent(noise, 1)}.`;
}

const timeOf = (variant: Variant): string =>
  variant.spread_ms === null ? milliseconds(variant.median_ms ?? 0) : spread(variant.median_ms ?? 0, variant.spread_ms / 2);

export function memoryWords(best: Variant, original: Variant): string {
  const change = memoryChange(best, original);
  if (change === 'unknown') return 'Not measured.';
  return `${MEMORY_WORDS[change]}: ${bytes(best.peak_memory_bytes ?? 0)} against ` +
    `${bytes(original.peak_memory_bytes ?? 0)}.`;
}

function nearest(results: Results, quality: Quality): Node[] {
  const original = originalOf(results);
  const losses = results.variants
    .filter((each) => each !== original && quality.loss(each) !== null)
    .sort((a, b) => (quality.loss(a) as number) - (quality.loss(b) as number));
  if (losses.length === 0) return [];
  return [element('p', {}, `The closest is ${losses[0].name}: ${accuracyOf(losses[0], quality)}.`)];
}

const failure = (variant: Variant): HTMLElement =>
  element('p', {class: 'failure'}, `${variant.name} failed: ${variant.error}`);
