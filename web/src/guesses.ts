// SPDX-License-Identifier: Apache-2.0
// Classification: for a picture the five likeliest classes of every variant, as bars.
import {Choices, onKeys} from './choices';
import {isOtherClass} from './damage';
import {element, section} from './dom';
import {count, percent} from './format';
import {Guess, originalIndex, Output, Picture, Results} from './results';

export function guessesSection(results: Results): HTMLElement | null {
  const pictures = results.pictures.filter((each) => each.outputs.some((output) => output.top.length > 0));
  if (pictures.length === 0) return null;
  const holder = element('div', {class: 'card', 'aria-live': 'polite'});
  const choices = new Choices(results, pictures, (picture) => holder.replaceChildren(...card(picture, results)));
  onKeys((key) => {
    if (key !== '[' && key !== ']') return false;
    choices.step(key === ']' ? 1 : -1);
    return true;
  });
  choices.open(choices.current);
  const hint = element('p', {class: 'hint'}, element('span', {}, element('kbd', {}, '[ ]'), ' picture'));
  return section('pictures', 'Pictures', choices.root, element('div', {class: 'controls'}, choices.order), holder, hint);
}

function card(picture: Picture, results: Results): HTMLElement[] {
  const original = originalIndex(results);
  const image = picture.image ? element('img', {src: picture.image, alt: picture.name}) : null;
  if (image && picture.aspect) image.style.aspectRatio = String(picture.aspect);
  const truth = picture.label === null ? null : element('p', {}, 'true class: ', element('strong', {}, picture.label));
  const side = element('div', {class: 'side'}, image, element('h3', {}, picture.name), truth, summary(picture, results));
  const lists = picture.outputs.map((output, index) => guesses(results, picture, output, index, original));
  return [side, element('ul', {class: 'guesses'}, ...lists)];
}

function summary(picture: Picture, results: Results): HTMLElement {
  const index = originalIndex(results);
  const answered = picture.outputs.filter((each, at) => at !== index && each.top.length > 0);
  const others = answered.filter((each) => isOtherClass(each, picture.outputs[index])).length;
  const words = others === 0 ? 'Every variant has the same first class.' : `${others} of ${count(answered.length, 'variant')} ${others === 1 ? 'has' : 'have'} another first class.`;
  return element('p', {class: 'note'}, words);
}

function guesses(results: Results, picture: Picture, output: Output, index: number, original: number): HTMLElement {
  const first = picture.outputs[original].top[0]?.label;
  const other = isOtherClass(output, picture.outputs[original]);
  const title = element('h4', {}, results.variants[index].name, other ? element('em', {}, ' another class') : null);
  const bars = output.top.slice(0, 5).map((each) => bar(each, first));
  const none = bars.length === 0 ? element('p', {class: 'note'}, results.variants[index].error ?? 'no answer') : null;
  return element('li', index === original ? {class: 'original'} : {}, title, none ?? element('ol', {}, ...bars));
}

// The original's first class is the full colour, so that one sees where it went.
function bar(guess: Guess, first: string | undefined): HTMLElement {
  const fill = element('i', {'aria-hidden': 'true'});
  fill.style.width = `${Math.min(100, Math.max(0, 100 * guess.probability))}%`;
  return element('li', guess.label === first ? {class: 'first'} : {}, fill, element('span', {title: guess.label}, guess.label),
                 element('b', {}, percent(guess.probability, 1)));
}
