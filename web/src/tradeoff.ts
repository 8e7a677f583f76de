// SPDX-License-Identifier: Apache-2.0
// Accuracy over bytes: each variant a point, the best choices joined, the allowed loss a line.
import {axisX, axisY, dot, gridX, gridY, line, plot, ruleY, text} from '@observablehq/plot';
import {Drawing, figure, HALO, modeLegend, modeOf, STYLE} from './chart';
import {element} from './dom';
import {bytes} from './format';
import {Quality, qualityOf, usualChoice} from './quality';
import {isNumber, originalOf, Results, Variant} from './results';

interface Point {
  variant: Variant;
  name: string;
  bytes: number;
  value: number;
  front: boolean;
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
  const points = results.variants.flatMap((variant): Point[] => {
    const value = variant.metrics[quality.metric];
    return variant.error || !isNumber(value) || variant.bytes <= 0 ? []
      : [{variant, name: variant.name, bytes: variant.bytes, value, front: false}];
  });
  for (const point of paretoFront(points)) point.front = true;
  return points;
}

export function tradeoffFigure(results: Results): HTMLElement | null {
  const quality = qualityOf(results);
  const all = quality ? pointsOf(results, quality) : [];
  if (!quality || all.length < 2) return null;
  const floor = allowedFloor(results, quality);
  const near = nearOriginal(all, floor);
  let shown = near ?? all;
  const drawing: Drawing = {
    title: `${quality.label} over size.`,
    note: 'Up and left is better; the line joins the best choices, the dashed one is the allowed loss.',
    draw: (width) => draw(shown, quality, floor, usualChoice(results).recommended, width),
  };
  const names = all.filter((each) => each.front).map((each) => `${each.name} ${quality.show(each.value)} at ${bytes(each.bytes)}`);
  const whole = figure(drawing, `The best choices: ${names.join(', ')}.`, modeLegend(all.map((each) => each.variant)));
  if (!near) return whole;
  const away = all.length - near.length;
  whole.append(rangeButton(away, (everything) => {
    shown = everything ? all : near;
    whole.querySelector('.chart')!.dispatchEvent(new Event('redraw'));
  }));
  return whole;
}

function allowedFloor(results: Results, quality: Quality): number {
  if (!quality.againstTruth) return quality.metric.endsWith('_db') ? -quality.usual : 1 - quality.usual;
  return (originalOf(results).metrics[quality.metric] ?? 0) - quality.usual;
}

const NEAR = 12;  // allowed losses below the best that the first view shows

// Variants that have broken would press all others into one line at the top. Null: nothing is that far away.
function nearOriginal(points: Point[], floor: number): Point[] | null {
  const best = Math.max(...points.map((each) => each.value));
  const near = points.filter((each) => each.value >= best - NEAR * Math.max(best - floor, 0));
  const lowest = Math.min(...near.map((each) => each.value));
  const outside = points.some((each) => best - each.value > 3 * (best - Math.min(lowest, floor)));
  const flat = near.every((each) => each.value === lowest);
  return near.length >= 3 && !flat && outside ? near : null;
}

function rangeButton(away: number, changed: (everything: boolean) => void): HTMLElement {
  const words = `Show ${away} more far below`;
  const button = element('button', {type: 'button', class: 'toggle', 'aria-pressed': 'false'}, words);
  button.addEventListener('click', () => {
    const everything = button.getAttribute('aria-pressed') === 'false';
    button.setAttribute('aria-pressed', String(everything));
    changed(everything);
  });
  return button;
}

// The allowed loss belongs to the axis: beside it one sees whether a step down is a cliff or next to nothing.
function draw(points: Point[], quality: Quality, floor: number, recommended: Variant | null, width: number): Element {
  const front = points.filter((point) => point.front).sort((a, b) => a.bytes - b.bytes);
  const ticks = sizeTicks(points, width);
  const values = [floor, ...points.map((each) => each.value)];
  return plot({
    width, height: Math.min(400, Math.max(280, width * 0.45)), marginLeft: 64, marginRight: 16, marginTop: 24, marginBottom: 40,
    style: STYLE, x: {type: 'log', insetLeft: 34, insetRight: 34}, y: {domain: [Math.min(...values), Math.max(...values)], nice: true, insetTop: 14, insetBottom: 14},
    marks: [
      gridY({ticks: 5, stroke: 'var(--line)', strokeOpacity: 1}), gridX({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
      axisX({ticks, tickFormat: bytes, label: 'size →', tickSize: 0}),
      axisY({ticks: 5, tickFormat: quality.show, label: null, tickSize: 0}),
      ruleY([floor], {stroke: 'var(--bad)', strokeDasharray: '5 4', strokeOpacity: 0.8}),
      text([floor], {y: (each: number) => each, frameAnchor: 'right', text: () => 'allowed loss', fill: 'var(--bad)', dy: 9, ...HALO}),
      line(front, {x: 'bytes', y: 'value', stroke: 'var(--accent)', strokeWidth: 2, strokeOpacity: 0.6, curve: 'step-after'}),
      dot(points.filter((each) => each.variant === recommended),
          {x: 'bytes', y: 'value', r: 11, stroke: 'var(--accent)', strokeWidth: 2}),
      dot(points, {x: 'bytes', y: 'value', r: 5.5, fill: (each: Point) => modeOf(each.variant).colour,
                   fillOpacity: (each: Point) => (each.front ? 1 : 0.55), symbol: (each: Point) => modeOf(each.variant).symbol,
                   stroke: 'var(--surface)', strokeWidth: 1, title: (each: Point) => wordsOf(each, quality), tip: {fill: 'var(--surface)'}}),
      ...[true, false].map((best) => text(labelled(points, width).filter((each) => (each.variant === recommended) === best),
        {x: 'bytes', y: 'value', text: 'name', dy: -16, fill: 'currentColor', ...HALO, fontWeight: best ? 700 : 400})),
    ],
    symbol: {type: 'identity'}, opacity: {type: 'identity'},
  });
}

const wordsOf = (point: Point, quality: Quality): string =>
  `${point.name}\n${bytes(point.bytes)}\n${quality.label} ${quality.show(point.value)}`;

// Sizes in equal ratios, to two digits.
function sizeTicks(points: Point[], width: number): number[] {
  const sizes = points.map((each) => each.bytes);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const steps = width < 500 ? 2 : 5;
  const ticks = Array.from({length: steps + 1}, (_, i) => Number((low * (high / low) ** (i / steps)).toPrecision(2)));
  return [...new Set(ticks)];
}

// Names of points that lie too close to a named one are left to the pointer and the table.
function labelled(points: Point[], width: number): Point[] {
  const [low, high] = [Math.min, Math.max].map((pick) => Math.log(pick(...points.map((each) => each.bytes))));
  const values = points.map((each) => each.value);
  const spread = Math.max(...values) - Math.min(...values) || 1;
  const scale = (width - 152) / (high - low || 1);
  const named: Point[] = [];
  for (const point of [...points].sort((a, b) => Number(b.front) - Number(a.front))) {
    const near = (other: Point) =>
      Math.abs(Math.log(point.bytes / other.bytes)) * scale < (point.name.length + other.name.length) * 3.6 &&
      Math.abs(point.value - other.value) / spread < 0.075;
    if (!named.some(near)) named.push(point);
  }
  return named;
}
