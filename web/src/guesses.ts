// Classification: for each picture the five likeliest classes of every variant, as bars.
import {element, section} from './dom';
import {percent} from './format';
import {byDamage} from './pictures';
import {Guess, originalIndex, Picture, Results} from './results';

export function guessesSection(results: Results): HTMLElement | null {
  const original = originalIndex(results);
  const pictures = results.pictures.filter((each) => each.outputs.some((output) => output.top.length > 0));
  if (pictures.length === 0) return null;
  const sorted = byDamage(pictures, original).sort((a, b) => changed(b, original) - changed(a, original));
  return section('guesses', 'Pictures', ...sorted.map((each) => card(each, results, original)));
}

// Number of variants whose first class is not the original's.
const changed = (picture: Picture, original: number): number =>
  picture.outputs.filter((output) => output.top[0]?.label !== picture.outputs[original].top[0]?.label).length;

function card(picture: Picture, results: Results, original: number): HTMLElement {
  const image = picture.image ? element('img', {src: picture.image, alt: picture.name, loading: 'lazy'}) : null;
  const expected = picture.outputs[original].top[0]?.label;
  const lists = picture.outputs.map((output, index) => guesses(results.variants[index].name, output.top, expected));
  return element('article', {class: 'card'}, element('h3', {}, picture.name), image, element('div', {class: 'guesses'}, ...lists));
}

function guesses(name: string, top: Guess[], expected: string | undefined): HTMLElement {
  const differs = top.length > 0 && top[0].label !== expected;
  const title = element('h4', {}, name, differs ? element('em', {}, ' another class') : null);
  return element('div', {}, title, element('ol', {}, ...top.slice(0, 5).map(bar)));
}

function bar(guess: Guess): HTMLElement {
  const fill = element('i', {'aria-hidden': 'true'});
  fill.style.width = `${Math.min(100, Math.max(0, 100 * guess.probability))}%`;
  return element('li', {}, fill, element('span', {}, guess.label), element('b', {}, percent(guess.probability, 1)));
}
