// One picture with all that was computed from it, decoded once and drawn as any of the views.
import {amplified, blurredBackground, canvas, Colour, difference, Ids, loadIds, loadImage, overlay, parseColours,
        pixelsOf} from './masks';
import {originalIndex, Picture, Results} from './results';

export type View = 'mask' | 'blur' | 'difference' | 'picture' | 'result' | 'amplified';
export const TRUTH = -1;  // stands for a variant's index

export interface Scene {
  picture: Picture;
  pixels: ImageData;
  ids: (Ids | null)[];
  images: (ImageData | null)[];
  truth: Ids | null;
}

export async function loadScene(picture: Picture): Promise<Scene> {
  const sources = await Promise.all(picture.outputs.map((output) => optional(output.image, loadImage)));
  const image = await optional(picture.image, loadImage);
  const ids = await Promise.all(picture.outputs.map((output) => optional(output.ids, loadIds)));
  const truth = await optional(picture.ground_truth, loadIds);
  const [width, height] = sizeOf(picture, image ?? sources.find((each) => each !== null) ?? null);
  const same = (mask: Ids | null) => (mask && mask.width === width && mask.height === height ? mask : null);
  return {
    picture,
    pixels: image ? pixelsOf(image, width, height) : new ImageData(width, height),
    ids: ids.map(same),
    images: sources.map((each) => each && pixelsOf(each, width, height)),
    truth: same(truth),
  };
}

const sizeOf = (picture: Picture, image: HTMLImageElement | null): [number, number] =>
  image ? [image.naturalWidth, image.naturalHeight] : [picture.width || 1, picture.height || 1];

// A picture that cannot be decoded is left out; the others are still worth showing.
async function optional<T>(source: string | null, load: (source: string) => Promise<T>): Promise<T | null> {
  if (source === null) return null;
  return load(source).catch(() => null);
}

export class Painter {
  private readonly colours: Colour[];
  private readonly background: number;
  private readonly original: number;

  constructor(private readonly results: Results) {
    this.colours = parseColours(results.model.colors, results.model.labels.length);
    this.background = results.model.background_id ?? 0;
    this.original = originalIndex(results);
  }

  // Null when this output has nothing to show in this view.
  paint(scene: Scene, variant: number, view: View, opacity: number): HTMLCanvasElement | null {
    const pixels = this.pixels(scene, variant, view, opacity);
    if (!pixels) return null;
    const [node, context] = canvas(pixels.width, pixels.height);
    context.putImageData(pixels, 0, 0);
    return node;
  }

  private pixels(scene: Scene, variant: number, view: View, opacity: number): ImageData | null {
    if (view === 'picture') return scene.pixels;
    if (view === 'result') return scene.images[variant] ?? null;
    if (view === 'amplified') return this.amplified(scene, variant);
    const mask = variant === TRUTH ? scene.truth : scene.ids[variant];
    if (!mask) return null;
    if (view === 'blur') return blurredBackground(scene.pixels, mask, this.background);
    const original = scene.ids[this.original];
    if (view === 'difference' && original) return difference(scene.pixels, mask, original);
    return overlay(scene.pixels, mask, this.colours, this.background, opacity);
  }

  private amplified(scene: Scene, variant: number): ImageData | null {
    const [image, original] = [scene.images[variant], scene.images[this.original]];
    return image && original ? amplified(image, original) : null;
  }

  // Classes in the scene's masks, without the background, as label and CSS colour.
  legend(scene: Scene): [string, string][] {
    const found = new Set<number>();
    for (const mask of [...scene.ids, scene.truth]) mask?.ids.forEach((id) => found.add(id));
    return [...found].filter((id) => id !== this.background && id !== 255).sort((a, b) => a - b)
      .map((id) => [this.results.model.labels[id] ?? `class ${id}`, `rgb(${this.colours[id].join(' ')})`]);
  }
}
