// SPDX-License-Identifier: Apache-2.0
// The row of small pictures from which one is chosen, worst first.
import {ANY, byDamage, damageWords} from './damage';
import {element, select} from './dom';
import {usualChoice} from './quality';
import {originalIndex, Picture, Results} from './results';

export class Choices {
  readonly root: HTMLElement;
  readonly order: HTMLLabelElement;
  current: Picture;
  private sorted: Picture[];
  private readonly list = element('div', {class: 'choices', role: 'group', 'aria-label': 'Pictures, most changed first'});
  private readonly original: number;

  constructor(private readonly results: Results, pictures: Picture[], private readonly changed: (picture: Picture) => void) {
    this.original = originalIndex(results);
    const {recommended} = usualChoice(results);
    const start = recommended ? results.variants.indexOf(recommended) : ANY;
    this.order = select('Worst first by', this.variants(), String(start), (value) => {
      this.sorted = this.sort(pictures, Number(value));
      this.open(this.sorted[0]);
    });
    this.sorted = this.sort(pictures, start);
    this.current = this.sorted[0];
    this.root = this.list;
  }

  private variants(): [string, string][] {
    const usable = this.results.variants.flatMap((each, index): [string, string][] =>
      (each.error || index === this.original ? [] : [[String(index), each.name]]));
    return [[String(ANY), 'any variant'], ...usable];
  }

  private sort(pictures: Picture[], variant: number): Picture[] {
    const sorted = byDamage(pictures, variant, this.original);
    this.list.replaceChildren(...sorted.map((each) => this.button(each, damageWords(each, variant, this.original))));
    return sorted;
  }

  private button(picture: Picture, words: string): HTMLButtonElement {
    const image = picture.image ? thumbnail(picture, picture.image) : null;
    const button = element('button', {type: 'button', 'aria-pressed': 'false'}, image,
      element('span', {class: 'words'}, element('span', {class: 'name'}, picture.name), words ? element('small', {}, words) : null));
    button.addEventListener('click', () => this.open(picture));
    return button;
  }

  open(picture: Picture): void {
    this.current = picture;
    [...this.list.children].forEach((each, index) => each.setAttribute('aria-pressed', String(this.sorted[index] === picture)));
    this.changed(picture);
  }

  step(by: number): void {
    const at = (this.sorted.indexOf(this.current) + by + this.sorted.length) % this.sorted.length;
    this.open(this.sorted[at]);
    const chosen = this.list.children[at] as HTMLElement;
    this.list.scrollTo({left: chosen.offsetLeft - this.list.offsetLeft - 40});
  }
}

const BOX = 132 / 84;  // width by height of a thumbnail, see .choices in style.css

// The middle of the picture in its own shape: the model may see it squeezed.
function thumbnail(picture: Picture, source: string): HTMLElement {
  const image = element('img', {src: source, alt: '', decoding: 'async'});
  const aspect = picture.aspect ?? (picture.height > 0 ? picture.width / picture.height : 1);
  image.style.aspectRatio = String(aspect);
  image.className = aspect > BOX ? 'wide' : 'tall';
  return element('span', {class: 'thumbnail'}, image);
}

// Letters and signs anywhere on the page, except where text or a choice takes them.
export function onKeys(act: (key: string) => boolean): void {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLSelectElement || (event.target instanceof HTMLInputElement && event.target.type !== 'range');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (act(event.key)) event.preventDefault();
  });
}
