// Reads the document and lays the sections one after the other.
import './style.css';
import {chartsSection} from './charts';
import {element, section} from './dom';
import {guessesSection} from './guesses';
import {picturesSection} from './pictures';
import {readResults, Results} from './results';
import {tableSection} from './table';
import {verdictSection} from './verdict';

const TASKS: Record<Results['model']['task'], string> = {
  segmentation: 'segmentation', classification: 'classification', image_to_image: 'image to image', arrays: 'arrays',
};

function build(main: HTMLElement): void {
  const results = readResults(document.getElementById('nbits-results')?.textContent ?? '');
  document.title = `${results.model.name} – nbits report`;
  const sections = [header(results), verdictSection(results), tableSection(results), chartsSection(results),
                    picturesSection(results), guessesSection(results), skippedSection(results), footer(results)];
  main.replaceChildren(...sections.filter((each): each is HTMLElement => each !== null));
}

function header(results: Results): HTMLElement {
  const {model, variants, pictures} = results;
  const words = [TASKS[model.task], model.type, count(variants.length, 'variant'), count(pictures.length, 'picture')];
  return element('header', {}, element('h1', {}, model.name), element('p', {}, words.filter(Boolean).join(' · ')));
}

const count = (number: number, noun: string): string =>
  number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;

function skippedSection(results: Results): HTMLElement | null {
  if (results.skipped.length === 0) return null;
  const items = results.skipped.map((each) => element('li', {}, `${each.file}: ${each.reason}`));
  return section('skipped', 'Files left out', element('ul', {}, ...items));
}

function footer(results: Results): HTMLElement {
  const {cpu, cores, threads} = results.machine;
  const words = [`nbits ${results.nbits_version}`, results.created, cpu,
                 cores === null ? '' : `${cores} cores`, threads === null ? '' : `${threads} threads`];
  return element('footer', {}, words.filter(Boolean).join(' · '));
}

const main = document.getElementById('main')!;
try {
  build(main);
} catch (error) {
  main.replaceChildren(element('h1', {}, 'The report cannot be shown'),
                       element('p', {role: 'alert'}, error instanceof Error ? error.message : String(error)));
}
