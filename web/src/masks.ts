// Pixels: class ids decoded from PNG, and the views drawn from them on canvases.

export interface Ids {
  width: number;
  height: number;
  ids: Uint8ClampedArray;  // one class id a pixel, rows from the top
}
export type Colour = [number, number, number];

const IGNORED = 255;         // ground truth: no class known
const MAX_PIXELS = 1 << 26;  // larger pictures are refused rather than hang the page
const CHANGED: Colour = [230, 0, 122];

export async function loadImage(source: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = source;
  await image.decode();
  if (image.naturalWidth * image.naturalHeight > MAX_PIXELS) throw new Error('The picture is too large.');
  return image;
}

export function canvas(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const node = document.createElement('canvas');
  node.width = width;
  node.height = height;
  return [node, node.getContext('2d', {willReadFrequently: true})!];
}

export function pixelsOf(image: CanvasImageSource, width: number, height: number): ImageData {
  const [, context] = canvas(width, height);
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

export async function loadIds(source: string): Promise<Ids> {
  const image = await loadImage(source);
  const {naturalWidth: width, naturalHeight: height} = image;
  const grey = pixelsOf(image, width, height).data;
  const ids = new Uint8ClampedArray(width * height);
  for (let i = 0; i < ids.length; i++) ids[i] = grey[4 * i];
  return {width, height, ids};
}

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

// The background stays clear, so that what was found stands out.
export function overlay(picture: ImageData, mask: Ids, colours: Colour[], background: number, opacity: number): ImageData {
  return eachPixel(picture, (data, i, at) => {
    const id = mask.ids[i];
    if (id !== background && id !== IGNORED) mix(data, at, colours[id], opacity);
  });
}

export function difference(picture: ImageData, mask: Ids, original: Ids): ImageData {
  return eachPixel(picture, (data, i, at) => {
    const grey = 0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2];
    const calm = 90 + grey * 0.45;
    const changed = mask.ids[i] !== original.ids[i];
    mix(data, at, changed ? CHANGED : [calm, calm, calm], 1);
  });
}

export function blurredBackground(picture: ImageData, mask: Ids, background: number): ImageData {
  const soft = blurred(picture).data;
  return eachPixel(picture, (data, i, at) => {
    if (mask.ids[i] === background) data.set(soft.subarray(at, at + 4), at);
  });
}

// Absolute differences of two pictures, eight times amplified: small errors can be seen.
export function amplified(picture: ImageData, original: ImageData): ImageData {
  return eachPixel(picture, (data, _, at) => {
    for (let c = 0; c < 3; c++) data[at + c] = 8 * Math.abs(data[at + c] - original.data[at + c]);
  });
}

function eachPixel(picture: ImageData, change: (data: Uint8ClampedArray, pixel: number, at: number) => void): ImageData {
  const result = new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  for (let i = 0, at = 0; at < result.data.length; i++, at += 4) change(result.data, i, at);
  return result;
}

function mix(data: Uint8ClampedArray, at: number, colour: Colour, opacity: number): void {
  for (let c = 0; c < 3; c++) data[at + c] = data[at + c] * (1 - opacity) + colour[c] * opacity;
}

// Halving and doubling with smoothing: a wide blur that every browser's canvas can do.
function blurred(picture: ImageData): ImageData {
  const {width, height} = picture;
  let [current, context] = canvas(width, height);
  context.putImageData(picture, 0, 0);
  for (const power of [1, 2, 3, 4, 3, 2, 1, 0]) {
    const [next, into] = canvas(Math.max(1, width >> power), Math.max(1, height >> power));
    into.imageSmoothingQuality = 'high';
    into.drawImage(current, 0, 0, next.width, next.height);
    [current, context] = [next, into];
  }
  return context.getImageData(0, 0, width, height);
}
