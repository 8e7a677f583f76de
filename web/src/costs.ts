// SPDX-License-Identifier: Apache-2.0
// Time and memory as bars from zero: what did not change looks unchanged. The band is the noise about the original.
import {barX, dot, gridX, plot, rect, ruleX, text} from '@observablehq/plot';
import {figure, modeOf, nameMargin, shortened, STYLE} from './chart';
import {bytes, milliseconds, timeUnit} from './format';
import {memoryNoise, timeNoise} from './noise';
import {isNumber, originalOf, Results, Variant} from './results';

interface Cost {
  value: (variant: Variant) => number;
  show: (value: number) => string;
  unit: string;
  noise: number;  // ratio
  runs: (variant: Variant) => number[];
}

export function timeFigure(results: Results): HTMLElement | null {
  const measured = results.variants.filter((each) => each.median_ms !== null && !each.error);
  if (measured.length === 0) return null;
  const longest = Math.max(...measured.map((each) => each.median_ms!));
  const [scale, unit] = timeUnit(longest);
  const cost: Cost = {
    value: (each) => each.median_ms! / scale, show: (value) => milliseconds(value * scale), unit,
    noise: timeNoise(results.noise), runs: (each) => each.times_ms.map((time) => time / scale),
  };
  return figure({
    title: 'Time.', note: 'Median of the runs; each dot is a run. Shorter is better; the band is the noise.',
    draw: (width) => bars(measured, originalOf(results), cost, width),
  }, spoken(measured, cost));
}

export function memoryFigure(results: Results): HTMLElement | null {
  const measured = results.variants.filter((each) => each.peak_memory_bytes !== null && !each.error);
  if (measured.length === 0) return null;
  const cost: Cost = {
    value: (each) => each.peak_memory_bytes! / 1e6, show: (value) => bytes(value * 1e6), unit: 'MB',
    noise: memoryNoise(results.noise), runs: () => [],
  };
  return figure({
    title: 'Peak memory.', note: 'Of the whole process. Shorter is better; the band is the noise.',
    draw: (width) => bars(measured, originalOf(results), cost, width),
  }, spoken(measured, cost));
}

const spoken = (variants: Variant[], cost: Cost): string =>
  `${variants.map((each) => `${each.name} ${cost.show(cost.value(each))}`).join(', ')}.`;

// Runs beyond twice the longest median (another program woke up) would shrink every bar.
function bars(variants: Variant[], original: Variant, cost: Cost, width: number): Element {
  const names = variants.map((each) => each.name);
  const end = Math.max(...variants.map(cost.value)) * 1.001;
  const runs = variants.flatMap((each) => cost.runs(each).filter((run) => run <= 1.15 * end)
    .map((run) => ({name: each.name, run})));
  const before = variants.includes(original) ? cost.value(original) : null;
  const band = isNumber(before) ? [{from: before * (1 - cost.noise), to: before * (1 + cost.noise)}] : [];
  return plot({
    width, height: variants.length * 27 + 46, marginLeft: nameMargin(names, width), marginRight: 70, marginTop: 6, style: STYLE,
    y: {domain: names, label: null, tickSize: 0, padding: 0.34, tickFormat: shortened(width)},
    x: {label: unitLabel(cost), ticks: 4, domain: [0, Math.max(end, ...runs.map((each) => each.run))], tickSize: 0},
    marks: [
      gridX({ticks: 4, stroke: 'var(--line)', strokeOpacity: 1}),
      barX(variants, {y: 'name', x: cost.value, fill: (each: Variant) => modeOf(each).colour, fillOpacity: 0.8, rx: 2}),
      rect(band, {x1: 'from', x2: 'to', fill: 'var(--text)', fillOpacity: 0.13}),
      isNumber(before) ? ruleX([before], {stroke: 'var(--text)', strokeOpacity: 0.5, strokeDasharray: '3 3'}) : null,
      dot(runs, {x: 'run', y: 'name', r: 1.8, fill: 'var(--text)', fillOpacity: 0.45}),
      text(variants, {y: 'name', frameAnchor: 'right', text: (each: Variant) => cost.show(cost.value(each)), textAnchor: 'start', dx: 8,
                      fill: 'currentColor'}),
      ruleX([0], {stroke: 'var(--muted)'}),
    ],
  });
}

const unitLabel = (cost: Cost): string => `${cost.unit} →`;
