// SPDX-License-Identifier: Apache-2.0
// Drawings of one picture, one over the other: two under a slider, or any one of them toggled in place.
import {element, range} from './dom';
import {Zoom} from './zoom';

export interface Pane {
  name: string;
  canvas: HTMLCanvasElement | null;  // null: there is nothing to show
  note: string;  // said over the drawing; may be empty
}

const SLIDER = -1;  // instead of one pane's index

export class Stage {
  readonly root: HTMLElement;
  readonly frame = element('div', {class: 'frame', tabindex: '0', role: 'group', 'aria-roledescription': 'picture comparison'});
  readonly modes = element('div', {class: 'modes-of', role: 'group', 'aria-label': 'Show'});
  readonly zoom = new Zoom(this.frame);
  private readonly slider: HTMLLabelElement;
  private readonly names = element('div', {class: 'names', 'aria-hidden': 'true'});
  private panes: Pane[] = [];
  private mode = SLIDER;

  constructor() {
    this.slider = range('Divider', 50, (value) => this.divide(value), 'slider');
    this.root = element('div', {class: 'stage'}, this.frame, this.names, this.slider);
    this.frame.addEventListener('pointerdown', (event) => this.drag(event));
    this.frame.addEventListener('pointermove', (event) => this.drag(event));
    this.divide(50);
  }

  // The first two panes share the slider.
  show(panes: Pane[], aspect: number): void {
    this.panes = panes;
    this.root.style.setProperty('--aspect', String(aspect));
    const handle = element('span', {class: 'divider', 'aria-hidden': 'true'});
    this.frame.replaceChildren(...panes.map(paneNode), handle);
    this.setMode(Math.min(this.mode, panes.length - 1));
  }

  setMode(mode: number): void {
    if (mode >= this.panes.length) return;
    this.mode = mode;
    const visible = (index: number) => (mode === SLIDER ? index < 2 : index === mode);
    this.frame.querySelectorAll('.pane').forEach((each, index) => each.classList.toggle('hidden', !visible(index)));
    this.frame.classList.toggle('single', mode !== SLIDER);
    this.slider.classList.toggle('idle', mode !== SLIDER);
    this.label();
    this.drawModes();
  }

  // Between the two in place.
  toggle(): void {
    this.setMode(this.mode === 1 ? 0 : 1);
  }

  private label(): void {
    const [left, right] = this.panes.map((each) => each.name);
    const words = this.mode === SLIDER ? [left, right] : [this.panes[this.mode].name];
    this.frame.setAttribute('aria-label', this.mode === SLIDER ? `${left} to the left of the divider, ${right} to the right` : words[0]);
    this.names.replaceChildren(...words.map((each) => element('span', {}, each)));
  }

  private drawModes(): void {
    const focused = this.modes.contains(document.activeElement);
    const names = ['Slider', ...this.panes.map((each) => each.name)];
    const buttons = names.map((name, at) => {
      const button = element('button', {type: 'button', 'aria-pressed': String(at - 1 === this.mode)}, name);
      button.addEventListener('click', () => this.setMode(at - 1));
      return button;
    });
    this.modes.replaceChildren(...buttons);
    if (focused) buttons[this.mode + 1].focus();
  }

  private divide(value: number): void {
    this.frame.style.setProperty('--split', `${value}%`);
  }

  // One finger or the mouse moves the divider; in a zoomed picture it moves the picture, unless it holds the divider.
  private drag(event: PointerEvent): void {
    if (event.buttons !== 1 || this.zoom.pinch(event)) return;
    const box = this.frame.getBoundingClientRect();
    if (event.type === 'pointerdown') {
      this.frame.classList.toggle('dividing', this.zoom.scale === 1 || isDivider(event.target));
      if (this.frame.classList.contains('dividing') || this.zoom.scale > 1) this.frame.setPointerCapture(event.pointerId);
    }
    if (!this.frame.classList.contains('dividing')) {
      if (event.type === 'pointermove') this.zoom.pan(event.movementX / box.width, event.movementY / box.height);
      return;
    }
    const value = Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width));
    this.slider.querySelector('input')!.value = String(value);
    this.divide(value);
  }

  // Keys of the frame itself; true when one was meant for it.
  key(key: string): boolean {
    const step = 0.1;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]};
    const move = moves[key];
    if (!move || document.activeElement !== this.frame || this.zoom.scale === 1) return false;
    this.zoom.pan(...move);
    return true;
  }
}

const isDivider = (target: EventTarget | null): boolean => target instanceof Element && target.classList.contains('divider');

function paneNode(pane: Pane, index: number): HTMLElement {
  const words = pane.canvas ? pane.note : `${pane.name} gave no result for this picture.`;
  return element('div', {class: `pane ${['left', 'right'][index] ?? 'other'}`}, pane.canvas, words ? element('p', {}, words) : null);
}
