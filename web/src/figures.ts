// SPDX-License-Identifier: Apache-2.0
// The figures of one picture in words, agreement first. Of the original only those against the truth: it equals itself.
import {metricText} from './quality';
import {METRIC_NAMES, originalOf, Picture, Results, TRUTH_METRICS} from './results';

export const figuresOf = (picture: Picture, index: number, results: Results): string[] =>
  METRIC_NAMES.flatMap((name) => {
    const value = picture.outputs[index].metrics[name];
    if (results.variants[index] === originalOf(results) && !TRUTH_METRICS.includes(name)) return [];
    return value === undefined ? [] : [`${metricText(results, name).label} ${metricText(results, name).show(value)}`];
  }).sort((a, b) => Number(b.startsWith('Agreement')) - Number(a.startsWith('Agreement')));
