// The figures of one picture in words, agreement first.
import {METRICS} from './quality';
import {METRIC_NAMES, Output} from './results';

export const figuresOf = (output: Output): string[] =>
  METRIC_NAMES.flatMap((name) => {
    const value = output.metrics[name];
    return value === undefined ? [] : [`${METRICS[name].label} ${METRICS[name].show(value)}`];
  }).sort((a, b) => Number(b.startsWith('Agreement')) - Number(a.startsWith('Agreement')));
