// SPDX-License-Identifier: Apache-2.0
// Pixels: pictures, class ids and mattes decoded from their files, at one size.

export interface Ids {
  width: number;
  height: number;
  ids: Uint8ClampedArray;  // one value a pixel (class id, or share of foreground), rows from the top
}

export const IGNORED = 255;  // truth: no class known
const MAX_PIXELS = 1 << 26;  // larger pictures are refused rather than hang the page

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

export function pixelsOf(image: CanvasImageSource, width: number, height: number, smooth = true): ImageData {
  const [, context] = canvas(width, height);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

export async function loadIds(source: string, width: number, height: number): Promise<Ids> {
  return grey(await loadImage(source), width, height, false);
}

export async function loadMatte(source: string, width: number, height: number): Promise<Ids> {
  return grey(await loadImage(source), width, height, true);
}

function grey(image: HTMLImageElement, width: number, height: number, smooth: boolean): Ids {
  const {data} = pixelsOf(image, width, height, smooth);
  const ids = new Uint8ClampedArray(width * height);
  for (let i = 0; i < ids.length; i++) ids[i] = data[4 * i];
  return {width, height, ids};
}

// Nearest neighbour, so that no class appears that was not there.
export function shrunkIds(from: Ids, width: number, height: number): Ids {
  const ids = new Uint8ClampedArray(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width;
    for (let x = 0; x < width; x++) ids[at++] = from.ids[row + Math.floor(((x + 0.5) * from.width) / width)];
  }
  return {width, height, ids};
}

export function shrunkPixels(from: ImageData, width: number, height: number): ImageData {
  const [node, context] = canvas(from.width, from.height);
  context.putImageData(from, 0, 0);
  return pixelsOf(node, width, height);
}
