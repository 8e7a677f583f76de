// SPDX-License-Identifier: Apache-2.0
// How much a variant changed what the model says about one picture: the order of the pictures, worst first.
import {percent} from './format';
import {METRICS} from './quality';
import {Output, Picture} from './results';

export const ANY = -1;  // the worst of all variants, instead of one variant's index

// Larger is worse; 0: nothing changed, or nothing is known.
export function damage(picture: Picture, variant: number, original: number): number {
  if (variant !== ANY) return variant === original ? 0 : damageOf(picture.outputs[variant], picture.outputs[original]);
  return Math.max(...picture.outputs.map((_, index) => (index === original ? -Infinity : damage(picture, index, original))));
}

function damageOf(output: Output, original: Output): number {
  const {agreement, psnr_db, snr_db} = output.metrics;
  if (output.top.length > 0) return changedClass(output, original);
  if (agreement !== undefined) return 1 - agreement;
  const level = psnr_db ?? snr_db;
  return level === undefined ? 0 : 10 ** (-level / 20);
}

export const isOtherClass = (output: Output, original: Output): boolean =>
  output.top.length > 0 && output.top[0].label !== original.top[0]?.label;

// Another first class is worse than any shift of probability.
function changedClass(output: Output, original: Output): number {
  const first = original.top[0];
  if (!first) return 0;
  const now = output.top.find((each) => each.label === first.label)?.probability ?? 0;
  return (isOtherClass(output, original) ? 1 : 0) + Math.abs(first.probability - now) / 2;
}

export const byDamage = (pictures: Picture[], variant: number, original: number): Picture[] =>
  [...pictures].sort((a, b) => damage(b, variant, original) - damage(a, variant, original) ||
                               damage(b, ANY, original) - damage(a, ANY, original));

export function damageWords(picture: Picture, variant: number, original: number): string {
  const worst = variant === ANY ? worstVariant(picture, original) : variant;
  if (worst < 0 || worst === original) return '';
  const output = picture.outputs[worst];
  if (output.top.length > 0) return classWords(picture, variant, original);
  const {agreement, psnr_db, snr_db} = output.metrics;
  if (agreement !== undefined) return `${percent(agreement)} equal`;
  const level = psnr_db ?? snr_db;
  return level === undefined ? '' : METRICS.psnr_db.show(level);
}

function classWords(picture: Picture, variant: number, original: number): string {
  const other = picture.outputs.filter((each) => isOtherClass(each, picture.outputs[original])).length;
  if (variant === ANY) return other === 0 ? 'same class in all' : `another class in ${other}`;
  return isOtherClass(picture.outputs[variant], picture.outputs[original]) ? 'another class' : 'same class';
}

function worstVariant(picture: Picture, original: number): number {
  const losses = picture.outputs.map((_, index) => (index === original ? -Infinity : damage(picture, index, original)));
  return losses.indexOf(Math.max(...losses));
}
