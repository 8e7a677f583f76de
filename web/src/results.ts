// SPDX-License-Identifier: Apache-2.0
// The document of docs/results.md as types. What may be absent there is null or empty here.

export type Task = 'segmentation' | 'classification' | 'image_to_image' | 'detection' | 'arrays';

export const METRIC_NAMES = [
  'miou', 'iou', 'pixel_accuracy', 'boundary_f', 'top1', 'top5', 'agreement', 'agreement_miou', 'agreement_boundary_f',
  'top1_agreement', 'top5_agreement', 'map50', 'agreement_map50', 'agreement_precision', 'agreement_recall', 'snr_db', 'psnr_db', 'max_relative_difference',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];
// Those against the truth; the others are against the original's outputs.
export const TRUTH_METRICS: readonly MetricName[] = ['miou', 'iou', 'pixel_accuracy', 'boundary_f', 'top1', 'top5', 'map50'];
export type Metrics = Partial<Record<MetricName, number>>;  // only those that were measured

// At 95 %, how far a measure is from the original's on other pictures of the kind: [low, high]; of decibels the value
// itself. Null: nothing bounds it.
export type Intervals = Partial<Record<MetricName, [number | null, number | null]>>;

// The table of measures that all outputs share.
export interface Measure {
  name: MetricName;
  title: string;
  meaning: string;
  unit: 'share' | 'decibels' | 'number';
  against: 'truth' | 'original';
  less_is_better: boolean;
}

// What one allowed loss leads to; indices of variants.
export interface VerdictChoice {
  allowed_loss: number;
  limit: string;
  smallest: number | null;
  recommended: number | null;
  closest: number | null;
  words: string[];  // a headline, and sentences that follow it
}

export interface Verdict {
  metric: MetricName | null;
  allowed_loss: number;
  doubtful_truth: boolean;
  choices: VerdictChoice[];
}

export interface Layer {
  name: string;
  kind: string;
  shape: number[];
  elements: number;
  bits: number | null;
  mode: string | null;
  bytes: number;
  snr_db: number | null;  // null: equal, or not measured
  max_error: number | null;
}

export interface Variant {
  name: string;
  is_original: boolean;
  bits: number | null;
  mode: string | null;
  bytes: number;
  load_ms: number | null;
  times_ms: number[];
  median_ms: number | null;
  min_ms: number | null;
  spread_ms: number | null;  // interquartile range
  peak_memory_bytes: number | null;
  metrics: Metrics;
  intervals: Intervals;
  blank_masks: number;       // pictures whose mask is blank and the original's is not
  nonfinite_values: number;  // NaN and infinities of the outputs
  time_change: 'less' | 'same' | 'more' | 'noisy' | 'unknown';
  memory_change: 'less' | 'same' | 'more' | 'noisy' | 'unknown';
  class_iou: (number | null)[];
  layers: Layer[];
  error: string | null;
}

export interface Grid {
  bits: number | null;
  mode: string | null;
  channel: number | null;
  values: number[];
  uses: number[];
}

export interface Histogram {
  layer: string;
  kind: string;
  shape: number[];
  elements: number;
  edges: number[];  // one more than counts
  counts: number[];
  grids: (Grid | null)[];  // one per variant
}

export interface Guess {
  label: string;
  probability: number;
}

export interface Values {
  output: string;
  shape: number[];
  elements: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  deviation: number | null;
  step: number;
  samples: (number | null)[];
}

// Key points in parts of the picture's width and height, from its upper left corner.
export interface Points {
  output: string;
  x: number[];
  y: number[];
  confidence: number[];  // 0..1; empty: not known
}

export interface Output {
  metrics: Metrics;
  ids: string | null;
  matte: string | null;
  image: string | null;
  top: Guess[];
  values: Values[];
  points: Points | null;
}

export interface Picture {
  name: string;
  width: number;  // as the model sees it
  height: number;
  aspect: number | null;  // width / height of the picture itself; null: as the model sees it
  image: string | null;
  ground_truth: string | null;
  label: string | null;
  outputs: Output[];  // one per variant
}

export interface Noise {
  time_ratio_spread: number | null;
  memory_ratio_spread: number | null;
  metrics: Metrics;
}

export interface Results {
  created: string;
  nbits_version: string;
  commit: string | null;
  command: string | null;
  partial: {done: number; total: number} | null;
  machine: {
    cpu: string;
    cores: number | null;
    threads: number | null;
    memory_bytes: number | null;
    system: string;
    instructions: string;
  };
  model: {
    name: string;
    type: string;
    task: Task;
    truth: string | null;
    truth_pictures: number | null;  // that have a true mask or class; null: all, or none
    judged_class: {id: number; label: string} | null;  // the only one that the truth marks; null: all are judged
    labels: string[];
    colors: string[];
    background_id: number | null;
  };
  noise: Noise;
  measures: Measure[];
  verdict: Verdict | null;
  words: string[];  // of a run without a verdict too
  variants: Variant[];
  histograms: Histogram[];
  pictures: Picture[];
  skipped: {file: string; reason: string}[];
}

export const originalOf = (results: Results): Variant =>
  results.variants.find((variant) => variant.is_original) ?? results.variants[0];

export const originalIndex = (results: Results): number =>
  results.variants.indexOf(originalOf(results));

export const isNumber = (value: unknown): value is number => typeof value === 'number';
