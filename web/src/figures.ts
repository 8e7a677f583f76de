// SPDX-License-Identifier: Apache-2.0
// The figures of one picture in words, agreement first.
import {metricText} from './quality';
import {METRIC_NAMES, Output, Results} from './results';

export const figuresOf = (output: Output, results: Results): string[] =>
  METRIC_NAMES.flatMap((name) => {
    const value = output.metrics[name];
    return value === undefined ? [] : [`${metricText(results, name).label} ${metricText(results, name).show(value)}`];
  }).sort((a, b) => Number(b.startsWith('Agreement')) - Number(a.startsWith('Agreement')));
