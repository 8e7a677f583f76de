// SPDX-License-Identifier: Apache-2.0
// Figures as words. Units are decimal: 1 MB = 1 000 000 bytes.

// Words of one figure stay on one line.
const SPACE = '\u00a0';
const MINUS = '−';
const signed = (text: string): string => text.replace(/^-/, MINUS);

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : significant(value)}${SPACE}${units[unit]}`;
}

const significant = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

// Milliseconds in the unit that leaves at least one digit before the point: [milliseconds in one, its name].
export const timeUnit = (milliseconds: number): [number, string] =>
  milliseconds >= 10_000 ? [1000, 's'] : milliseconds >= 1 || milliseconds === 0 ? [1, 'ms'] : [0.001, 'µs'];

export function milliseconds(value: number): string {
  const [scale, unit] = timeUnit(value);
  return `${significant(value / scale)}${SPACE}${unit}`;
}

// Rounds down, so that 99.996 % never reads as a perfect 100 %.
export function percent(fraction: number, digits = 2): string {
  const scale = 10 ** digits;
  return `${signed((Math.floor(fraction * 100 * scale + 1e-6) / scale).toFixed(digits))}${SPACE}%`;
}

export const points = (fraction: number): string => {
  const value = Math.abs(fraction * 100);
  if (value > 1e-9 && value < 0.005) return `less than 0.01${SPACE}points`;
  const text = value.toFixed(2).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  return `${fraction < 0 && text !== '0' ? MINUS : ''}${text}${SPACE}point${text === '1' ? '' : 's'}`;
};

export const signedPoints = (fraction: number): string => {
  const text = Math.abs(fraction * 100).toFixed(2);
  return text === '0.00' ? '±0' : `${fraction < 0 ? MINUS : '+'}${text}`;
};

export const decibels = (value: number): string => `${signed(value.toFixed(1))}${SPACE}dB`;

export const ratio = (value: number): string => `${value.toFixed(value < 9.95 ? 2 : 1)}×`;

export const times = (value: number): string => value.toFixed(value < 1.95 ? 2 : 1);

export function scientific(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 0.001 && Math.abs(value) < 1000) return signed(Number(value.toPrecision(3)).toString());
  return signed(value.toExponential(1));
}

// Both figures with the same digits, as many as the spread deserves.
export function spread(median: number, half: number): string {
  const [scale, unit] = timeUnit(median);
  const digits = half / scale >= 10 ? 0 : half / scale >= 0.1 ? 1 : 2;
  return `${(median / scale).toFixed(digits)}${SPACE}±${SPACE}${(half / scale).toFixed(digits)}${SPACE}${unit}`;
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

export const integer = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

export function listed(words: string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
