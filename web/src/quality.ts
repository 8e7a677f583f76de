// SPDX-License-Identifier: Apache-2.0
// The measures and the verdict as the document gives them. What is good enough is decided where the figures are made
// (docs/results.md, "The verdict"), once for every allowed loss that can be chosen here: the page only looks it up.
import {decibels, percent, points, scientific} from './format';
import {isNumber, METRIC_NAMES, MetricName, Results, Variant} from './results';

export interface Quality {
  metric: MetricName;
  label: string;  // of the axis and the choice
  show: (value: number) => string;
  limits: number[];  // of loss, least first
  usual: number;
  limit: (loss: number) => string;
  againstTruth: boolean;
}

interface MetricText {
  label: string;
  long: string;
  show: (value: number) => string;
  difference: (value: number) => string;
  lessIsBetter?: boolean;
}

const FORMATS = {
  share: {show: (value: number) => percent(value), difference: points},
  decibels: {show: decibels, difference: decibels},
  number: {show: scientific, difference: scientific},
};

const formatOf = (name: string) =>
  (name.endsWith('_db') ? FORMATS.decibels : name.endsWith('difference') ? FORMATS.number : FORMATS.share);

// For names that the document does not explain.
export const METRICS = Object.fromEntries(METRIC_NAMES.map((name) =>
  [name, {label: name.replaceAll('_', ' '), long: '', ...formatOf(name)}])) as Record<MetricName, MetricText>;

// "agreement mIoU" heads a column as "Agreement mIoU"; "mIoU" stays as it is.
const headed = (title: string): string => (/^[a-z][a-z]/.test(title) ? title[0].toUpperCase() + title.slice(1) : title);

export function metricText({measures}: Results, name: MetricName): MetricText {
  const measure = measures.find((each) => each.name === name);
  if (!measure) return METRICS[name];
  return {label: headed(measure.title), long: measure.meaning, ...FORMATS[measure.unit], lessIsBetter: measure.less_is_better};
}

export function qualityOf(results: Results): Quality | null {
  const {verdict} = results;
  if (!verdict?.metric) return null;
  const {metric, choices, allowed_loss} = verdict;
  const text = metricText(results, metric);
  return {
    metric, label: text.label, show: text.show, limits: choices.map((each) => each.allowed_loss), usual: allowed_loss,
    limit: (loss) => choices.find((each) => each.allowed_loss === loss)?.limit ?? '',
    againstTruth: results.measures.find((each) => each.name === metric)?.against === 'truth',
  };
}

export interface Choice {
  smallest: Variant | null;
  recommended: Variant | null;
  closest: Variant | null;
  words: string[];
}

const NOTHING: Choice = {smallest: null, recommended: null, closest: null, words: []};

export function choose(results: Results, limit: number): Choice {
  const {verdict} = results;
  const choice = verdict?.choices.find((each) => each.allowed_loss === limit);
  if (!verdict || !choice) return NOTHING;
  const at = (index: number | null) => (index === null ? null : results.variants[index] ?? null);
  return {smallest: at(choice.smallest), recommended: at(choice.recommended), closest: at(choice.closest), words: choice.words};
}

export const usualChoice = (results: Results): Choice =>
  (results.verdict ? choose(results, results.verdict.allowed_loss) : NOTHING);

export function accuracyOf(variant: Variant, quality: Quality): string {
  const value = variant.metrics[quality.metric];
  return isNumber(value) ? `${quality.label} ${quality.show(value)}` : 'equal outputs';
}
