// Two drawings of one picture, one over the other; a slider uncovers either.
import {element, range} from './dom';

export class Stage {
  readonly root: HTMLElement;
  readonly toggle = element('button', {type: 'button', class: 'toggle', 'aria-pressed': 'false'}, 'Show original (T)');
  private readonly frame = element('div', {class: 'frame', role: 'img'});
  private readonly slider: HTMLLabelElement;
  private readonly names = element('div', {class: 'names', 'aria-hidden': 'true'});
  private split = 50;
  private flipped = false;

  constructor() {
    this.slider = range('Original | variant', this.split, (value) => this.divide(value), 'slider');
    this.root = element('div', {class: 'stage'}, this.frame, this.names, this.slider);
    this.toggle.addEventListener('click', () => this.flip());
    for (const type of ['pointerdown', 'pointermove'] as const)
      this.frame.addEventListener(type, (event) => this.drag(event));
    this.divide(this.split);
  }

  show(left: HTMLCanvasElement | null, leftName: string, right: HTMLCanvasElement | null, rightName: string): void {
    left?.classList.add('left');
    right?.classList.add('right');
    const missing = right ? null : element('p', {}, 'This variant gave no result for this picture.');
    const line = element('span', {class: 'divider', 'aria-hidden': 'true'});
    this.frame.replaceChildren(...[right, left, line, missing].filter((each) => each !== null));
    this.frame.setAttribute('aria-label', `${leftName} to the left of the slider, ${rightName} to the right`);
    this.names.replaceChildren(element('span', {}, leftName), element('span', {}, rightName));
  }

  flip(): void {
    this.flipped = !this.flipped;
    this.toggle.setAttribute('aria-pressed', String(this.flipped));
    this.frame.classList.toggle('flipped', this.flipped);
  }

  private divide(value: number): void {
    this.split = value;
    this.frame.style.setProperty('--split', `${value}%`);
  }

  private drag(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    event.preventDefault();
    const box = this.frame.getBoundingClientRect();
    const value = Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width));
    this.slider.querySelector('input')!.value = String(value);
    this.divide(value);
  }
}
