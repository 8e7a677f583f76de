// What counts as accuracy for a task, and how much of it may be lost.
import {decibels, percent, points, scientific} from './format';
import {Metrics, MetricName, originalOf, Results, Variant} from './results';

export interface Quality {
  metric: MetricName;
  label: string;               // of the axis and the choice
  show: (value: number) => string;
  limits: number[];            // of loss, least first
  usual: number;
  limit: (loss: number) => string;
  loss: (variant: Variant) => number | null;  // 0 = as good as the original
}

interface MetricText {
  label: string;
  show: (value: number) => string;
}

export const METRICS: Partial<Record<MetricName, MetricText>> = {
  agreement: {label: 'Agreement', show: (value) => percent(value)},
  agreement_miou: {label: 'mIoU with original', show: (value) => percent(value)},
  miou: {label: 'mIoU', show: (value) => percent(value)},
  pixel_accuracy: {label: 'Pixel accuracy', show: (value) => percent(value)},
  top1: {label: 'Top-1', show: (value) => percent(value)},
  top5: {label: 'Top-5', show: (value) => percent(value)},
  top1_agreement: {label: 'Same first class', show: (value) => percent(value)},
  top5_agreement: {label: 'First class in five', show: (value) => percent(value)},
  snr_db: {label: 'SNR', show: decibels},
  psnr_db: {label: 'PSNR', show: decibels},
  max_relative_difference: {label: 'Largest relative difference', show: scientific},
};

const DROPS = [0.001, 0.005, 0.01, 0.02, 0.05];

// Against ground truth the loss is a drop of points; against the original it is disagreement.
// Floating-point values hardly ever agree to the bit: for them decibels tell more.
const TRUTH: MetricName[] = ['miou', 'top1', 'pixel_accuracy'];
const AGREEMENT: MetricName[] = ['agreement', 'top1_agreement'];
const DECIBELS: MetricName[] = ['psnr_db', 'snr_db'];

export const isAgainstTruth = (quality: Quality): boolean => TRUTH.includes(quality.metric);

export function qualityOf(results: Results): Quality | null {
  const original = originalOf(results);
  const others = results.variants.filter((variant) => variant !== original && !variant.error);
  const measured = (metric: MetricName) => others.some((each) => isNumber(each.metrics[metric]));
  const truth = TRUTH.find((each) => measured(each) && isNumber(original.metrics[each]));
  if (truth) return dropFrom(truth, original.metrics);
  const decibel = DECIBELS.find(measured);
  const classes = results.model.task === 'segmentation' || results.model.task === 'classification';
  if (!classes && decibel) return decibelsAs(decibel);
  const agreement = AGREEMENT.find(measured);
  if (agreement) return agreementAs(agreement);
  return decibel ? decibelsAs(decibel) : null;
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function dropFrom(metric: MetricName, original: Metrics): Quality {
  const text = METRICS[metric]!;
  return {
    metric, label: text.label, show: text.show, limits: DROPS, usual: 0.005,
    limit: (loss) => `${text.label} at most ${points(loss)} below the original`,
    loss: lossOf(metric, (value) => (original[metric] as number) - value),
  };
}

function agreementAs(metric: MetricName): Quality {
  const text = METRICS[metric]!;
  return {
    metric, label: text.label, show: text.show, limits: DROPS, usual: 0.01,
    limit: (loss) => `${text.label.toLowerCase()} of at least ${percent(1 - loss, 1)}`,
    loss: lossOf(metric, (value) => 1 - value),
  };
}

// A loss of -30 means 30 dB: larger is worse, as with the others.
function decibelsAs(metric: MetricName): Quality {
  const text = METRICS[metric]!;
  return {
    metric, label: text.label, show: text.show, limits: [-60, -50, -40, -30, -20], usual: -40,
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
  return typeof value === 'number' ? `${quality.label} ${quality.show(value)}` : 'Equal outputs';
}

// Smallest variant, other than the original, that loses no more than the limit.
export function recommend(results: Results, quality: Quality, limit: number): Variant | null {
  const original = originalOf(results);
  const within = results.variants.filter((variant) => {
    const loss = quality.loss(variant);
    return variant !== original && loss !== null && loss <= limit + 1e-12;
  });
  const smaller = within.filter((variant) => variant.bytes < original.bytes);
  return smaller.reduce<Variant | null>(
    (best, each) => (best && best.bytes <= each.bytes ? best : each), null);
}
