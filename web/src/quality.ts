// SPDX-License-Identifier: Apache-2.0
// What counts as accuracy for a task, how much of it may be lost, and which variant that leads to: the rules of
// docs/results.md, "The verdict".
import {decibels, percent, points, scientific} from './format';
import {memoryChange, timeChange} from './noise';
import {isNumber, MetricName, originalOf, Results, Variant} from './results';

export interface Quality {
  metric: MetricName;
  label: string;  // of the axis and the choice
  show: (value: number) => string;
  limits: number[];  // of loss, least first
  usual: number;
  limit: (loss: number) => string;
  loss: (variant: Variant) => number | null;  // 0 = as good as the original
  againstTruth: boolean;
}

interface MetricText {
  label: string;
  long: string;
  show: (value: number) => string;
  difference: (value: number) => string;
  lessIsBetter?: boolean;
}

const share = (label: string, long: string): MetricText =>
  ({label, long, show: (value) => percent(value), difference: points});
const level = (label: string, long: string): MetricText =>
  ({label, long, show: decibels, difference: decibels});

export const METRICS: Record<MetricName, MetricText> = {
  miou: share('mIoU', 'Mean intersection over union with the true masks'),
  iou: share('IoU', 'Intersection over union with the true masks, of the class that they mark'),
  pixel_accuracy: share('Pixel accuracy', 'Share of pixels whose class is the true one'),
  boundary_f: share('Boundary F', 'How well outlines follow the true ones'),
  top1: share('Top-1', 'Share of pictures whose likeliest class is the true one'),
  top5: share('Top-5', 'Share of pictures whose true class is among the likeliest five'),
  agreement: share('Agreement', 'Share of pixels, classes or values that equal those of the original'),
  agreement_miou: share('mIoU with original', 'Mean intersection over union with the masks of the original'),
  agreement_boundary_f: share('Boundary F with original', 'How well outlines follow those of the original'),
  top1_agreement: share('Same first class', 'Share of pictures with the same likeliest class as the original'),
  top5_agreement: share('First class in five', 'Share of pictures whose likeliest five hold the likeliest class of the original'),
  snr_db: level('SNR', 'Signal to noise of the outputs, the output of the original being the signal'),
  psnr_db: level('PSNR', 'Peak signal to noise of the outputs'),
  max_relative_difference: {label: 'Largest difference', long: 'Largest difference from the original, relative to its largest value',
                            show: scientific, difference: scientific, lessIsBetter: true},
};

// With the class in the name of its measure: "IoU of person".
export function metricText({model}: Results, name: MetricName): MetricText {
  const text = METRICS[name];
  return name === 'iou' && model.judged_class ? {...text, label: `${text.label} of ${model.judged_class.label}`} : text;
}

const DROPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];

// Against the truth the loss is a drop of points; against the original it is disagreement.
// Floating-point values hardly ever agree to the bit: for them decibels tell more.
const TRUTH: MetricName[] = ['miou', 'iou', 'top1', 'pixel_accuracy'];
const AGREEMENT: MetricName[] = ['agreement', 'top1_agreement'];
const DECIBELS: MetricName[] = ['psnr_db', 'snr_db'];

export function qualityOf(results: Results): Quality | null {
  const metric = results.verdict?.metric ?? measureOf(results);
  if (metric === null) return null;
  const quality = TRUTH.includes(metric) ? dropFrom(metric, results)
    : DECIBELS.includes(metric) ? decibelsAs(metric) : agreementAs(metric);
  return withStated(quality, results.verdict?.allowed_loss ?? quality.usual);
}

function measureOf(results: Results): MetricName | null {
  const original = originalOf(results);
  const others = results.variants.filter((variant) => variant !== original && !variant.error);
  const measured = (metric: MetricName) => others.some((each) => isNumber(each.metrics[metric]));
  const truth = TRUTH.find((each) => measured(each) && isNumber(original.metrics[each]));
  const classes = results.model.task === 'segmentation' || results.model.task === 'classification';
  const rest = classes ? [...AGREEMENT, ...DECIBELS] : [...DECIBELS, ...AGREEMENT];
  return truth ?? rest.find(measured) ?? null;
}

