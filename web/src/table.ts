// SPDX-License-Identifier: Apache-2.0
// The table of all variants; a click on a heading sorts by it.
import {element, section} from './dom';
import {bytes, milliseconds, percent, ratio, signedPoints} from './format';
import {Change, memoryChange, memoryNoise, metricChange, timeChange, timeNoise} from './noise';
import {METRICS, metricText, Quality, qualityOf, usualChoice} from './quality';
import {isNumber, METRIC_NAMES, MetricName, originalOf, Results, Variant} from './results';
import {timeOf} from './verdict';

interface Column {
  title: string;
  long: string;
  value: (variant: Variant) => string | number | null;
  show: (variant: Variant) => string | Node;
  change?: (variant: Variant) => Change;
  moreIsBetter?: boolean;
  noise?: string;  // what two runs of the original differ by
}

export function tableSection(results: Results): HTMLElement {
  const columns = columnsOf(results);
  const body = element('tbody');
  const head = element('tr');
  const rows = new Map(results.variants.map((each) => [each, row(each, columns)]));
  columns.forEach((column, index) => head.append(heading(column, () => sortBy(index))));
  body.append(...rows.values());

  function sortBy(index: number) {
    const cell = head.children[index];
    const descending = cell.getAttribute('aria-sort') === 'ascending';
    for (const each of head.children) each.setAttribute('aria-sort', 'none');
    cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const sorted = [...results.variants].sort((a, b) => compare(columns[index], a, b, descending));
    body.append(...sorted.map((each) => rows.get(each)!));
  }

  const note = element('p', {class: 'note'}, 'Select a heading to sort by it. ▲ and ▼ mark differences from the original ' +
    'beyond noise, green ones for the better; ± is half the interquartile range of the runs.');
  return section('variants', 'Variants', scrolled('Table of variants', element('thead', {}, head), body, noiseRow(columns)), note);
}

export function scrolled(name: string, ...parts: (Node | null)[]): HTMLElement {
  const table = element('table', {}, ...parts);
  return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name}, table);
}

function compare(column: Column, a: Variant, b: Variant, descending: boolean): number {
  const [left, right] = [column.value(a), column.value(b)];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order = typeof left === 'string' ? left.localeCompare(String(right), undefined, {numeric: true})
                                         : left - Number(right);
  return descending ? -order : order;
}

function heading(column: Column, sort: () => void): HTMLElement {
  const button = element('button', {type: 'button', title: column.long}, column.title);
  button.addEventListener('click', sort);
  return element('th', {scope: 'col', 'aria-sort': 'none'}, button);
}

function row(variant: Variant, columns: Column[]): HTMLElement {
  const [name, ...rest] = columns;
  return element('tr', variant.is_original ? {class: 'original'} : {}, element('th', {scope: 'row'}, name.show(variant)),
                 ...rest.map((column) => cell(variant, column)));
}

function cell(variant: Variant, column: Column): HTMLElement {
  if (column.value(variant) === null) return element('td', {}, '–');
  return element('td', {}, column.show(variant), variant.is_original ? null : mark(column, variant));
}

function mark(column: Column, variant: Variant): HTMLElement | null {
  const change = column.change?.(variant);
  if (change !== 'less' && change !== 'more') return null;
  const words = change === 'less' ? 'less than the original' : 'more than the original';
  const better = (change === 'more') === Boolean(column.moreIsBetter);
  return element('span', {class: `mark ${better ? 'better' : 'worse'}`, role: 'img', 'aria-label': words, title: words},
                 change === 'less' ? '▼' : '▲');
}

function noiseRow(columns: Column[]): HTMLElement | null {
  if (columns.every((column) => column.noise === undefined)) return null;
  const [, ...rest] = columns;
  const title = 'What differs when the original is run twice, in two processes';
  return element('tfoot', {}, element('tr', {title}, element('th', {scope: 'row'}, 'noise floor'),
                                      ...rest.map((column) => element('td', {}, column.noise ?? ''))));
}

const loadColumn: Column = {title: 'Load', long: 'Time until the model can run', value: (each) => each.load_ms,
                            show: (each) => milliseconds(each.load_ms ?? 0)};

function columnsOf(results: Results): Column[] {
  const original = originalOf(results);
  const {noise} = results;
  const largest = Math.max(...results.variants.map((each) => each.bytes), 1);
  const costs: Column[] = [
    {title: 'Variant', long: 'Name', value: (each) => each.name, show: nameWith(results)},
    {title: 'Size', long: 'Bytes of the file', value: (each) => each.bytes, show: (each) => sized(each, largest)},
    {title: 'Smaller', long: 'Size of the original divided by this size',
     value: (each) => (each.bytes > 0 ? original.bytes / each.bytes : null), show: (each) => ratio(original.bytes / each.bytes)},
    {title: 'Median time', long: 'Median of all runs, with half the interquartile range', value: (each) => each.median_ms,
     show: timeOf, change: (each) => timeChange(each, original, noise), noise: `±${percent(timeNoise(noise), 1)}`},
    {title: 'Peak memory', long: 'Of the process that ran this variant alone', value: (each) => each.peak_memory_bytes,
     show: (each) => bytes(each.peak_memory_bytes ?? 0), change: (each) => memoryChange(each, original, noise),
     noise: `±${percent(noise.memory_ratio_spread ?? memoryNoise(noise), 1)}`},
  ];
  const used = (column: Column) => results.variants.some((each) => column.value(each) !== null);
  const [name, size, smaller, ...rest] = costs;
  const [first, ...others] = metricColumns(results);
  return [name, size, smaller, first, ...rest, ...others, loadColumn].filter(used);
}

function nameWith(results: Results): (variant: Variant) => Node {
  const {smallest, recommended} = usualChoice(results);
  return (variant) => {
    const badge = variant === recommended ? 'recommended' : variant === smallest ? 'smallest' : null;
    return element('span', {}, variant.name, badge ? element('span', {class: `badge ${badge}`}, badge) : null);
  };
}

function sized(variant: Variant, largest: number): Node {
  const bar = element('i', {class: 'bar', 'aria-hidden': 'true'});
  bar.style.setProperty('--share', String(variant.bytes / largest));
  return element('span', {class: 'sized'}, bytes(variant.bytes), bar);
}

// The measure that decides comes first.
function metricColumns(results: Results): Column[] {
  const quality = qualityOf(results);
  const names = [...METRIC_NAMES].sort((a, b) => Number(b === quality?.metric) - Number(a === quality?.metric));
  return names.map((name) => metricColumn(name, results, quality));
}

function metricColumn(name: MetricName, results: Results, quality: Quality | null): Column {
  const text = metricText(results, name);
  const original = originalOf(results);
  const floor = results.noise.metrics[name];
  return {
    title: text.label, long: text.long,
    value: (each) => each.metrics[name] ?? null,
    show: (each) => (name === quality?.metric && quality.againstTruth ? withDifference(each, original, name) : text.show(each.metrics[name] ?? 0)),
    change: (each) => metricChange(name, each, original, results.noise),
    moreIsBetter: !text.lessIsBetter,
    noise: floor === undefined ? undefined : `±${text.difference(floor)}`,
  };
}

function withDifference(variant: Variant, original: Variant, name: MetricName): Node {
  const [value, before] = [variant.metrics[name], original.metrics[name]];
  const difference = variant === original || !isNumber(value) || !isNumber(before) ? null : signedPoints(value - before);
  return element('span', {}, METRICS[name].show(value ?? 0), difference ? element('small', {}, ` ${difference}`) : null);
}
