// SPDX-License-Identifier: Apache-2.0
// For paper: every picture once, as the original and the recommended variant see it. Screens never show it.
import {byDamage} from './damage';
import {element} from './dom';
import {figuresOf} from './figures';
import {originalIndex, Picture, Results} from './results';
import {loadScene, Painter, shrunk, View} from './scene';

const WIDTH = 320;  // pixels of a picture
const MOST = 24;    // pictures

export async function buildSheet(sheet: HTMLElement, results: Results, pictures: Picture[], painter: Painter, variant: number,
                                 view: View): Promise<void> {
  const original = originalIndex(results);
  const name = results.variants[variant].name;
  sheet.append(element('p', {class: 'note'}, `Left the original, right ${name}; the most changed pictures first.`));
  for (const picture of byDamage(pictures, variant, original).slice(0, MOST)) {
    const only = {...picture, outputs: picture.outputs.map((each, index) =>
      (index === original || index === variant ? each : {...each, ids: null, image: null, matte: null, points: null}))};
    const scene = shrunk(await loadScene(only), WIDTH);
    const canvases = [original, variant].map((each) => painter.paint(scene, each, view, 0.6));
    if (picture.aspect) canvases.forEach((each) => each?.style.setProperty('aspect-ratio', String(picture.aspect)));
    const words = [picture.name, ...figuresOf(picture, variant, results).slice(0, 2)].join(' · ');
    sheet.append(element('figure', {}, element('div', {}, ...canvases), element('figcaption', {}, words)));
  }
}
