// Which differences are more than noise.
import {Variant} from './results';

export type Change = 'less' | 'same' | 'more' | 'unknown';

// Peak memory moves by a few pages from run to run; below this ratio we call it the same.
const MEMORY_NOISE = 0.02;

// Medians differ when they lie further apart than either spread and than the machine's own noise.
export function timeChange(variant: Variant, original: Variant, noise: number): Change {
  if (variant.median_ms === null || original.median_ms === null) return 'unknown';
  const spread = Math.max(variant.spread_ms ?? 0, original.spread_ms ?? 0);
  const floor = Math.max(spread, noise * original.median_ms);
  return changeOf(variant.median_ms - original.median_ms, floor);
}

export function memoryChange(variant: Variant, original: Variant): Change {
  if (variant.peak_memory_bytes === null || original.peak_memory_bytes === null) return 'unknown';
  const floor = MEMORY_NOISE * original.peak_memory_bytes;
  return changeOf(variant.peak_memory_bytes - original.peak_memory_bytes, floor);
}

const changeOf = (difference: number, floor: number): Change =>
  Math.abs(difference) <= floor ? 'same' : difference < 0 ? 'less' : 'more';
