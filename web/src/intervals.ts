// SPDX-License-Identifier: Apache-2.0
// How far a measure might be from its figure on other pictures of the kind, in words: few pictures tell little.
import {decibels, signedPoints} from './format';
import {METRICS} from './quality';
import {MetricName, TRUTH_METRICS, Variant} from './results';

const SPACE = '\u00a0';

// "−1.90 to +0.20 points" of a difference from the original, "98.00 to 99.70 %" of an agreement with it.
export function intervalWords(variant: Variant, name: MetricName): string | null {
  const ends = variant.intervals[name];
  if (!ends) return null;
  const [low, high] = ends;
  if (low === null || high === null) return 'not known from so few pictures';
  if (METRICS[name].show(0.5).endsWith('dB')) return `${decibels(low).replace(/\u00a0dB$/, '')} to ${decibels(high)}`;
  if (TRUTH_METRICS.includes(name)) return `${signedPoints(low)} to ${signedPoints(high)}${SPACE}points`;
  const part = (end: number) => (100 * Math.min(1, Math.max(0, 1 + end))).toFixed(2);
  return `${part(low)} to ${part(high)}${SPACE}%`;
}
