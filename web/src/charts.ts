// Accuracy over bytes with the Pareto front, and bars of time and memory. Drawn as SVG by
// Observable Plot in the page's own colours, so that dark mode and print need nothing more.
import {axisX, axisY, barX, dot, gridX, gridY, line, plot, ruleX, text} from '@observablehq/plot';
import {element, section} from './dom';
import {bytes, milliseconds} from './format';
import {Quality, qualityOf} from './quality';
import {Results, Variant} from './results';

interface Point {
  name: string;
  bytes: number;
  value: number;
  front: boolean;
  original: boolean;
}

const ACCENT = 'var(--accent)';
const MUTED = 'var(--muted)';

export function chartsSection(results: Results): HTMLElement | null {
  const quality = qualityOf(results);
  const figures = [quality && accuracyChart(results, quality), timeChart(results), memoryChart(results)]
    .filter((figure): figure is HTMLElement => figure !== null && figure !== undefined);
  if (figures.length === 0) return null;
  return section('charts', 'Charts', element('div', {class: 'charts'}, ...figures));
}

function figure(title: string, note: string, draw: (width: number) => Element): HTMLElement {
  const holder = element('div', {class: 'chart', role: 'img', 'aria-label': `${title}. ${note} The table holds the figures.`});
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width === drawn || width < 50) return;
    drawn = width;
    holder.replaceChildren(draw(width));
  }).observe(holder);
  return element('figure', {}, element('figcaption', {}, element('strong', {}, title), ` ${note}`), holder);
}

// A point is on the front when no other is both no larger and no worse (and better in one).
export function paretoFront<T extends {bytes: number; value: number}>(points: T[]): T[] {
  const sorted = [...points].sort((a, b) => a.bytes - b.bytes || b.value - a.value);
  let best = -Infinity;
  return sorted.filter((point) => {
    const better = point.value > best;
    best = Math.max(best, point.value);
    return better;
  });
}

function pointsOf(results: Results, quality: Quality): Point[] {
  const points = results.variants.flatMap((each): Point[] => {
    const value = each.metrics[quality.metric];
    const usable = !each.error && typeof value === 'number' && each.bytes > 0;
    return usable ? [{name: each.name, bytes: each.bytes, value, front: false, original: each.is_original}] : [];
  });
  for (const point of paretoFront(points)) point.front = true;
  return points;
}

function accuracyChart(results: Results, quality: Quality): HTMLElement | null {
  const points = pointsOf(results, quality);
  if (points.length < 2) return null;
  const front = points.filter((point) => point.front).sort((a, b) => a.bytes - b.bytes);
  return figure(`${quality.label} over size.`, 'Up and left is better; the line joins the best choices.',
    (width) => plot({
      width, height: Math.min(380, Math.max(260, width * 0.5)), marginLeft: 64, marginRight: 28,
      marginTop: 30, marginBottom: 40, style: {background: 'none', fontSize: '12px', overflow: 'visible'},
      x: {type: 'log', insetLeft: 30, insetRight: 30}, y: {nice: true, inset: 12},
      marks: [
        gridY(), gridX({ticks: sizeTicks(points, width)}),
        axisX({ticks: sizeTicks(points, width), tickFormat: bytes, label: 'size →'}),
        axisY({ticks: 5, tickFormat: quality.show, label: null}),
        line(front, {x: 'bytes', y: 'value', stroke: ACCENT, strokeWidth: 2, curve: 'step-after'}),
        dot(points, {x: 'bytes', y: 'value', r: 5, fill: (each: Point) => (each.front ? ACCENT : MUTED),
                     stroke: 'var(--surface)', strokeWidth: 1.5}),
        text(labelled(points, width), {x: 'bytes', y: 'value', text: 'name', dy: -12, fill: 'currentColor',
                      stroke: 'var(--surface)', strokeWidth: 4, paintOrder: 'stroke',
                      textAnchor: 'middle', clip: false}),
      ],
    }));
}

// Sizes in equal ratios, to two digits.
function sizeTicks(points: Point[], width: number): number[] {
  const sizes = points.map((each) => each.bytes);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const steps = width < 500 ? 2 : 5;
  const ticks = Array.from({length: steps + 1}, (_, i) => Number((low * (high / low) ** (i / steps)).toPrecision(2)));
  return [...new Set(ticks)];
}

// Names of points that lie too close to a named one are left to the table.
function labelled(points: Point[], width: number): Point[] {
  const [low, high] = [Math.min, Math.max].map((pick) => Math.log(pick(...points.map((each) => each.bytes))));
  const values = points.map((each) => each.value);
  const spread = Math.max(...values) - Math.min(...values) || 1;
  const scale = (width - 152) / (high - low || 1);
  const named: Point[] = [];
  for (const point of [...points].sort((a, b) => Number(b.front) - Number(a.front))) {
    const near = (other: Point) =>
      Math.abs(Math.log(point.bytes / other.bytes)) * scale < (point.name.length + other.name.length) * 3.5 &&
      Math.abs(point.value - other.value) / spread < 0.07;
    if (!named.some(near)) named.push(point);
  }
  return named;
}

function timeChart(results: Results): HTMLElement | null {
  const measured = results.variants.filter((each) => each.median_ms !== null && !each.error);
  if (measured.length === 0) return null;
  return figure('Time.', 'Median of one run; dots are single runs. Shorter is better.',
    (width) => bars(measured, width, (each) => each.median_ms!, milliseconds, 'ms',
      [dot(measured.flatMap((each) => each.times_ms.map((time) => ({name: each.name, time}))),
           {x: 'time', y: 'name', r: 2, fill: 'currentColor', fillOpacity: 0.45})]));
}

function memoryChart(results: Results): HTMLElement | null {
  const measured = results.variants.filter((each) => each.peak_memory_bytes !== null && !each.error);
  if (measured.length === 0) return null;
  return figure('Peak memory.', 'Shorter is better.',
    (width) => bars(measured, width, (each) => each.peak_memory_bytes! / 1e6, (value) => bytes(value * 1e6), 'MB', []));
}

function bars(variants: Variant[], width: number, value: (each: Variant) => number,
              show: (value: number) => string, unit: string, more: ReturnType<typeof dot>[]): Element {
  const longest = Math.max(...variants.map((each) => each.name.length));
  return plot({
    width, height: variants.length * 28 + 50, marginLeft: Math.min(width * 0.35, longest * 7 + 16), marginRight: 72,
    style: {background: 'none', fontSize: '12px'},
    y: {domain: variants.map((each) => each.name), label: null, tickSize: 0, padding: 0.3,
        tickFormat: (name: string) => shorten(name, (width * 0.35) / 7)},
    x: {label: unit, ticks: 4, zero: true},
    marks: [
      gridX({ticks: 4}),
      barX(variants, {y: 'name', x: value, fill: (each: Variant) => (each.is_original ? MUTED : ACCENT), fillOpacity: 0.85, rx: 2}),
      ...more,
      text(variants, {y: 'name', x: value, text: (each: Variant) => show(value(each)), textAnchor: 'start', dx: 10,
                      fill: 'currentColor'}),
      ruleX([0]),
    ],
  });
}

const shorten = (name: string, length: number): string =>
  name.length > length ? `${name.slice(0, Math.max(3, Math.floor(length) - 1))}…` : name;
