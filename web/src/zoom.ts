// SPDX-License-Identifier: Apache-2.0
// Zoom and pan of what lies inside a frame: buttons, keys, double click, two fingers, the wheel with Ctrl.
import {element} from './dom';

const MOST = 16;
const STEP = 1.5;

export class Zoom {
  scale = 1;
  // Left and top edge of the content, in widths and heights of the frame.
  private x = 0;
  private y = 0;
  readonly buttons: HTMLElement;
  private readonly shown = element('output', {'aria-label': 'Magnification'}, '1×');
  private readonly fingers = new Map<number, PointerEvent>();

  constructor(private readonly frame: HTMLElement) {
    this.buttons = element('div', {class: 'zoom', role: 'group', 'aria-label': 'Zoom'},
      this.button('−', 'Zoom out', () => this.by(1 / STEP)), this.shown, this.button('+', 'Zoom in', () => this.by(STEP)),
      this.button('Fit', 'Fit the whole picture', () => this.fit()));
    frame.addEventListener('dblclick', (event) => (this.scale > 1 ? this.fit() : this.by(3, event)));
    frame.addEventListener('wheel', (event) => this.wheel(event), {passive: false});
    for (const type of ['pointerup', 'pointercancel', 'pointerleave'] as const)
      frame.addEventListener(type, (event) => this.fingers.delete(event.pointerId));
    this.apply();
  }

  private button(text: string, name: string, act: () => void): HTMLButtonElement {
    const node = element('button', {type: 'button', 'aria-label': name, title: name}, text);
    node.addEventListener('click', act);
    return node;
  }

  fit(): void {
    this.scale = 1;
    this.apply();
  }

  // The point under `at` stays where it is; without one, the middle.
  by(factor: number, at?: {clientX: number; clientY: number}): void {
    const box = this.frame.getBoundingClientRect();
    const [px, py] = at ? [(at.clientX - box.left) / box.width, (at.clientY - box.top) / box.height] : [0.5, 0.5];
    const scale = Math.min(MOST, Math.max(1, this.scale * factor));
    this.x = px - ((px - this.x) * scale) / this.scale;
    this.y = py - ((py - this.y) * scale) / this.scale;
    this.scale = scale;
    this.apply();
  }

  // In widths and heights of the frame.
  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.apply();
  }

  // Where in the content, 0..1, a point of the screen lies.
  place(event: {clientX: number; clientY: number}): [number, number] {
    const box = this.frame.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width - this.x) / this.scale,
            ((event.clientY - box.top) / box.height - this.y) / this.scale];
  }

  // True when two fingers are down: the movement was a pinch.
  pinch(event: PointerEvent): boolean {
    const before = this.fingers.get(event.pointerId);
    this.fingers.set(event.pointerId, event);
    if (this.fingers.size < 2 || !before) return this.fingers.size >= 2;
    const other = [...this.fingers.values()].find((each) => each.pointerId !== event.pointerId)!;
    const apart = (each: PointerEvent) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY) || 1;
    this.by(apart(event) / apart(before), {clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2});
    return true;
  }

  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.by(Math.exp(-event.deltaY / 200), event);
  }

  private apply(): void {
    this.x = Math.min(0, Math.max(1 - this.scale, this.x));
    this.y = Math.min(0, Math.max(1 - this.scale, this.y));
    this.frame.style.setProperty('--zoom', `translate(${this.x * 100}%, ${this.y * 100}%) scale(${this.scale})`);
    this.frame.classList.toggle('zoomed', this.scale > 1);
    this.frame.classList.toggle('pixels', this.scale >= 4);
    this.shown.textContent = `${this.scale.toFixed(this.scale < 9.95 && this.scale % 1 !== 0 ? 1 : 0)}×`;
  }
}
