// SPDX-License-Identifier: Apache-2.0
// What is drawn on a picture rather than in its pixels: key points. Such drawings have the shape of the picture itself, so
// that circles are round, and pixels enough for thin lines.
import {canvas} from './masks';
import {Points} from './results';

const LEAST_WIDTH = 900;   // pixels of a drawing that fills the stage
const FAINT = 0.35;        // a point that the model hardly believes in
const BELIEVED = 0.3;      // from this confidence on a point counts

export type Drawing = (context: CanvasRenderingContext2D, width: number, height: number) => void;

// `small`: as it is, for the thumbnails.
export function drawnOver(pixels: ImageData, aspect: number, small: boolean, draw: Drawing): HTMLCanvasElement {
  const width = small ? pixels.width : Math.max(LEAST_WIDTH, pixels.width);
  const height = Math.max(1, Math.round(width / aspect));
  const [node, context] = canvas(width, height);
  const [picture, into] = canvas(pixels.width, pixels.height);
  into.putImageData(pixels, 0, 0);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  draw(context, width, height);
  return node;
}

const thickness = (width: number): number => Math.max(1, width / 420);

export const pointsDrawing = (points: Points, colour: string): Drawing => (context, width, height) => {
  points.x.forEach((x, i) => {
    context.globalAlpha = isBelieved(points, i) ? 1 : FAINT;
    disc(context, x * width, points.y[i] * height, 3.2 * thickness(width), colour);
  });
  context.globalAlpha = 1;
};

// Rings where the original has its points, discs where the variant has them, and a line between the two.
export const movedDrawing = (points: Points, original: Points, colour: string): Drawing => (context, width, height) => {
  const line = thickness(width);
  points.x.forEach((x, i) => {
    if (original.x[i] === undefined) return;
    context.globalAlpha = isBelieved(original, i) ? 1 : FAINT;
    const [x0, y0, x1, y1] = [original.x[i] * width, original.y[i] * height, x * width, points.y[i] * height];
    for (const [stroke, wide] of [['#000', 2.4 * line], ['#fff', 1.2 * line]] as [string, number][]) {
      Object.assign(context, {strokeStyle: stroke, lineWidth: wide});
      context.beginPath();
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
      context.stroke();
      context.beginPath();
      context.arc(x0, y0, 5 * line, 0, 2 * Math.PI);
      context.stroke();
    }
    disc(context, x1, y1, 2.6 * line, colour);
  });
  context.globalAlpha = 1;
};

// With a dark rim, so that it shows on any picture.
function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  Object.assign(context, {fillStyle: colour, strokeStyle: '#000', lineWidth: Math.max(1, radius / 3)});
  context.fill();
  context.stroke();
}

const isBelieved = (points: Points, i: number): boolean => (points.confidence[i] ?? 1) >= BELIEVED;

// How far the points that the original believes in have moved, in widths of the picture: [mean, most]. Null: none is.
export function movement(points: Points, original: Points, aspect: number): [number, number] | null {
  const moved = points.x.flatMap((x, i) => (original.x[i] === undefined || !isBelieved(original, i) ? []
    : [Math.hypot(x - original.x[i], (points.y[i] - original.y[i]) / aspect)]));
  return moved.length === 0 ? null : [moved.reduce((a, b) => a + b, 0) / moved.length, Math.max(...moved)];
}
