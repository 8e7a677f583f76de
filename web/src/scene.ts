// SPDX-License-Identifier: Apache-2.0
// One picture with all that belongs to it, decoded once and drawn as any of the views.
import {drawnOver, Drawing, movedDrawing, pointsDrawing} from './marks';
import {canvas, Ids, loadIds, loadImage, loadMatte, pixelsOf, shrunkIds, shrunkPixels} from './masks';
import {originalIndex, Picture, Results} from './results';
import {blurredBackground, changedClasses, classesAlone, Colour, errors, matteAlone, matteHeat, overlay, parseColours,
        pictureHeat, removedBackground} from './views';

export type View = 'mask' | 'colours' | 'blur' | 'removed' | 'difference' | 'errors' | 'picture' | 'result' | 'heat' | 'points' | 'moved';
export const POINT = '#ff4fa0';  // far from skin, grass and sky
export const TRUTH = -1;  // stands for a variant's index

export interface Scene {
  picture: Picture;
  pixels: ImageData;
  ids: (Ids | null)[];
  mattes: (Ids | null)[];
  images: (ImageData | null)[];
  truth: Ids | null;
  aspect: number;  // of the picture itself: what the model sees may be squeezed
  small: boolean;  // a thumbnail
}

export async function loadScene(picture: Picture): Promise<Scene> {
  const image = await optional(picture.image, loadImage);
  const images = await Promise.all(picture.outputs.map((output) => optional(output.image, loadImage)));
  const [width, height] = sizeOf(picture, image ?? images.find((each) => each !== null) ?? null);
  const sized = (load: typeof loadIds) => (source: string) => load(source, width, height);
  const ids = await Promise.all(picture.outputs.map((output) => optional(output.ids, sized(loadIds))));
  const mattes = await Promise.all(picture.outputs.map((output) => optional(output.matte, sized(loadMatte))));
  const truth = await optional(picture.ground_truth, sized(loadIds));
  const first = images.find((each) => each !== null);
  return {
    picture, ids, mattes, truth, aspect: picture.aspect ?? width / height, small: false,
    pixels: image ? pixelsOf(image, width, height) : new ImageData(width, height),
    images: images.map((each) => each && pixelsOf(each, first!.naturalWidth, first!.naturalHeight)),
  };
}

const sizeOf = (picture: Picture, image: HTMLImageElement | null): [number, number] =>
  image ? [image.naturalWidth, image.naturalHeight] : [picture.width || 1, picture.height || 1];

// A picture that cannot be decoded is left out; the others are still worth showing.
async function optional<T>(source: string | null, load: (source: string) => Promise<T>): Promise<T | null> {
  if (source === null) return null;
  return load(source).catch(() => null);
}

export function shrunk(scene: Scene, width: number): Scene {
  const scaled = (from: {width: number; height: number}): [number, number] =>
    [Math.min(width, from.width), Math.max(1, Math.round((Math.min(width, from.width) * from.height) / from.width))];
  const ids = (each: Ids | null) => each && shrunkIds(each, ...scaled(each));
  const pixels = (each: ImageData) => shrunkPixels(each, ...scaled(each));
  return {picture: scene.picture, pixels: pixels(scene.pixels), ids: scene.ids.map(ids), mattes: scene.mattes.map(ids),
          images: scene.images.map((each) => each && pixels(each)), truth: ids(scene.truth), aspect: scene.aspect, small: true};
}

export class Painter {
  private readonly colours: Colour[];
  readonly background: number;
  private readonly original: number;
  private readonly judged: number | null;

  constructor(private readonly results: Results) {
    this.colours = parseColours(results.model.colors, results.model.labels.length);
    this.background = results.model.background_id ?? 0;
    this.original = originalIndex(results);
    this.judged = results.model.judged_class?.id ?? null;
  }

