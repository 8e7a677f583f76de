// SPDX-License-Identifier: Apache-2.0
// Pictures, worst first: the original and any two variants under a slider, and all variants side by side.
import {Choices, onKeys} from './choices';
import {element, range, section, select} from './dom';
import {figuresOf} from './figures';
import {percent} from './format';
import {movement} from './marks';
import {usualChoice} from './quality';
import {originalIndex, Picture, Results} from './results';
import {loadScene, Painter, POINT, Scene, shrunk, TRUTH, View} from './scene';
import {buildSheet} from './sheet';
import {Pane, Stage} from './stage';
import {flameGradient} from './views';

const VIEWS: Record<string, [View, string][]> = {
  segmentation: [['mask', 'Mask over picture'], ['colours', 'Mask alone'], ['difference', 'Difference from original'],
                 ['errors', 'Right and wrong'], ['blur', 'Background blurred'], ['removed', 'Background removed'],
                 ['points', 'Key points'], ['moved', 'Key points moved'], ['picture', 'Picture alone']],
  image_to_image: [['result', 'Result'], ['heat', 'Difference from original'], ['picture', 'Input picture']],
  detection: [['result', 'Boxes found'], ['picture', 'Input picture']],
  arrays: [['points', 'Key points'], ['moved', 'Key points moved'], ['picture', 'Picture alone']],
};
const STRIP_WIDTH = 240;  // pixels of the small canvases

interface State {
  a: number;
  b: number;
  view: View;
  opacity: number;
}

export function picturesSection(results: Results): HTMLElement | null {
  const background = (results.model.background_id ?? 0) >= 0;  // below 0: the model has none
  const pictures = results.pictures.filter(hasOutput);
  const truth = pictures.some((each) => each.ground_truth !== null);
  const points = pictures.some((each) => each.outputs.some((output) => output.points !== null));
  const shown = pictures.some((each) => each.image !== null);
  const needs: Partial<Record<View, boolean>> = {blur: background && shown, removed: background && shown, errors: truth, picture: shown, points, moved: points};
  const views = VIEWS[results.model.task]?.filter(([view]) => needs[view] ?? true);
  if (!views || pictures.length === 0) return null;
  return new Pictures(results, pictures, views).root;
}

// Points mean nothing without the picture that they lie on.
const hasOutput = (picture: Picture): boolean =>
  picture.outputs.some((output) => output.ids !== null || output.image !== null ||
    (picture.image !== null && output.points !== null));

class Pictures {
  readonly root: HTMLElement;
  private readonly painter: Painter;
  private readonly original: number;
  private readonly stage = new Stage();
  private readonly strip = element('ul', {class: 'strip', 'aria-label': 'All variants of this picture'});
  private readonly legend = element('ul', {class: 'legend', 'aria-label': 'Classes'});
  private readonly caption = element('p', {class: 'caption', 'aria-live': 'polite'});
  private readonly pointed = element('p', {class: 'pointed', 'aria-hidden': 'true'}, '\u00a0');
  private readonly choices: Choices;
  private readonly selects: {a: HTMLLabelElement; b: HTMLLabelElement; view: HTMLLabelElement};
  private readonly state: State;
  private scene: Scene | null = null;
  private small: Scene | null = null;

  constructor(private readonly results: Results, pictures: Picture[], private readonly views: [View, string][]) {
    this.painter = new Painter(results);
    this.original = originalIndex(results);
    this.state = {a: this.original, b: this.firstVariant(), view: views[0][0], opacity: 0.6};
    this.choices = new Choices(results, pictures, (picture) => void this.open(picture));
    this.selects = {a: this.variantSelect('A, left', 'a', pictures), b: this.variantSelect('B, right', 'b', pictures),
                    view: select('View', views, this.state.view, (view) => this.update({view: view as View}))};
    const opacity = results.model.task === 'segmentation'
      ? range('Opacity of mask', 60, (value) => this.update({opacity: value / 100})) : null;
    const controls = element('div', {class: 'controls'}, this.selects.view, this.selects.a, this.selects.b, this.choices.order, opacity);
    const tools = element('div', {class: 'tools'}, this.stage.modes, this.stage.zoom.buttons);
    const screen = element('div', {class: 'screen-only'}, this.choices.root, controls, tools, this.stage.root, this.pointed,
                           this.caption, this.legend, this.strip, keysHint());
    const sheet = element('div', {class: 'sheet'});
    this.root = section('pictures', 'Pictures', screen, sheet);
    this.stage.frame.addEventListener('pointermove', (event) => this.point(event));
    onKeys((key) => this.key(key));
    this.choices.open(this.choices.current);
    whenIdle(() => void buildSheet(sheet, results, pictures, this.painter, this.state.b, views[0][0]));
  }

