// Pictures, worst first: original and variant under a slider, and all variants side by side.
import {element, range, section, select} from './dom';
import {percent} from './format';
import {qualityOf, recommend} from './quality';
import {originalIndex, Output, Picture, Results} from './results';
import {loadScene, Painter, Scene, TRUTH, View} from './scene';
import {Stage} from './stage';

const VIEWS: Record<string, [View, string][]> = {
  segmentation: [['mask', 'Mask over picture'], ['blur', 'Blurred background'], ['difference', 'Difference map'],
                 ['picture', 'Picture alone']],
  image_to_image: [['result', 'Result'], ['amplified', 'Difference × 8'], ['picture', 'Input picture']],
};
const STRIP_WIDTH = 240;  // pixels of the small canvases

interface State {
  scene: Scene | null;
  variant: number;
  left: number;
  view: View;
  opacity: number;
}

export function picturesSection(results: Results): HTMLElement | null {
  const background = (results.model.background_id ?? 0) >= 0;  // below 0: the model has none
  const views = VIEWS[results.model.task]?.filter(([view]) => view !== 'blur' || background);
  const pictures = byDamage(results.pictures.filter(hasOutput), originalIndex(results));
  if (!views || pictures.length === 0) return null;
  return new Pictures(results, pictures, views).root;
}

const hasOutput = (picture: Picture): boolean =>
  picture.outputs.some((output) => output.ids !== null || output.image !== null);

// Damage: the lowest agreement of any variant with the original.
export function byDamage(pictures: Picture[], original: number): Picture[] {
  return [...pictures].sort((a, b) => worstAgreement(a, original) - worstAgreement(b, original));
}

const worstAgreement = (picture: Picture, original: number): number =>
  Math.min(1, ...picture.outputs.filter((_, index) => index !== original).map((output) => output.agreement ?? 1));

class Pictures {
  readonly root: HTMLElement;
  private readonly painter: Painter;
  private readonly original: number;
  private readonly stage = new Stage();
  private readonly strip = element('ul', {class: 'strip', 'aria-label': 'All variants of this picture'});
  private readonly legend = element('ul', {class: 'legend', 'aria-label': 'Classes'});
  private readonly caption = element('p', {class: 'caption', 'aria-live': 'polite'});
  private readonly choices: HTMLButtonElement[];
  private readonly variantChoice: HTMLLabelElement;
  private readonly state: State;
  private wanted: Picture | null = null;

  constructor(private readonly results: Results, private readonly pictures: Picture[], views: [View, string][]) {
    this.painter = new Painter(results);
    this.original = originalIndex(results);
    this.state = {scene: null, variant: this.firstVariant(), left: this.original, view: views[0][0], opacity: 0.6};
    this.choices = pictures.map((each) => this.choice(each));
    this.variantChoice = this.variantControl();
    const list = element('div', {class: 'choices', role: 'group', 'aria-label': 'Pictures, most changed first'}, ...this.choices);
    const controls = element('div', {class: 'controls'}, ...this.controls(views), this.stage.toggle);
    const hint = element('p', {class: 'hint'}, 'Keys: T shows the original, [ and ] change the picture, , and . the variant.');
    this.root = section('pictures', 'Pictures', list, controls, this.stage.root, this.caption, this.legend, this.strip, hint);
    document.addEventListener('keydown', (event) => this.key(event));
    void this.open(pictures[0]);
  }

  // The recommended one, else the first that worked.
  private firstVariant(): number {
    const {variants} = this.results;
    const quality = qualityOf(this.results);
    const best = quality && recommend(this.results, quality, quality.usual);
    const index = best ? variants.indexOf(best) : variants.findIndex((each) => !each.is_original && !each.error);
    return index < 0 ? this.original : index;
  }

  private controls(views: [View, string][]): HTMLElement[] {
    const controls = [this.variantChoice, select('View', views, this.state.view, (view) => this.update({view: view as View}))];
    if (this.pictures.some((each) => each.ground_truth !== null)) controls.push(this.leftControl());
    if (this.results.model.task === 'segmentation')
      controls.push(range('Opacity of mask', 60, (value) => this.update({opacity: value / 100})));
    return controls;
  }

  private variantControl(): HTMLLabelElement {
    const options = this.results.variants.map((each, index): [string, string] => [String(index), each.name]);
    return select('Variant', options, String(this.state.variant), (value) => this.update({variant: Number(value)}));
  }