  // Null when this output has nothing to show in this view.
  paint(scene: Scene, variant: number, view: View, opacity: number): HTMLCanvasElement | null {
    const marks = this.marks(scene, variant, view);
    if (marks !== undefined) return marks && drawnOver(scene.pixels, scene.aspect, scene.small, marks);
    const pixels = this.pixels(scene, variant, view, opacity);
    if (!pixels) return null;
    const [node, context] = canvas(pixels.width, pixels.height);
    context.putImageData(pixels, 0, 0);
    return node;
  }

  // Undefined: this view has none.
  private marks({picture}: Scene, variant: number, view: View): Drawing | null | undefined {
    if (view !== 'points' && view !== 'moved') return undefined;
    const points = picture.outputs[variant]?.points ?? null;
    const before = picture.outputs[this.original].points;
    if (!points) return null;
    return view === 'moved' && before ? movedDrawing(points, before, POINT) : pointsDrawing(points, POINT);
  }

  private pixels(scene: Scene, variant: number, view: View, opacity: number): ImageData | null {
    if (view === 'picture') return scene.pixels;
    if (view === 'result') return scene.images[variant] ?? null;
    if (view === 'heat') return this.heat(scene, variant);
    const mask = variant === TRUTH ? scene.truth : scene.ids[variant];
    if (!mask) return null;
    if (view === 'colours') return this.alone(scene, mask, variant);
    if (view === 'blur') return blurredBackground(scene.pixels, this.foreground(scene, mask, variant));
    if (view === 'removed') return removedBackground(scene.pixels, this.foreground(scene, mask, variant));
    if (view === 'difference') return this.difference(scene, mask, variant);
    if (view === 'errors' && scene.truth) return errors(scene.pixels, mask, scene.truth, this.background, this.judged);
    return overlay(scene.pixels, mask, this.colours, this.background, opacity);
  }

  private alone(scene: Scene, mask: Ids, variant: number): ImageData {
    const matte = scene.mattes[variant];
    return matte ? matteAlone(matte) : classesAlone(mask, this.colours);
  }

  // 0..255: the soft matte where there is one, else all that is not background.
  private foreground(scene: Scene, mask: Ids, variant: number): Ids {
    const matte = scene.mattes[variant];
    if (matte) return matte;
    const ids = new Uint8ClampedArray(mask.ids.length);
    for (let i = 0; i < ids.length; i++) ids[i] = mask.ids[i] === this.background ? 0 : 255;
    return {width: mask.width, height: mask.height, ids};
  }

  private difference(scene: Scene, mask: Ids, variant: number): ImageData | null {
    const [matte, before] = [scene.mattes[variant], scene.mattes[this.original]];
    if (matte && before) return matteHeat(scene.pixels, matte, before);
    const original = scene.ids[this.original];
    return original && changedClasses(scene.pixels, mask, original);
  }

  private heat(scene: Scene, variant: number): ImageData | null {
    const [image, original] = [scene.images[variant], scene.images[this.original]];
    return image && original ? pictureHeat(image, original) : null;
  }

  // Where a drawing alone would leave the reader guessing.
  note(scene: Scene, variant: number, view: View): string {
    const drawn = view === 'mask' || (view === 'colours' && !scene.mattes[variant]);
    return drawn && this.isBlank(scene, variant) ? 'blank mask: background only' : '';
  }

  private isBlank(scene: Scene, variant: number): boolean {
    const mask = variant === TRUTH ? scene.truth : scene.ids[variant];
    return mask !== null && mask !== undefined && mask.ids.every((id) => id === this.background || id === 255);
  }

  // Classes in the scene's masks, without the background, as label and CSS colour.
  legend(scene: Scene): [string, string][] {
    const found = new Set<number>();
    for (const mask of [...scene.ids, scene.truth]) mask?.ids.forEach((id) => found.add(id));
    return [...found].filter((id) => id !== this.background && id !== 255).sort((a, b) => a - b)
      .map((id) => [this.label(id), `rgb(${this.colours[id].join(' ')})`]);
  }

  label(id: number): string {
    return this.results.model.labels[id] ?? (id === 255 ? 'unknown' : `class ${id}`);
  }
}
