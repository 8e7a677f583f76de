// SPDX-License-Identifier: Apache-2.0
// The table of all variants; a click on a heading sorts by it.
import {element, section} from './dom';
import {bytes, milliseconds, percent, ratio, signedPoints} from './format';
import {intervalWords} from './intervals';
import {Change, memoryChange, memoryNoise, metricChange, timeChange, timeNoise} from './noise';
import {METRICS, metricText, Quality, qualityOf, usualChoice} from './quality';
import {isNumber, METRIC_NAMES, MetricName, originalOf, Results, TRUTH_METRICS, Variant} from './results';
import {timeOf} from './verdict';

interface Column {
  title: string;
  name?: string;   // where the title alone would be ambiguous
  group?: string;  // stands once over the columns of one group
  long: string;
  value: (variant: Variant) => string | number | null;
  show: (variant: Variant) => string | Node;
  interval?: (variant: Variant) => string | null;  // in words
  decides?: boolean;                                // its intervals are shown, not only told
  change?: (variant: Variant) => Change;
  moreIsBetter?: boolean;
  unit?: string;   // stands in the heading, where room is scarce
  noise?: string;  // what two runs of the original differ by
}

export function tableSection(results: Results): HTMLElement {
  const columns = columnsOf(results);
  const dense = columns.length >= ROOMY;
  const body = element('tbody');
  const head = element('tr', {class: 'headings'});
  const rows = new Map(results.variants.map((each) => [each, row(each, columns)]));
  columns.forEach((column, index) => head.append(heading(column, dense, () => sortBy(index))));
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
    'beyond noise, green ones for the better; the ± of a time is half the interquartile range of its runs.' + intervalNote(results));
  const table = scrolled('Table of variants', element('thead', {}, groupRow(columns), head), body, noiseRow(columns));
  if (dense) makeDense(table, columns);
  return section('variants', 'Variants', table, note, glossary(columns));
}

const intervalNote = (results: Results): string =>
  (results.variants.every((each) => Object.keys(each.intervals).length === 0) ? ''
    : ' Small below a measure: where it may lie on other pictures of the kind, at 95 %.');

// Units that stand in the heading need not stand in every cell.
function makeDense(table: HTMLElement, columns: Column[]): void {
  table.classList.add('dense');
  for (const row of table.querySelectorAll('tbody tr, tfoot tr')) {
    columns.forEach(({unit}, at) => {
      const text = unit ? firstText(row.children[at]) : null;
      if (text) text.data = text.data.replace(new RegExp(`\u00a0${unit}`), '');
      const interval = row.children[at].querySelector('.interval');
      if (interval) interval.textContent = interval.textContent!.replace(/\u00a0(points|%|dB)$/, '');
    });
  }
}

const firstText = (cell: Element): Text | null => document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode() as Text | null;

// A table that may be wider than the page: its edge fades and a line below says so, as long as there is more.
export function scrolled(name: string, ...parts: (Node | null)[]): HTMLElement {
  const scroll = element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name}, element('table', {}, ...parts));
  const root = element('div', {class: 'scroller'}, scroll, element('p', {class: 'more', 'aria-hidden': 'true'}, 'more columns →'));
  const look = () => root.classList.toggle('cut', scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 2);
  scroll.addEventListener('scroll', look);
  new ResizeObserver(look).observe(scroll);
  return root;
}

function groupRow(columns: Column[]): HTMLElement | null {
  const groups: [string, number][] = [];
  for (const {group = ''} of columns) {
    if (groups.length > 0 && groups[groups.length - 1][0] === group) groups[groups.length - 1][1]++;
    else groups.push([group, 1]);
  }
  if (groups.length < 2) return null;
  return element('tr', {class: 'groups'}, ...groups.map(([name, span]) =>
    (name ? element('th', {scope: 'colgroup', colspan: String(span)}, name) : element('td', {colspan: String(span)}))));
}

// What hovering over a heading says, for fingers and paper.
function glossary(columns: Column[]): HTMLElement {
  const words = columns.slice(1).filter((each) => each.long).flatMap((each) => [element('dt', {}, each.name ?? each.title), element('dd', {}, `${each.long}.`)]);
  return element('details', {class: 'glossary'}, element('summary', {}, 'What the columns mean'), element('dl', {class: 'facts'}, ...words));
}

