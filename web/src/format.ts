// Figures as words. Units are decimal: 1 MB = 1 000 000 bytes.

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : significant(value)} ${units[unit]}`;
}

const significant = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

export const milliseconds = (value: number): string => `${significant(value)} ms`;

// Rounds down, so that 99.996 % never reads as a perfect 100 %.
export function percent(fraction: number, digits = 2): string {
  const scale = 10 ** digits;
  return `${(Math.floor(fraction * 100 * scale + 1e-6) / scale).toFixed(digits)} %`;
}

export const points = (fraction: number): string => `${(fraction * 100).toFixed(2)} points`;

export const decibels = (value: number): string => `${value.toFixed(1)} dB`;

export const ratio = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)}×`;

export const scientific = (value: number): string => (value === 0 ? '0' : value.toExponential(1));

// Both figures with the same digits, as many as the spread deserves.
export function spread(median: number, half: number): string {
  const digits = half >= 10 ? 0 : half >= 0.1 ? 1 : 2;
  return `${median.toFixed(digits)} ± ${half.toFixed(digits)} ms`;
}
