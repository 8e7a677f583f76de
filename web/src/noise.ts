// SPDX-License-Identifier: Apache-2.0
// Which differences from the original are more than noise: the document says it, by docs/results.md.
import {MetricName, Noise, Variant} from './results';

export type Change = 'less' | 'same' | 'more' | 'noisy' | 'unknown';

const TIME_NOISE = 0.03;    // ratio of medians, when the original was not run twice
const MEMORY_NOISE = 0.02;  // peak memory moves by a few pages from run to run

// The machine's own, for charts and the row below the table.
export const timeNoise = (noise: Noise): number => noise.time_ratio_spread || TIME_NOISE;
export const memoryNoise = (noise: Noise): number => Math.max(MEMORY_NOISE, 2 * (noise.memory_ratio_spread ?? 0));

export const timeChange = (variant: Variant, _original?: Variant, _noise?: Noise): Change => variant.time_change;
export const memoryChange = (variant: Variant, _original?: Variant, _noise?: Noise): Change => variant.memory_change;

// A measure differs where its interval does not hold what the original has. One without an interval was not known to
// differ: no mark stands beside it. Decibels are a distance from the original in themselves.
export function metricChange(name: MetricName, variant: Variant, _original?: Variant, _noise?: Noise): Change {
  const interval = variant.intervals[name];
  if (interval === undefined || variant.metrics[name] === undefined || name.endsWith('_db')) return 'unknown';
  const [low, high] = interval;
  if (low !== null && low > 0) return 'more';
  return high !== null && high < 0 ? 'less' : 'same';
}
