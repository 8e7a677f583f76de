// SPDX-License-Identifier: Apache-2.0
// Outputs that are neither pictures nor classes: their values, the original's against a variant's.
import {dot, gridX, gridY, line, plot} from '@observablehq/plot';
import {figure, modeOf, redraw, STYLE} from './chart';
import {Choices, onKeys} from './choices';
import {element, section, select} from './dom';
import {integer, scientific} from './format';
import {usualChoice} from './quality';
import {originalIndex, Picture, Results, Values} from './results';
import {scrolled} from './table';

interface Sample {
  index: number;
  before: number;
  value: number;
}

export function valuesSection(results: Results): HTMLElement | null {
  const pictures = results.pictures.filter((each) => each.outputs.some((output) => output.values.length > 0));
  return pictures.length === 0 ? null : new ValuesView(results, pictures).root;
}

class ValuesView {
  readonly root: HTMLElement;
  private readonly original: number;
  private readonly holder = element('div', {'aria-live': 'polite'});
  private readonly charts: HTMLElement;
  private readonly choices: Choices;
  private variant: number;
  private output = 0;

  constructor(private readonly results: Results, private readonly pictures: Picture[]) {
    this.original = originalIndex(results);
    const {recommended} = usualChoice(results);
    this.variant = Math.max(0, recommended ? results.variants.indexOf(recommended) : results.variants.findIndex((each) => !each.is_original));
    this.charts = element('div', {class: 'charts'}, this.lineFigure(), this.scatterFigure());
    this.choices = new Choices(results, pictures, () => this.update());
    onKeys((key) => this.key(key));
    this.root = section('values', 'Values', this.choices.root, element('div', {class: 'controls'}, ...this.controls()), this.charts, this.holder);
    this.choices.open(this.choices.current);
  }

  private controls(): HTMLElement[] {
    const outputs = this.pictures[0].outputs[this.original].values.map((each, index): [string, string] => [String(index), each.output]);
    const variants = this.results.variants.flatMap((each, index): [string, string][] => (each.error ? [] : [[String(index), each.name]]));
    return [select('Output', outputs, '0', (value) => { this.output = Number(value); this.update(); }),
            select('Variant', variants, String(this.variant), (value) => { this.variant = Number(value); this.update(); }), this.choices.order];
  }

  private key(key: string): boolean {
    if (key !== '[' && key !== ']') return false;
    this.choices.step(key === ']' ? 1 : -1);
    return true;
  }

  private update(): void {
    redraw(this.charts);
    this.holder.replaceChildren(this.table());
  }

  private valuesOf(variant: number): Values | null {
    return this.choices.current.outputs[variant].values[this.output] ?? null;
  }

  private samples(): Sample[] {
    const [before, values] = [this.valuesOf(this.original), this.valuesOf(this.variant)];
    if (!before || !values) return [];
    return before.samples.flatMap((each, i): Sample[] => {
      const value = values.samples[i];
      return each === null || value === null || value === undefined ? [] : [{index: i * before.step, before: each, value}];
    });
  }

  private colour(): string {
    return modeOf(this.results.variants[this.variant]).colour;
  }

  private lineFigure(): HTMLElement {
    return figure({
      title: 'Values in order.', note: 'The original as the thick grey line, the variant as the thin one.',
      draw: (width) => plot({
        width, height: 260, marginLeft: 52, style: STYLE, x: {label: 'element →', tickSize: 0, ticks: 5, tickFormat: integer},
        y: {label: null, nice: true, tickSize: 0, ticks: 5},
        marks: [gridY({stroke: 'var(--line)', strokeOpacity: 1}),
                line(this.samples(), {x: 'index', y: 'before', stroke: 'var(--muted)', strokeWidth: 4, strokeOpacity: 0.5}),
                line(this.samples(), {x: 'index', y: 'value', stroke: this.colour(), strokeWidth: 1.4})],
      }),
    }, 'The table below holds the figures.');
  }

  private scatterFigure(): HTMLElement {
    return figure({
      title: 'One against the other.', note: 'Across the original, upwards the variant: equal values lie on the line.',
      draw: (width) => {
        const samples = this.samples();
        const ends = [Math.min, Math.max].map((pick) => pick(...samples.flatMap((each) => [each.before, each.value])));
        return plot({
          width, height: 260, marginLeft: 52, style: STYLE, x: {label: 'original →', nice: true, tickSize: 0, ticks: 5},
          y: {label: null, nice: true, tickSize: 0, ticks: 5},
          marks: [gridX({stroke: 'var(--line)', strokeOpacity: 1}), gridY({stroke: 'var(--line)', strokeOpacity: 1}),
                  line(samples.length > 0 ? ends : [], {x: (each) => each, y: (each) => each, stroke: 'var(--muted)'}),
                  dot(samples, {x: 'before', y: 'value', r: 2.5, fill: this.colour(), fillOpacity: 0.6})],
        });
      },
    }, 'The table below holds the figures.');
  }

  private table(): HTMLElement {
    const shape = this.valuesOf(this.original)?.shape.join(' × ') ?? '';
    const head = element('tr', {}, ...['Variant', 'Least', 'Mean', 'Greatest', 'Deviation'].map((each) => element('th', {scope: 'col'}, each)));
    const rows = this.results.variants.flatMap((variant, index) => {
      const values = this.valuesOf(index);
      if (!values) return [];
      const cells = [values.min, values.mean, values.max, values.deviation].map((each) => element('td', {}, each === null ? '–' : scientific(each)));
      return [element('tr', {}, element('th', {scope: 'row'}, variant.name), ...cells)];
    });
    return element('div', {}, scrolled('Values of this output', element('thead', {}, head), element('tbody', {}, ...rows)),
                   element('p', {class: 'note'}, `${this.choices.current.name}${shape ? `, ${shape} values` : ''}`));
  }
}
