// SPDX-License-Identifier: Apache-2.0
// What all charts share: a figure that is drawn again at each width, and the colour of each mode. Drawn as SVG by
// Observable Plot in the page's own colours, so that dark mode and print need nothing more.
import {element} from './dom';
import {Variant} from './results';

export interface Drawing {
  title: string;
  note: string;
  draw: (width: number) => Element;
}

// `words` say what the picture shows to those who cannot see it.
export function figure({title, note, draw}: Drawing, words: string, ...more: (Node | null)[]): HTMLElement {
  const holder = element('div', {class: 'chart', role: 'img', 'aria-label': `${title}. ${words}`});
  let drawn = 0;
  // The holder's name speaks for the whole picture; the marks' own names would only be noise.
  const show = () => {
    const svg = draw(drawn);
    svg.setAttribute('aria-hidden', 'true');
    holder.replaceChildren(svg);
  };
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width === drawn || width < 50) return;
    drawn = width;
    show();
  }).observe(holder);
  holder.addEventListener('redraw', () => drawn > 0 && show());
  return element('figure', {}, element('figcaption', {}, element('strong', {}, title), ` ${note}`), holder, ...more);
}

export const redraw = (within: HTMLElement): void =>
  within.querySelectorAll('.chart').forEach((each) => each.dispatchEvent(new Event('redraw')));

export const STYLE = {background: 'none', fontSize: '12px', overflow: 'visible', fontFamily: 'inherit'};
export const HALO = {stroke: 'var(--surface)', strokeWidth: 4, paintOrder: 'stroke'} as const;

interface Mode {
  label: string;
  colour: string;
  symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'star';
}
const MODES: Record<string, Mode> = {
  original: {label: 'original', colour: 'var(--text)', symbol: 'star'},
  float16: {label: 'Float16', colour: 'var(--mode-float16)', symbol: 'diamond'},
  linear: {label: 'linear', colour: 'var(--mode-linear)', symbol: 'circle'},
  linear_symmetric: {label: 'linear, symmetric', colour: 'var(--mode-linear)', symbol: 'diamond'},
  linear_lut: {label: 'table of equal steps', colour: 'var(--mode-lut)', symbol: 'square'},
  kmeans_lut: {label: 'k-means table', colour: 'var(--mode-kmeans)', symbol: 'triangle'},
};
const OTHER: Mode = {label: 'other', colour: 'var(--mode-other)', symbol: 'square'};

export function modeOf(variant: Variant): Mode {
  if (variant.is_original) return MODES.original;
  const mode = variant.mode ?? '';
  return MODES[mode] ?? (mode === '' ? OTHER : {...OTHER, label: mode.replace(/_/g, ' ')});
}

export function modeLegend(variants: Variant[]): HTMLElement {
  const modes = new Map(variants.map((each) => [modeOf(each).label, modeOf(each).colour]));
  const items = [...modes].map(([label, colour]) => {
    const swatch = element('i', {'aria-hidden': 'true'});
    swatch.style.background = colour;
    return element('li', {}, swatch, label);
  });
  return element('ul', {class: 'legend modes', 'aria-label': 'Modes'}, ...items);
}

// Names take a part of the width; on a phone longer ones are cut.
export function nameMargin(names: string[], width: number): number {
  return Math.ceil(Math.min(width * 0.36, Math.max(...names.map((each) => each.length), 4) * 6.8 + 14));
}

export function shortened(width: number): (name: string) => string {
  const length = Math.max(4, Math.floor((width * 0.36 - 14) / 6.8));
  return (name) => (name.length > length ? `${name.slice(0, length - 1)}…` : name);
}
