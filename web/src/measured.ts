// SPDX-License-Identifier: Apache-2.0
// How it was measured, so that nobody has to ask: machine, runs, noise, command.
import {element, section} from './dom';
import {bytes, count, listed, percent} from './format';
import {metricText} from './quality';
import {METRIC_NAMES, originalOf, Results} from './results';

export function measuredSection(results: Results): HTMLElement {
  const facts: [string, string][] = [
    ['Machine', machineWords(results)], ['Runs', runWords(results)], ['Noise floor', noiseWords(results)],
    ['Accuracy', truthWords(results)], ['Program', programWords(results)]];
  const list = facts.filter(([, words]) => words).flatMap(([name, words]) => [element('dt', {}, name), element('dd', {}, words)]);
  const command = results.command ? element('pre', {tabindex: '0', 'aria-label': 'Command'}, element('code', {}, results.command)) : null;
  return section('measured', 'How this was measured', element('dl', {class: 'facts'}, ...list), command);
}

function machineWords({machine}: Results): string {
  return [machine.cpu, machine.cores === null ? '' : count(machine.cores, 'core'),
          machine.threads === null ? '' : `${count(machine.threads, 'thread')} used`,
          machine.memory_bytes === null ? '' : `${bytes(machine.memory_bytes)} of memory`,
          machine.instructions, machine.system].filter(Boolean).join(', ');
}

function runWords(results: Results): string {
  const runs = results.variants.map((each) => each.times_ms.length).filter((each) => each > 0);
  if (runs.length === 0) return '';
  const [least, most] = [Math.min(...runs), Math.max(...runs)];
  return `${least === most ? least : `${least} to ${most}`} timed runs of each variant, each in a process of its own, ` +
    'after an untimed one, in turns, so that no variant has the quieter minutes. Times are medians; spreads are interquartile ranges.';
}

function noiseWords(results: Results): string {
  const {noise} = results;
  const words = [
    noise.time_ratio_spread === null ? '' : `time ${percent(noise.time_ratio_spread, 1)}`,
    noise.memory_ratio_spread === null ? '' : `peak memory ${percent(noise.memory_ratio_spread, 1)}`,
    ...METRIC_NAMES.flatMap((name) => {
      const value = noise.metrics[name];
      const text = metricText(results, name);
      return value ? [`${text.label} ${text.difference(value)}`] : [];
    })].filter(Boolean);
  if (words.length === 0) return '';
  const exact = Object.keys(noise.metrics).length > 0 && Object.values(noise.metrics).every((each) => each === 0);
  return `The original in a second process differs from its first by: ${listed(words)}${exact ? '; its outputs are equal' : ''}. ` +
    'Smaller differences are not called differences.';
}

function truthWords(results: Results): string {
  const {model, pictures} = results;
  const number = pictures.length === 0 ? '' : `${count(pictures.length, 'picture')}. `;
  if (model.truth) return `${number}Truth from ${model.truth}${model.judged_class ? ` of one class, ${model.judged_class.label}` : ''}${someWords(results)}.`;
  const {miou, iou, pixel_accuracy, top1} = originalOf(results).metrics;
  const known = [miou, iou, pixel_accuracy, top1].some((each) => each !== undefined);
  return number + (known ? 'Judged by the truth given.' : 'Without truth: accuracy is agreement with the original.');
}

// "for 1 of them": truth of a few pictures says little of all.
function someWords({model, pictures}: Results): string {
  const known = model.truth_pictures;
  return known === null || known >= pictures.length ? '' : `, for ${known} of them`;
}

function programWords(results: Results): string {
  return [`nbits ${results.nbits_version}`, results.commit ? `commit ${results.commit}` : '', results.created.replace('T', ' ').replace('Z', ' UTC')]
    .filter(Boolean).join(', ');
}