const withStated = (quality: Quality, stated: number): Quality =>
  ({...quality, usual: stated, limits: [...new Set([...quality.limits, stated])].sort((a, b) => a - b)});

function dropFrom(metric: MetricName, results: Results): Quality {
  const text = metricText(results, metric);
  const before = originalOf(results).metrics[metric] ?? 0;
  return {
    metric, label: text.label, show: text.show, limits: DROPS, usual: 0.005, againstTruth: true,
    limit: (loss) => `${text.label} at most ${points(loss)} below the original`,
    loss: lossOf(metric, (value) => before - value),
  };
}

function agreementAs(metric: MetricName): Quality {
  const text = METRICS[metric];
  return {
    metric, label: text.label, show: text.show, limits: DROPS, usual: 0.01, againstTruth: false,
    limit: (loss) => `${text.label} of at least ${percent(1 - loss, 1)}`,
    loss: lossOf(metric, (value) => 1 - value),
  };
}

// A loss of -30 means 30 dB: larger is worse, as with the others.
function decibelsAs(metric: MetricName): Quality {
  const text = METRICS[metric];
  return {
    metric, label: text.label, show: text.show, limits: [-60, -50, -40, -30, -20], usual: -40, againstTruth: false,
    limit: (loss) => `${text.label} of at least ${decibels(-loss)}`,
    // Equal outputs have no finite ratio.
    loss: (variant) => (variant.metrics.max_relative_difference === 0 && !variant.error
      ? -Infinity : lossOf(metric, (value) => -value)(variant)),
  };
}

function lossOf(metric: MetricName, from: (value: number) => number) {
  return (variant: Variant): number | null => {
    const value = variant.metrics[metric];
    return variant.error || !isNumber(value) ? null : from(value);
  };
}

export function accuracyOf(variant: Variant, quality: Quality): string {
  const value = variant.metrics[quality.metric];
  return isNumber(value) ? `${quality.label} ${quality.show(value)}` : 'equal outputs';
}

export interface Choice {
  smallest: Variant | null;
  recommended: Variant | null;
}

const SIMILAR_SIZE = 1.1;  // up to this ratio, accuracy counts more than bytes
const LUCK = 10;           // disagreement in terms of the allowed loss beyond which a kept score is luck

export function choose(results: Results, quality: Quality, limit: number): Choice {
  const original = originalOf(results);
  const loss = (variant: Variant) => quality.loss(variant) ?? Infinity;
  const within = results.variants
    .filter((each) => each !== original && each.bytes < original.bytes && loss(each) <= limit + 1e-12)
    .filter((each) => !isLuck(each, quality, limit))
    .sort((a, b) => a.bytes - b.bytes);
  const cheap = within.filter((each) => timeChange(each, original, results.noise) !== 'more' &&
                                        memoryChange(each, original, results.noise) !== 'more');
  const eligible = cheap.length > 0 ? cheap : within;
  const similar = eligible.filter((each) => each.bytes <= SIMILAR_SIZE * eligible[0].bytes);
  return {smallest: within[0] ?? null, recommended: similar.sort((a, b) => loss(a) - loss(b))[0] ?? null};
}

// A model that says something else in far more places than it may lose has kept its score by luck of the pictures.
export function isLuck(variant: Variant, quality: Quality, limit: number): boolean {
  const {agreement} = variant.metrics;
  return quality.againstTruth && agreement !== undefined && 1 - agreement > LUCK * limit + 1e-12;
}

export function usualChoice(results: Results): Choice {
  const quality = qualityOf(results);
  return quality ? choose(results, quality, quality.usual) : {smallest: null, recommended: null};
}
