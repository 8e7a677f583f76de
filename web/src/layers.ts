// SPDX-License-Identifier: Apache-2.0
// Where the error is: signal to noise of every weight in every variant, and the worst weights of one variant.
import {axisX, cell, dot, gridY, legend, plot, ruleY} from '@observablehq/plot';
import {figure, modeOf, nameMargin, shortened, STYLE} from './chart';
import {element, section, select} from './dom';
import {bytes, count, decibels, integer, scientific} from './format';
import {usualChoice} from './quality';
import {Layer, Results, Variant} from './results';
import {scrolled} from './table';
import {histogramFigure} from './weights';

const LOUD = 0;    // dB: as much noise as signal
const CLEAN = 60;  // dB: beyond, nobody sees it
const WORST = 8;   // rows of the list

interface Entry {
  variant: string;
  index: number;
  layer: Layer;
  snr: number;
}

// Weights that a variant of few bits kept as numbers (biases, small ones) say nothing about its bits.
const isPlain = (mode: string | null): boolean => mode === null || mode.startsWith('float');
const isKept = (layer: Layer, variant: Variant): boolean => isPlain(layer.mode) && !isPlain(variant.mode);

export function layersSection(results: Results): HTMLElement | null {
  const variants = results.variants.filter((each) => !each.error && !each.is_original && each.layers.some(isMeasured));
  const weights = histogramFigure(results);
  const entries = variants.flatMap(entriesOf);
  if (entries.length === 0) return weights && section('layers', 'Weights', weights);
  const figures = element('div', {class: 'charts'}, stripFigure(variants, entries), mapFigure(variants, entries));
  return section('layers', 'Layers', figures, worstList(results, variants), weights);
}

const isMeasured = (layer: Layer): boolean => layer.snr_db !== null;
const isTouched = (layer: Layer): boolean => layer.snr_db !== null || (layer.max_error ?? 0) > 0;

const entriesOf = (variant: Variant): Entry[] =>
  variant.layers.flatMap((layer, index) => (layer.snr_db === null || isKept(layer, variant) ? []
    : [{variant: variant.name, index, layer, snr: layer.snr_db}]));

// Half of the weights' values are below: a layer counts as much as it has values.
export function weightedMedian(entries: {snr: number; layer: {elements: number}}[]): number {
  const sorted = [...entries].sort((a, b) => a.snr - b.snr);
  const half = sorted.reduce((sum, each) => sum + each.layer.elements, 0) / 2;
  let below = 0;
  return (sorted.find((each) => (below += each.layer.elements) >= half) ?? sorted[sorted.length - 1])?.snr ?? 0;
}

// Side by side rather than one on the other: steps of the golden ratio fill a width evenly.
const spreadOut = (index: number): number => 0.5 * ((index * 0.618034) % 1) - 0.25;

const wordsOf = (entry: Entry): string =>
  `${entry.layer.name}\n${entry.layer.kind}, ${count(entry.layer.elements, 'weight')}\n${entry.variant}: ${decibels(entry.snr)}`;

function stripFigure(variants: Variant[], entries: Entry[]): HTMLElement {
  const medians = variants.flatMap((each) => {
    const own = entries.filter((entry) => entry.variant === each.name);
    return own.length === 0 ? [] : [{variant: each.name, snr: weightedMedian(own)}];
  });
  const largest = Math.max(...entries.map((each) => each.layer.elements), 1);
  const colours = new Map(variants.map((each) => [each.name, modeOf(each).colour]));
  const places = new Map(variants.map((each, at) => [each.name, at]));
  return figure({
    title: 'Error by bits.', note: 'Signal (the weights) to noise (their change), in decibels: six are one bit, higher is better. Each dot is one ' +
      'quantized weight tensor, larger where it has more values; half of all values lie below the bar. What was kept as plain numbers is left out.',
    draw: (width) => plot({
      width, height: 300, marginLeft: 48, marginRight: 8, marginTop: 26, marginBottom: 84, style: STYLE, r: {type: 'identity'},
      x: {domain: [-0.5, variants.length - 0.5]}, y: {label: 'dB', nice: true, tickSize: 0, ticks: 6},
      marks: [
        gridY({ticks: 6, stroke: 'var(--line)', strokeOpacity: 1}),
        axisX(variants.map((_, at) => at), {label: null, tickRotate: -50, tickSize: 0, tickFormat: (at: number) => shortened(240)(variants[at].name)}),
        dot(entries, {x: (each: Entry) => places.get(each.variant)! + spreadOut(each.index), y: 'snr',
                      r: (each: Entry) => 1.6 + 4 * Math.sqrt(each.layer.elements / largest),
                      fill: (each: Entry) => colours.get(each.variant)!, fillOpacity: 0.4, title: wordsOf, tip: {fill: 'var(--surface)'}}),
        ruleY(medians, {y: 'snr', x1: (each) => places.get(each.variant)! - 0.36, x2: (each) => places.get(each.variant)! + 0.36, stroke: 'var(--text)', strokeWidth: 2.5}),
      ],
    }),
  }, `Medians: ${medians.map((each) => `${each.variant} ${decibels(each.snr)}`).join(', ')}.`);
}