  // The recommended one, else the first that worked.
  private firstVariant(): number {
    const {variants} = this.results;
    const {recommended} = usualChoice(this.results);
    const index = recommended ? variants.indexOf(recommended) : variants.findIndex((each) => !each.is_original && !each.error);
    return index < 0 ? this.original : index;
  }

  private variantSelect(label: string, side: 'a' | 'b', pictures: Picture[]): HTMLLabelElement {
    const options = this.results.variants.map((each, index): [string, string] => [String(index), each.name]);
    if (pictures.some((each) => each.ground_truth !== null)) options.unshift([String(TRUTH), 'truth']);
    return select(label, options, String(this.state[side]), (value) => this.update({[side]: Number(value)}));
  }

  private async open(picture: Picture): Promise<void> {
    const scene = await loadScene(picture);
    if (this.choices.current !== picture) return;  // another one was chosen meanwhile
    this.scene = scene;
    this.small = shrunk(scene, STRIP_WIDTH);
    this.update({});
  }

  private update(change: Partial<State>): void {
    Object.assign(this.state, change);
    for (const side of ['a', 'b'] as const) this.selects[side].querySelector('select')!.value = String(this.state[side]);
    this.selects.view.querySelector('select')!.value = this.state.view;
    if (!this.scene) return;
    const {a, b} = this.state;
    const third = a === this.original || b === this.original ? [] : [this.original];
    this.stage.show([a, b, ...third].map((each) => this.pane(this.scene!, each)), aspectOf(this.scene, this.state.view));
    this.caption.textContent = this.describe(this.scene);
    this.drawLegend(this.scene);
    this.drawStrip();
  }

  // The original differs nowhere from itself: beside a difference it is shown as it is.
  private pane(scene: Scene, variant: number): Pane {
    const {view, opacity} = this.state;
    const plain = variant === this.original ? {difference: 'mask', heat: 'result', moved: 'points'} as Partial<Record<View, View>> : {};
    const canvas = this.painter.paint(scene, variant, plain[view] ?? view, opacity);
    canvas?.style.setProperty('aspect-ratio', String(aspectOf(scene, view)));
    return {name: this.nameOf(variant), canvas, note: this.painter.note(scene, variant, view)};
  }

  private nameOf(variant: number): string {
    return variant === TRUTH ? 'truth' : this.results.variants[variant].name;
  }

  private describe(scene: Scene): string {
    const {b} = this.state;
    const words = b === TRUTH ? [] : [...this.moved(scene, b), ...figuresOf(scene.picture, b, this.results)];
    return [scene.picture.name, this.nameOf(b), ...words].join(' · ');
  }

  private moved({picture, aspect}: Scene, variant: number): string[] {
    const [points, before] = [picture.outputs[variant].points, picture.outputs[this.original].points];
    const moved = points && before && variant !== this.original ? movement(points, before, aspect) : null;
    return moved ? [`Key points moved by ${percent(moved[0])} of the picture's width, at most ${percent(moved[1])}`] : [];
  }

  private drawStrip(): void {
    const focused = this.strip.contains(document.activeElement);
    const items = this.results.variants.map((_, index) => this.stripItem(index));
    this.strip.replaceChildren(...items);
    if (focused) items[this.state.b]?.querySelector('button')?.focus();
  }

  private stripItem(index: number): HTMLElement {
    const {canvas, note} = this.pane(this.small!, index);
    canvas?.setAttribute('aria-hidden', 'true');
    const figures = figuresOf(this.small!.picture, index, this.results);
    const words = this.results.variants[index].error ?? (note || figures[0] || (index === this.original ? 'the original' : ''));
    const button = element('button', {type: 'button', 'aria-pressed': String(index === this.state.b)}, canvas,
                           element('span', {class: 'name'}, this.nameOf(index)), element('small', {}, words));
    button.addEventListener('click', () => this.update({b: index}));
    return element('li', {}, button);
  }

