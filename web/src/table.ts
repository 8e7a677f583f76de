// The table of all variants; a click on a heading sorts by it.
import {element, section} from './dom';
import {bytes, milliseconds, ratio, spread} from './format';
import {Change, memoryChange, timeChange} from './noise';
import {METRICS} from './quality';
import {MetricName, originalOf, Results, Variant} from './results';

interface Column {
  title: string;
  value: (variant: Variant) => string | number | null;
  show: (variant: Variant) => string;
  change?: (variant: Variant) => Change;
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

  const note = element('p', {class: 'note'},
    'Select a heading to sort. ▲ and ▼ mark differences from the original beyond noise; ± is half the interquartile range.');
  const table = element('table', {}, element('thead', {}, head), body);
  const scroller = element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of variants'}, table);
  return section('variants', 'Variants', scroller, note, classTable(results));
}

function compare(column: Column, a: Variant, b: Variant, descending: boolean): number {
  const left = column.value(a);
  const right = column.value(b);
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order = typeof left === 'string' ? left.localeCompare(String(right), undefined, {numeric: true})
                                         : left - Number(right);
  return descending ? -order : order;
}

function heading(column: Column, sort: () => void): HTMLElement {
  const button = element('button', {type: 'button'}, column.title);
  button.addEventListener('click', sort);
  return element('th', {scope: 'col', 'aria-sort': 'none'}, button);
}

function row(variant: Variant, columns: Column[]): HTMLElement {
  const [name, ...rest] = columns;
  const classes = variant.is_original ? {class: 'original'} : undefined;
  return element('tr', classes, element('th', {scope: 'row'}, name.show(variant)),
                 ...rest.map((column) => cell(variant, column)));
}

function cell(variant: Variant, column: Column): HTMLElement {
  const missing = column.value(variant) === null;
  const change = column.change?.(variant);
  return element('td', {}, missing ? '–' : column.show(variant), change ? mark(change) : null);
}

function mark(change: Change): HTMLElement | null {
  if (change !== 'less' && change !== 'more') return null;
  const words = change === 'less' ? 'less than the original' : 'more than the original';
  return element('span', {class: `mark ${change}`, role: 'img', 'aria-label': words, title: words},
                 change === 'less' ? '▼' : '▲');
}

function columnsOf(results: Results): Column[] {
  const original = originalOf(results);
  const costs: Column[] = [
    {title: 'Variant', value: (each) => each.name, show: (each) => each.name},
    {title: 'Size', value: (each) => each.bytes, show: (each) => bytes(each.bytes)},
    {title: 'Smaller', value: (each) => (each.bytes > 0 ? original.bytes / each.bytes : null),
     show: (each) => ratio(original.bytes / each.bytes)},
    {title: 'Median time', value: (each) => each.median_ms, show: timeOf,
     change: (each) => timeChange(each, original, results.noise)},
    {title: 'Peak memory', value: (each) => each.peak_memory_bytes,
     show: (each) => bytes(each.peak_memory_bytes ?? 0), change: (each) => memoryChange(each, original)},
  ];
  const used = (column: Column) => results.variants.some((each) => column.value(each) !== null);
  return [...costs, ...metricColumns()].filter(used);
}

function metricColumns(): Column[] {
  return Object.entries(METRICS).map(([name, text]) => ({
    title: text.label,
    value: (each) => each.metrics[name as MetricName] ?? null,
    show: (each) => text.show(each.metrics[name as MetricName] as number),
  }));
}

const timeOf = (variant: Variant): string =>
  variant.spread_ms === null ? milliseconds(variant.median_ms ?? 0)
                             : spread(variant.median_ms ?? 0, variant.spread_ms / 2);

// Classes x variants; only classes that the ground truth holds.
function classTable(results: Results): HTMLElement | null {
  const variants = results.variants.filter((each) => each.metrics.class_iou?.some((iou) => iou !== null));
  if (variants.length === 0) return null;
  const count = Math.max(...variants.map((each) => each.metrics.class_iou!.length));
  const body = element('tbody');
  for (let id = 0; id < count; id++) {
    const values = variants.map((each) => each.metrics.class_iou![id] ?? null);
    if (values.some((each) => each !== null)) body.append(classRow(results.model.labels[id] ?? `class ${id}`, values));
  }
  const head = element('tr', {}, element('th', {scope: 'col'}, 'Class'),
                       ...variants.map((each) => element('th', {scope: 'col'}, each.name)));
  const table = element('table', {}, element('thead', {}, head), body);
  const scroller = element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'IoU of each class'}, table);
  return element('details', {}, element('summary', {}, 'IoU of each class'), scroller);
}

function classRow(label: string, values: (number | null)[]): HTMLElement {
  const show = METRICS.miou!.show;
  return element('tr', {}, element('th', {scope: 'row'}, label),
                 ...values.map((value) => element('td', {}, value === null ? '–' : show(value))));
}
