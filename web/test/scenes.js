// SPDX-License-Identifier: Apache-2.0
// Drawn pictures: two figures before a landscape, and masks whose outline and inside get worse with the damage.
export const SIZE = 192;

const wave = (x, y, seed) => Math.sin(x * 0.11 + seed) * Math.sin(y * 0.13 + seed * 2) + 0.5 * Math.sin((x + y) * 0.31 + seed);
const person = (x, y, c) => Math.hypot((x - c) / 24, (y - 70) / 30) < 1 || Math.hypot((x - c) / 52, (y - 190) / 92) < 1;
const cat = (x, y, c) => Math.hypot((x - c) / 27, (y - 140) / 22) < 1 || Math.hypot((x - c) / 21, (y - 178) / 32) < 1;

export function classAt(x, y, seed, damage) {
  const shift = damage * 26 * wave(x, y, seed);
  if (person(x + shift, y - shift, 70 + 8 * seed)) return damage > 0.1 && wave(x, y, seed + 3) > 1.45 - damage ? 0 : 15;
  if (cat(x - shift, y + shift, 150)) return damage > 0.3 && wave(x, y, seed) > 0.7 ? 12 : 8;
  return 0;
}

export function colourAt(x, y, seed) {
  const id = classAt(x, y, seed, 0);
  const light = 14 * wave(x * 3, y * 3, seed);
  if (id === 15) return (y < 100 ? [222, 178, 150] : [60, 84, 140]).map((value) => clamp(value + light));
  if (id === 8) return [196, 140, 80].map((value) => clamp(value + 2 * light));
  const sky = y < 110 + 12 * Math.sin(x / 20 + seed);
  return (sky ? [150 + y / 3, 190 + y / 4, 230] : [90 + light, 140 - y / 4 + light, 70]).map(clamp);
}

export const viewAt = (x, y, damage) => [2 * x, 3 * y, 90 + damage * 900 * wave(x, y, 1)].map(clamp);

// 0..255, soft at the edge.
export const matteAt = (x, y, damage) => clamp(255 * (0.5 + (60 - Math.hypot(x - 90 - 30 * damage, y - 100)) / 12));

export const clamp = (value) => Math.max(0, Math.min(255, Math.round(value)));

export function agreementOf(seed, damage) {
  let same = 0;
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) same += classAt(x, y, seed, damage) === classAt(x, y, seed, 0);
  return same / (SIZE * SIZE);
}
