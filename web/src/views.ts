// SPDX-License-Identifier: Apache-2.0
// The views drawn from pictures and masks: overlay, blurred and removed background, heat maps of difference.
import {canvas, IGNORED, Ids} from './masks';

export type Colour = [number, number, number];

const CHANGED: Colour = [230, 0, 122];
const RIGHT: Colour = [60, 150, 110];
const FULL_HEAT = 32;  // of 255: differences from here on are drawn in the hottest colour

export function parseColours(colours: string[], count: number): Colour[] {
  return Array.from({length: Math.max(count, 256)}, (_, id) => parseColour(colours[id]) ?? spreadColour(id));
}

function parseColour(value: string | undefined): Colour | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(value ?? '');
  return match ? [parseInt(match[1], 16), parseInt(match[2], 16), parseInt(match[3], 16)] : null;
}

// Neighbouring ids get hues a golden angle apart.
function spreadColour(id: number): Colour {
  const hue = (id * 137.508) % 360;
  const channel = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

const OUTLINE: Colour = [255, 255, 255];
const AROUND: Colour = [0, 0, 0];

// The background stays clear, so that what was found stands out. A light line inside its edge and a dark one outside
// show it on any picture, whatever the class's colour: VOC's cat is dark red. A thin line parts one class from another.
export function overlay(picture: ImageData, mask: Ids, colours: Colour[], background: number, opacity: number): ImageData {
  const clear = (id: number) => id === background || id === IGNORED;
  return eachPixel(picture, (data, i, at) => {
    const isClear = clear(mask.ids[i]);
    if (!isClear) mix(data, at, colours[mask.ids[i]], opacity);
    if (bordersOn(mask, i, (other) => clear(other) !== isClear)) mix(data, at, isClear ? AROUND : OUTLINE, isClear ? 0.6 : 0.9);
    else if (!isClear && isLine(mask, i)) mix(data, at, OUTLINE, 0.45);
  });
}

// Whether a pixel above, below or beside is such.
function bordersOn({ids, width, height}: Ids, i: number, is: (id: number) => boolean): boolean {
  const x = i % width;
  return (x > 0 && is(ids[i - 1])) || (x + 1 < width && is(ids[i + 1])) || (i >= width && is(ids[i - width])) ||
    (i + width < width * height && is(ids[i + width]));
}

const UNKNOWN: Colour = [224, 224, 192];  // where no class is known, as in the masks of Pascal VOC

// Each class in its colour, nothing of the picture. A grey line parts the classes: some colours are next to black.
export function classesAlone(mask: Ids, colours: Colour[]): ImageData {
  return eachPixel(new ImageData(mask.width, mask.height), (data, i, at) => {
    paint(data, at, mask.ids[i] === IGNORED ? UNKNOWN : colours[mask.ids[i]]);
    if (isLine(mask, i)) paint(data, at, LINE);
  });
}

const LINE: Colour = [160, 160, 160];

const isLine = ({ids, width, height}: Ids, i: number): boolean =>
  (i % width + 1 < width && ids[i + 1] !== ids[i]) || (i + width < width * height && ids[i + width] !== ids[i]);

// White where all is foreground, black where nothing is.
export function matteAlone(matte: Ids): ImageData {
  return eachPixel(new ImageData(matte.width, matte.height), (data, i, at) => {
    const share = matte.ids[i];
    paint(data, at, [share, share, share]);
  });
}

// Black to violet, orange and white, as flames do.
const FLAME: Colour[] = [[10, 8, 24], [86, 20, 110], [186, 54, 85], [249, 142, 9], [252, 255, 200]];

export function flame(share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (FLAME.length - 1);
  const low = Math.min(FLAME.length - 2, Math.floor(place));
  return FLAME[low].map((value, c) => Math.round(value + (place - low) * (FLAME[low + 1][c] - value))) as Colour;
}

export const flameGradient = (): string =>
  `linear-gradient(90deg, ${FLAME.map((colour) => `rgb(${colour.join(' ')})`).join(', ')})`;

// Classes: changed or not. The picture stays visible behind, pale and grey.
export function changedClasses(picture: ImageData, mask: Ids, original: Ids): ImageData {
  return eachPixel(picture, (data, i, at) => {
    if (mask.ids[i] !== original.ids[i]) mix(data, at, CHANGED, 1);
    else pale(data, at);
  });
}

// Against the truth: right classes green, wrong ones in the colour of change, unknown ones pale. Where the truth marks
// one class (`judged`), the others are one and the same to it.
export function errors(picture: ImageData, mask: Ids, truth: Ids, background: number, judged: number | null): ImageData {
  return eachPixel(picture, (data, i, at) => {
    const [is, should] = [mask.ids[i], truth.ids[i]];
    const right = judged === null ? is === should : (is === judged) === (should === judged);
    const known = judged !== null || should !== IGNORED;
    pale(data, at);
    if (known && !right) mix(data, at, CHANGED, 0.9);
    else if (right && (judged === null ? should !== background : should === judged)) mix(data, at, RIGHT, 0.55);
  });
}

export function matteHeat(picture: ImageData, matte: Ids, original: Ids): ImageData {
  return eachPixel(picture, (data, i, at) => {
    const difference = Math.abs(matte.ids[i] - original.ids[i]);
    pale(data, at);
    if (difference > 0) mix(data, at, flame(0.3 + 0.7 * (difference / 255)), Math.min(1, 0.2 + difference / 96));
  });
}

// The original stays visible behind, pale and grey: without it nothing would be seen of outputs that are equal.
export function pictureHeat(picture: ImageData, original: ImageData): ImageData {
  const from = original.data;
  return eachPixel(picture, (data, _, at) => {
    let difference = 0;
    for (let c = 0; c < 3; c++) difference = Math.max(difference, Math.abs(data[at + c] - from[at + c]));
    pale(data, at);
    if (difference > 0) mix(data, at, flame(difference / FULL_HEAT), Math.min(1, 0.4 + (2 * difference) / FULL_HEAT));
  });
}

export function blurredBackground(picture: ImageData, foreground: Ids): ImageData {
  const soft = blurred(picture, foreground).data;
  return eachPixel(picture, (data, i, at) => {
    const share = foreground.ids[i] / 255;
    if (share < 1) for (let c = 0; c < 3; c++) data[at + c] = data[at + c] * share + soft[at + c] * (1 - share);
  });
}

const SQUARES = 32;  // across the picture

export function removedBackground(picture: ImageData, foreground: Ids): ImageData {
  const size = Math.max(2, Math.round(picture.width / SQUARES));
  return eachPixel(picture, (data, i, at) => {
    const [x, y] = [i % picture.width, Math.floor(i / picture.width)];
    const light = (Math.floor(x / size) + Math.floor(y / size)) % 2 === 0 ? 250 : 216;
    mix(data, at, [light, light, light], 1 - foreground.ids[i] / 255);
  });
}

function eachPixel(picture: ImageData, change: (data: Uint8ClampedArray, pixel: number, at: number) => void): ImageData {
  const result = new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  for (let i = 0, at = 0; at < result.data.length; i++, at += 4) change(result.data, i, at);
  return result;
}

function paint(data: Uint8ClampedArray, at: number, colour: Colour): void {
  data.set(colour, at);
  data[at + 3] = 255;
}

function mix(data: Uint8ClampedArray, at: number, colour: Colour, opacity: number): void {
  for (let c = 0; c < 3; c++) data[at + c] = data[at + c] * (1 - opacity) + colour[c] * opacity;
}

function pale(data: Uint8ClampedArray, at: number): void {
  const grey = 90 + 0.45 * (0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2]);
  data[at] = data[at + 1] = data[at + 2] = grey;
}

// Halving and doubling with smoothing: a wide blur that every browser's canvas can do. The foreground is made
// transparent first, so that its colours do not shine into the background.
function blurred(picture: ImageData, foreground: Ids): ImageData {
  const {width, height} = picture;
  const seen = eachPixel(picture, (data, i, at) => (data[at + 3] = Math.max(1, 255 - foreground.ids[i])));
  let [current, context] = canvas(width, height);
  context.putImageData(seen, 0, 0);
  const powers = Math.min(5, Math.max(2, Math.round(Math.log2(width / 24))));
  const steps = [...Array.from({length: powers}, (_, i) => i + 1), ...Array.from({length: powers}, (_, i) => powers - 1 - i)];
  for (const power of steps) {
    const [next, into] = canvas(Math.max(1, width >> power), Math.max(1, height >> power));
    into.imageSmoothingQuality = 'high';
    into.drawImage(current, 0, 0, next.width, next.height);
    [current, context] = [next, into];
  }
  return context.getImageData(0, 0, width, height);
}