function mapFigure(variants: Variant[], entries: Entry[]): HTMLElement {
  const names = variants.map((each) => each.name);
  const shown = [...new Set(entries.map((each) => each.index))].sort((a, b) => a - b);
  const colour = {type: 'linear' as const, scheme: 'RdYlBu' as const, domain: [LOUD, CLEAN], clamp: true, label: 'signal to noise, dB'};
  const key = element('div', {class: 'key', 'aria-hidden': 'true'});
  key.append(legend({color: colour, width: 220, style: {background: 'none', color: 'inherit'}}) as Node);
  return figure({
    title: 'Error by layer.', note: 'Every quantized weight tensor from the input (left) to the output (right), and the same decibels. Red: more is lost there.',
    draw: (width) => plot({
      width, height: names.length * 20 + 42, marginLeft: nameMargin(names, width), marginRight: 8, marginTop: 6, marginBottom: 30, style: STYLE,
      x: {domain: shown, label: 'weights in the order of the file →', ticks: [], tickSize: 0, padding: shown.length > 80 ? 0 : 0.06},
      y: {domain: names, label: null, tickSize: 0, padding: 0.1, tickFormat: shortened(width)}, color: colour,
      marks: [cell(entries, {x: 'index', y: 'variant', fill: 'snr', title: wordsOf, tip: {fill: 'var(--surface)'}})],
    }),
  }, 'The list of the worst weights below says the same in words.', key);
}

function worstList(results: Results, variants: Variant[]): HTMLElement {
  const {recommended} = usualChoice(results);
  const start = recommended && variants.includes(recommended) ? variants.indexOf(recommended) : 0;
  const holder = element('div', {'aria-live': 'polite'});
  const show = (index: number) => holder.replaceChildren(worstTable(variants[index]));
  const options = variants.map((each, index): [string, string] => [String(index), each.name]);
  show(start);
  return element('div', {class: 'worst'}, element('h3', {}, 'Where most is lost'),
                 select('Variant', options, String(start), (value) => show(Number(value))), holder);
}

function worstTable(variant: Variant): HTMLElement {
  const touched = variant.layers.filter(isTouched);
  const worst = touched.filter((each) => !isKept(each, variant)).sort((a, b) => (a.snr_db ?? Infinity) - (b.snr_db ?? Infinity)).slice(0, WORST);
  const titles = ['Layer', 'Kind', 'Weights', 'Bits', 'Bytes', 'SNR', 'Largest error'];
  const head = element('tr', {}, ...titles.map((each) => element('th', {scope: 'col'}, each)));
  const plain = touched.filter((each) => isKept(each, variant)).length;
  const equal = variant.layers.length - touched.length;
  const note = [`${touched.length - plain} of ${count(variant.layers.length, 'weight tensor')} quantized`,
                plain > 0 ? `${plain} kept as rounded numbers` : '', equal > 0 ? `${equal} kept as they were` : ''].filter(Boolean).join(', ');
  return element('div', {}, scrolled(`Worst layers of ${variant.name}`, element('thead', {}, head), element('tbody', {}, ...worst.map(layerRow))),
                 element('p', {class: 'note'}, `${note}.`));
}

function layerRow(layer: Layer): HTMLElement {
  const shape = layer.shape.length > 0 ? layer.shape.join(' × ') : '';
  const cells = [layer.kind, integer(layer.elements), layer.bits === null ? '–' : String(layer.bits), bytes(layer.bytes),
                 layer.snr_db === null ? '–' : decibels(layer.snr_db), layer.max_error === null ? '–' : scientific(layer.max_error)];
  return element('tr', {}, element('th', {scope: 'row', title: shape}, layer.name), ...cells.map((each) => element('td', {}, each)));
}