  private drawLegend(scene: Scene): void {
    const {view} = this.state;
    const soft = scene.mattes[this.original] !== null;
    const classes = view === 'mask' || (view === 'colours' && !soft) ? this.painter.legend(scene) : [];
    const marks: Partial<Record<View, [string, string][]>> = {
      difference: [['class changed', 'rgb(230 0 122)']],
      errors: [['right', 'rgb(60 150 110)'], ['wrong', 'rgb(230 0 122)']],
      heat: [['a little to 32 of 255 levels and more', flameGradient()]],
      moved: [['the variant', POINT], ['ring: the original', '#fff']],
    };
    const items = soft && view === 'difference' ? [['coverage changed by a little to all', flameGradient()] as [string, string]] : marks[view] ?? classes;
    this.legend.replaceChildren(...items.map(([label, colour]) => {
      const swatch = element('i', {'aria-hidden': 'true', class: colour.startsWith('linear') ? 'wide' : ''});
      swatch.style.background = colour;
      return element('li', {}, swatch, label);
    }));
  }

  // What both say about the pixel under the pointer.
  private point(event: PointerEvent): void {
    const {a, b} = this.state;
    if (!this.scene || this.results.model.task !== 'segmentation') return;
    const [x, y] = this.stage.zoom.place(event);
    const words = [a, b].map((each) => `${this.nameOf(each)}: ${this.labelAt(this.scene!, each, x, y)}`);
    this.pointed.textContent = words.join('   ·   ');
  }

  private labelAt(scene: Scene, variant: number, x: number, y: number): string {
    const mask = variant === TRUTH ? scene.truth : scene.ids[variant];
    if (!mask || x < 0 || y < 0 || x >= 1 || y >= 1) return '–';
    return this.painter.label(mask.ids[Math.floor(y * mask.height) * mask.width + Math.floor(x * mask.width)]);
  }

  private key(key: string): boolean {
    const views = this.views.map(([view]) => view);
    const acts: Record<string, () => void> = {
      't': () => this.stage.toggle(), 's': () => this.stage.setMode(-1), 'o': () => this.showOriginal(),
      '[': () => this.choices.step(-1), ']': () => this.choices.step(1), ',': () => this.stepVariant(-1), '.': () => this.stepVariant(1),
      '+': () => this.stage.zoom.by(1.5), '=': () => this.stage.zoom.by(1.5), '-': () => this.stage.zoom.by(1 / 1.5),
      '0': () => this.stage.zoom.fit(), 'v': () => this.update({view: views[(views.indexOf(this.state.view) + 1) % views.length]}),
    };
    const act = acts[key.toLowerCase()];
    if (!act) return this.stage.key(key);
    act();
    return true;
  }

  private showOriginal(): void {
    const {a, b} = this.state;
    this.stage.setMode(a === this.original ? 0 : b === this.original ? 1 : 2);
  }

  private stepVariant(by: number): void {
    const {length} = this.results.variants;
    this.update({b: (this.state.b + by + length) % length});
  }
}

// Results of image to image have their own size; all else lies on the picture.
function aspectOf(scene: Scene, view: View): number {
  const result = view === 'result' || view === 'heat' ? scene.images.find((each) => each !== null) : null;
  return scene.picture.aspect ?? (result ? result.width / result.height : scene.pixels.width / scene.pixels.height);
}

function keysHint(): HTMLElement {
  const keys: [string, string][] = [['T', 'toggle A and B'], ['O', 'original'], ['S', 'slider'], ['[ ]', 'picture'], [', .', 'variant B'],
                                    ['V', 'view'], ['+ − 0', 'zoom'], ['arrows', 'move the zoomed picture']];
  return element('p', {class: 'hint'}, ...keys.map(([key, does]) => element('span', {}, element('kbd', {}, key), ` ${does}`)));
}

const whenIdle = (act: () => void): void => {
  if ('requestIdleCallback' in window) requestIdleCallback(act, {timeout: 2000});
  else setTimeout(act, 500);
};