function compare(column: Column, a: Variant, b: Variant, descending: boolean): number {
  const [left, right] = [column.value(a), column.value(b)];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order = typeof left === 'string' ? left.localeCompare(String(right), undefined, {numeric: true})
                                         : left - Number(right);
  return descending ? -order : order;
}

function heading(column: Column, dense: boolean, sort: () => void): HTMLElement {
  const button = element('button', {type: 'button', title: column.long, 'aria-label': column.name ?? column.title}, column.title);
  button.addEventListener('click', sort);
  const unit = dense && column.unit ? element('small', {}, column.unit) : null;
  return element('th', {scope: 'col', 'aria-sort': 'none'}, button, unit);
}

function row(variant: Variant, columns: Column[]): HTMLElement {
  const [name, ...rest] = columns;
  return element('tr', variant.is_original ? {class: 'original'} : {}, element('th', {scope: 'row'}, name.show(variant)),
                 ...rest.map((column) => cell(variant, column)));
}

function cell(variant: Variant, column: Column): HTMLElement {
  if (column.value(variant) === null) return element('td', {}, '–');
  const words = variant.is_original ? null : column.interval?.(variant);
  const interval = words && column.decides ? element('small', {class: 'interval'}, words) : null;
  return element('td', words ? {title: `95 % interval: ${words}`} : {}, column.show(variant),
                 variant.is_original ? null : mark(column, variant), interval);
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
    {title: 'Size', long: 'Bytes of the file', value: (each) => each.bytes || null, show: (each) => sized(each, largest)},
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
  const columns = [name, size, smaller, ...metricColumns(results), ...rest].filter(used);
  return columns.length < ROOMY && used(loadColumn) ? [...columns, loadColumn] : columns;
}

const ROOMY = 11;  // columns; with more, the least important one is left to the other outputs

function nameWith(results: Results): (variant: Variant) => Node {
  const {smallest, recommended} = usualChoice(results);
  return (variant) => {
    const badge = variant === recommended ? 'recommended' : variant === smallest ? 'smallest' : null;
    const broken = variant.blank_masks > 0 ? 'blank masks' : variant.nonfinite_values > 0 ? 'NaN or infinite' : null;
    return element('span', {}, variant.name, broken ? element('span', {class: 'badge broken'}, broken) : null,
                   badge ? element('span', {class: `badge ${badge}`}, badge) : null);
  };
}

function sized(variant: Variant, largest: number): Node {
  const bar = element('i', {class: 'bar', 'aria-hidden': 'true'});
  bar.style.setProperty('--share', String(variant.bytes / largest));
  return element('span', {class: 'sized'}, bytes(variant.bytes), bar);
}

// The measure that decides comes first, with its like.
function metricColumns(results: Results): Column[] {
  const quality = qualityOf(results);
  const isFirst = (name: MetricName) => Number(name === quality?.metric);
  const isLike = (name: MetricName) => Number(quality !== null && TRUTH_METRICS.includes(name) === quality.againstTruth);
  const names = [...METRIC_NAMES].sort((a, b) => isLike(b) - isLike(a) || isFirst(b) - isFirst(a));
  return names.map((name) => metricColumn(name, results, quality));
}

// Below "against the original" a heading need not say so again.
const SHORT: Partial<Record<MetricName, string>> = {agreement_miou: 'mIoU', agreement_boundary_f: 'Boundary F'};

function metricColumn(name: MetricName, results: Results, quality: Quality | null): Column {
  const text = metricText(results, name);
  const original = originalOf(results);
  return {
    title: SHORT[name] ?? text.label, name: text.label, long: text.long,
    group: TRUTH_METRICS.includes(name) ? 'against the truth' : 'against the original',
    value: (each) => each.metrics[name] ?? null,
    show: (each) => (name === quality?.metric && quality.againstTruth ? withDifference(each, original, name) : text.show(each.metrics[name] ?? 0)),
    change: (each) => metricChange(name, each, original, results.noise),
    interval: (each) => intervalWords(each, name), decides: name === quality?.metric,
    moreIsBetter: !text.lessIsBetter, unit: unitOf(text.show(0.5)),
  };
}

const unitOf = (shown: string): string | undefined => shown.split('\u00a0')[1];

function withDifference(variant: Variant, original: Variant, name: MetricName): Node {
  const [value, before] = [variant.metrics[name], original.metrics[name]];
  const difference = variant === original || !isNumber(value) || !isNumber(before) ? null : signedPoints(value - before);
  return element('span', {}, METRICS[name].show(value ?? 0), difference ? element('small', {}, ` ${difference}`) : null);
}
