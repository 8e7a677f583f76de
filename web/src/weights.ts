// SPDX-License-Identifier: Apache-2.0
// One layer's weights as a histogram, and below it the values that a variant can give them.
import {axisX, plot, rectY, ruleX, ruleY, text} from '@observablehq/plot';
import {figure, modeOf, redraw, STYLE} from './chart';
import {element, select} from './dom';
import {count, integer} from './format';
import {usualChoice} from './quality';
import {Grid, Histogram, Results} from './results';

interface Bin {
  from: number;
  to: number;
  height: number;  // square root of the share of the largest count: few weights far out stay visible
}
interface Stem {
  value: number;
  depth: number;
}

export function histogramFigure(results: Results): HTMLElement | null {
  const {histograms} = results;
  if (histograms.length === 0) return null;
  let layer = 0;
  let variant = firstVariant(results);
  const words = element('p', {class: 'note', 'aria-live': 'polite'});
  const chart = figure({
    title: 'Weights of one layer.',
    note: 'Above: how often each value occurs in the original. Below: the values that the variant has for them, and how often it uses each (heights are square roots).',
    draw: (width) => draw(histograms[layer], histograms[layer].grids[variant], modeOf(results.variants[variant]).colour, width),
  }, 'The sentence below describes it.', words);
  const update = () => {
    words.textContent = describe(histograms[layer], results.variants[variant].name, histograms[layer].grids[variant]);
    redraw(chart);
  };
  const layers = histograms.map((each, index): [string, string] => [String(index), `${each.layer} (${integer(each.elements)})`]);
  const controls = element('div', {class: 'controls'},
    select('Layer', layers, '0', (value) => { layer = Number(value); update(); }),
    select('Values of', variantsOf(results), String(variant), (value) => { variant = Number(value); update(); }));
  update();
  return element('div', {class: 'weights'}, controls, chart);
}

const hasGrid = (results: Results, index: number): boolean => results.histograms.some((each) => each.grids[index] !== null);

const variantsOf = (results: Results): [string, string][] =>
  results.variants.flatMap((each, index): [string, string][] => (hasGrid(results, index) ? [[String(index), each.name]] : []));

// The recommended one when it has few enough values to be told apart, else the first that has.
function firstVariant(results: Results): number {
  const few = (index: number) => results.histograms.some((each) => (each.grids[index]?.values.length ?? Infinity) <= 64);
  const {recommended} = usualChoice(results);
  const best = recommended ? results.variants.indexOf(recommended) : -1;
  if (best >= 0 && few(best)) return best;
  const index = results.variants.findIndex((_, at) => few(at));
  return index >= 0 ? index : Math.max(0, results.variants.findIndex((_, at) => hasGrid(results, at)));
}

function describe(histogram: Histogram, name: string, grid: Grid | null): string {
  const weights = `${histogram.layer}: ${integer(histogram.elements)} weights` +
    (histogram.shape.length > 0 ? ` (${histogram.shape.join(' × ')})` : '');
  if (!grid) return `${weights}. ${name} stores them as plain numbers.`;
  const unused = grid.uses.filter((each) => each === 0).length;
  const channel = grid.channel === null ? '' : ` in channel ${grid.channel}, the one with the widest range; every channel has a grid of its own`;
  return `${weights}. ${name} has ${count(grid.values.length, 'value')} for them${channel}` +
    `${unused > 0 ? `; ${unused} of them are never used` : ''}.`;
}

function binsOf({edges, counts}: Histogram): Bin[] {
  const largest = Math.max(...counts, 1);
  return counts.map((each, i) => ({from: edges[i], to: edges[i + 1], height: Math.sqrt(each / largest)}));
}

function stemsOf(grid: Grid | null): Stem[] {
  if (!grid) return [];
  const largest = Math.max(...grid.uses, 1);
  return grid.values.map((value, i) => ({value, depth: -Math.sqrt((grid.uses[i] ?? 0) / largest)}));
}

function draw(histogram: Histogram, grid: Grid | null, colour: string, width: number): Element {
  const stems = stemsOf(grid);
  const {edges} = histogram;
  const [low, high] = [Math.min(edges[0], ...stems.map((each) => each.value)),
                       Math.max(edges[edges.length - 1], ...stems.map((each) => each.value))];
  const thickness = Math.max(0.8, Math.min(3, (0.5 * width) / Math.max(1, stems.length)));
  return plot({
    width, height: 270, marginLeft: 18, marginRight: 18, marginTop: 8, style: STYLE,
    x: {domain: [low, high], nice: true}, y: {axis: null, domain: [stems.length > 0 ? -1 : 0, 1]},
    marks: [
      rectY(binsOf(histogram), {x1: 'from', x2: 'to', y: 'height', fill: 'var(--muted)', fillOpacity: 0.55, insetLeft: 0.5, insetRight: 0}),
      ruleX(stems, {x: 'value', y1: 0, y2: 'depth', stroke: colour, strokeWidth: thickness}),
      ruleX(stems, {x: 'value', y1: 0.04, y2: -0.04, stroke: colour, strokeWidth: thickness}),
      ruleY([0], {stroke: 'var(--text)'}),
      axisX({ticks: width < 500 ? 4 : 8, label: 'weight →', tickSize: 3}),
      stems.length === 0 ? text(['plain numbers: no table or grid'], {frameAnchor: 'top-right', fill: 'var(--muted)'}) : null,
    ],
  });
}
