// SPDX-License-Identifier: Apache-2.0
// IoU of each class: classes x variants, only classes that the truth or an output holds; worse than the original by
// more is darker.
import {element} from './dom';
import {METRICS} from './quality';
import {originalIndex, Results} from './results';
import {scrolled} from './table';

const WORST = 0.2;  // a loss of IoU that gets the full colour

export function classTable(results: Results): HTMLElement | null {
  const variants = results.variants.filter((each) => each.class_iou.some((iou) => iou !== null));
  if (variants.length === 0) return null;
  const original = results.variants[originalIndex(results)].class_iou;
  const count = Math.max(...variants.map((each) => each.class_iou.length));
  const body = element('tbody');
  for (let id = 0; id < count; id++) {
    const values = variants.map((each) => each.class_iou[id] ?? null);
    if (values.some((each) => each !== null))
      body.append(classRow(results.model.labels[id] ?? `class ${id}`, values, original[id] ?? null));
  }
  const head = element('tr', {}, element('th', {scope: 'col'}, 'Class'),
                       ...variants.map((each) => element('th', {scope: 'col'}, each.name)));
  return element('details', {class: 'classes'}, element('summary', {}, 'IoU of each class'),
                 scrolled('IoU of each class', element('thead', {}, head), body));
}

function classRow(label: string, values: (number | null)[], before: number | null): HTMLElement {
  return element('tr', {}, element('th', {scope: 'row'}, label), ...values.map((value) => {
    const cell = element('td', {}, value === null ? '–' : METRICS.miou.show(value));
    if (value !== null && before !== null && value < before) shade(cell, (before - value) / WORST);
    return cell;
  }));
}

function shade(cell: HTMLElement, share: number): void {
  cell.classList.add('shaded');
  cell.style.setProperty('--share', `${Math.round(28 * Math.min(1, share))}%`);
}