  private leftControl(): HTMLLabelElement {
    const options: [string, string][] = [[String(this.original), 'Original'], [String(TRUTH), 'Ground truth']];
    return select('Compared with', options, String(this.original), (value) => this.update({left: Number(value)}));
  }

  private choice(picture: Picture): HTMLButtonElement {
    const worst = worstAgreement(picture, this.original);
    const figure = worst < 1 ? element('small', {}, `worst ${percent(worst)}`) : null;
    const button = element('button', {type: 'button', 'aria-pressed': 'false'}, element('span', {}, picture.name), figure);
    button.addEventListener('click', () => void this.open(picture));
    return button;
  }

  private async open(picture: Picture): Promise<void> {
    this.wanted = picture;
    this.choices.forEach((each, index) => each.setAttribute('aria-pressed', String(this.pictures[index] === picture)));
    const scene = await loadScene(picture);
    if (this.wanted !== picture) return;  // another one was chosen meanwhile
    this.drawLegend(scene);
    this.update({scene});
  }

  private update(change: Partial<State>): void {
    Object.assign(this.state, change);
    this.variantChoice.querySelector('select')!.value = String(this.state.variant);
    const {scene, variant, left, view, opacity} = this.state;
    if (!scene) return;
    const leftView = view === 'difference' ? 'mask' : view === 'amplified' ? 'result' : view;
    this.stage.show(this.painter.paint(scene, left, leftView, opacity), this.nameOf(left),
                    this.painter.paint(scene, variant, view, opacity), this.nameOf(variant));
    this.caption.textContent = this.describe(scene, variant);
    this.drawStrip(scene);
  }

  private nameOf(variant: number): string {
    return variant === TRUTH ? 'Ground truth' : this.results.variants[variant].name;
  }

  private describe(scene: Scene, variant: number): string {
    return [scene.picture.name, this.nameOf(variant), ...figuresOf(scene.picture.outputs[variant])].join(' · ');
  }

  private drawStrip(scene: Scene): void {
    const focused = this.strip.contains(document.activeElement);
    const items = this.results.variants.map((_, index) => this.stripItem(scene, index));
    this.strip.replaceChildren(...items);
    if (focused) items[this.state.variant].querySelector('button')?.focus();
  }

  private stripItem(scene: Scene, index: number): HTMLElement {
    const full = this.painter.paint(scene, index, this.state.view, this.state.opacity);
    const chosen = String(index === this.state.variant);
    const words = element('small', {}, figuresOf(scene.picture.outputs[index])[0] ?? this.results.variants[index].error ?? '');
    const button = element('button', {type: 'button', 'aria-pressed': chosen}, full && small(full),
                           element('span', {}, this.nameOf(index)), words);
    button.addEventListener('click', () => this.update({variant: index}));
    return element('li', {}, button);
  }

  private drawLegend(scene: Scene): void {
    if (this.results.model.task !== 'segmentation') return;
    this.legend.replaceChildren(...this.painter.legend(scene).map(([label, colour]) => {
      const swatch = element('i', {'aria-hidden': 'true'});
      swatch.style.background = colour;
      return element('li', {}, swatch, label);
    }));
  }

  private key(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 't' || event.key === 'T') this.stage.flip();
    if (event.key === '[') this.step(-1);
    if (event.key === ']') this.step(1);
    if (event.key === ',') this.stepVariant(-1);
    if (event.key === '.') this.stepVariant(1);
  }

  private step(by: number): void {
    const at = this.pictures.indexOf(this.wanted!);
    void this.open(this.pictures[wrap(at + by, this.pictures.length)]);
  }

  private stepVariant(by: number): void {
    this.update({variant: wrap(this.state.variant + by, this.results.variants.length)});
  }
}

const wrap = (index: number, length: number): number => (index + length) % length;

function figuresOf(output: Output): string[] {
  const agreement = output.agreement === null ? [] : [`agreement ${percent(output.agreement)}`];
  return output.miou === null ? agreement : [...agreement, `mIoU ${percent(output.miou)}`];
}

function small(full: HTMLCanvasElement): HTMLCanvasElement {
  const node = element('canvas', {'aria-hidden': 'true'});
  node.width = STRIP_WIDTH;
  node.height = Math.max(1, Math.round((STRIP_WIDTH * full.height) / full.width));
  node.getContext('2d')!.drawImage(full, 0, 0, node.width, node.height);
  return node;
}
