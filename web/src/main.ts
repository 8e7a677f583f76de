// SPDX-License-Identifier: Apache-2.0
// Reads the document and lays the sections one after the other.
import './style.css';
import {classTable} from './classes';
import {memoryFigure, timeFigure} from './costs';
import {element, section} from './dom';
import {count} from './format';
import {guessesSection} from './guesses';
import {layersSection} from './layers';
import {measuredSection} from './measured';
import {picturesSection} from './pictures';
import {readResults} from './read';
import {Results} from './results';
import {tableSection} from './table';
import {tradeoffFigure} from './tradeoff';
import {valuesSection} from './values';
import {verdictSection} from './verdict';

const TASKS: Record<Results['model']['task'], string> = {
  segmentation: 'segmentation', classification: 'classification', image_to_image: 'image to image', detection: 'detection', arrays: 'arrays',
};

function build(main: HTMLElement): void {
  const results = readResults(document.getElementById('nbits-results')?.textContent ?? '');
  document.title = `${results.model.name} – nbits report`;
  const table = tableSection(results);
  const classes = classTable(results);
  if (classes) table.append(classes);
  const sections = [verdictSection(results), table, chartsSection(results), picturesSection(results), guessesSection(results),
                    valuesSection(results), layersSection(results), skippedSection(results), measuredSection(results)]
    .filter((each): each is HTMLElement => each !== null);
  main.replaceChildren(header(results, sections), ...sections, element('footer', {}, `Made by nbits ${results.nbits_version}`));
}

function header(results: Results, sections: HTMLElement[]): HTMLElement {
  const {model, variants, pictures, machine} = results;
  const words = [TASKS[model.task], count(variants.length - 1, 'variant'), pictures.length > 0 ? count(pictures.length, 'picture') : '',
                 machine.cpu, results.created.slice(0, 10)];
  const links = sections.map((each) => element('li', {}, element('a', {href: `#${each.id}`}, each.querySelector('h2')!.textContent)));
  return element('header', {}, element('h1', {}, model.name), element('p', {}, words.filter(Boolean).join(' · ')),
                 element('nav', {'aria-label': 'Sections'}, element('ul', {}, ...links)));
}

function chartsSection(results: Results): HTMLElement | null {
  const figures = [tradeoffFigure(results), timeFigure(results), memoryFigure(results)].filter((each) => each !== null);
  return figures.length === 0 ? null : section('charts', 'Charts', element('div', {class: 'charts'}, ...figures));
}

function skippedSection(results: Results): HTMLElement | null {
  if (results.skipped.length === 0) return null;
  const items = results.skipped.map((each) => element('li', {}, `${each.file}: ${each.reason}`));
  return section('skipped', 'Files left out', element('ul', {}, ...items));
}

// What is folded up on the screen is printed.
window.addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((each) => (each.open = true)));

const main = document.getElementById('main')!;
try {
  build(main);
} catch (error) {
  main.replaceChildren(element('h1', {}, 'The report cannot be shown'),
                       element('p', {role: 'alert'}, error instanceof Error ? error.message : String(error)));
}
