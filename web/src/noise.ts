// SPDX-License-Identifier: Apache-2.0
// Which differences from the original are more than noise: the rules of docs/results.md, "The verdict".
import {MetricName, Noise, Variant} from './results';

export type Change = 'less' | 'same' | 'more' | 'unknown';

const TIME_NOISE = 0.03;    // ratio of medians, when the original was not run twice
const MEMORY_NOISE = 0.02;  // peak memory moves by a few pages from run to run

const TOO_NOISY = 0.15;    // two runs of the original this far apart leave nothing to say about time

export const isTooNoisy = (noise: Noise): boolean => timeNoise(noise) > TOO_NOISY;
export const timeNoise = (noise: Noise): number => noise.time_ratio_spread ?? TIME_NOISE;
export const memoryNoise = (noise: Noise): number => Math.max(MEMORY_NOISE, 2 * (noise.memory_ratio_spread ?? 0));

// Medians differ when they lie further apart than either spread and than the machine's own noise.
export function timeChange(variant: Variant, original: Variant, noise: Noise): Change {
  if (variant.median_ms === null || original.median_ms === null) return 'unknown';
  const spread = Math.max(variant.spread_ms ?? 0, original.spread_ms ?? 0);
  const floor = Math.max(spread, timeNoise(noise) * original.median_ms);
  return changeOf(variant.median_ms - original.median_ms, floor);
}

export function memoryChange(variant: Variant, original: Variant, noise: Noise): Change {
  if (variant.peak_memory_bytes === null || original.peak_memory_bytes === null) return 'unknown';
  const floor = memoryNoise(noise) * original.peak_memory_bytes;
  return changeOf(variant.peak_memory_bytes - original.peak_memory_bytes, floor);
}

export function metricChange(name: MetricName, variant: Variant, original: Variant, noise: Noise): Change {
  const [value, before] = [variant.metrics[name], original.metrics[name]];
  if (value === undefined || before === undefined) return 'unknown';
  return changeOf(value - before, (noise.metrics[name] ?? 0) + 1e-9);
}

const changeOf = (difference: number, floor: number): Change =>
  Math.abs(difference) <= floor ? 'same' : difference < 0 ? 'less' : 'more';
