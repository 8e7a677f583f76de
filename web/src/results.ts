// The document of docs/results.md: its types, and the check that turns unknown JSON into them.

export type Task = 'segmentation' | 'classification' | 'image_to_image' | 'arrays';

export interface Metrics {
  agreement?: number | null;
  agreement_miou?: number | null;
  miou?: number | null;
  pixel_accuracy?: number | null;
  class_iou?: (number | null)[] | null;
  top1?: number | null;
  top5?: number | null;
  top1_agreement?: number | null;
  top5_agreement?: number | null;
  snr_db?: number | null;
  psnr_db?: number | null;
  max_relative_difference?: number | null;
}
export type MetricName = Exclude<keyof Metrics, 'class_iou'>;

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
  spread_ms: number | null;
  peak_memory_bytes: number | null;
  metrics: Metrics;
  error: string | null;
}

export interface Guess {
  label: string;
  probability: number;
}

export interface Output {
  agreement: number | null;
  miou: number | null;
  ids: string | null;
  image: string | null;
  top: Guess[];
}

export interface Picture {
  name: string;
  width: number;
  height: number;
  image: string | null;
  ground_truth: string | null;
  outputs: Output[];
}

export interface Results {
  created: string;
  nbits_version: string;
  machine: {cpu: string; cores: number | null; threads: number | null};
  model: {
    name: string;
    type: string;
    task: Task;
    labels: string[];
    colors: string[];
    background_id: number | null;
  };
  noise: number;
  variants: Variant[];
  pictures: Picture[];
  skipped: {file: string; reason: string}[];
}

type Fields = Record<string, unknown>;

const TASKS: Task[] = ['segmentation', 'classification', 'image_to_image', 'arrays'];
const DEFAULT_NOISE = 0.03;  // ratio of times, when the document does not say

const fields = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown, fallback = ''): string =>
  typeof value === 'string' ? value : fallback;
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

// Only data URIs of pictures: the report must never ask the network for anything.
const picture = (value: unknown): string | null =>
  typeof value === 'string' && /^data:image\/(png|jpeg|webp);base64,/.test(value) ? value : null;

export function readResults(source: string): Results {
  const document = fields(JSON.parse(source));
  if (document.format !== 'nbits-results') throw new Error('This is not an nbits-results document.');
  if (document.version !== 1) throw new Error('This version of the results is not known here.');
  const variants = list(document.variants).map(readVariant);
  if (variants.length === 0) throw new Error('The results name no variants.');
  return {
    created: text(document.created),
    nbits_version: text(document.nbits_version),
    machine: readMachine(fields(document.machine)),
    model: readModel(fields(document.model)),
    noise: number(fields(document.noise_floor).time_ratio_spread) ?? DEFAULT_NOISE,
    variants,
    pictures: list(document.pictures).map((each) => readPicture(fields(each), variants.length)),
    skipped: list(document.skipped).map(fields).map(readSkipped),
  };
}

function readMachine(from: Fields): Results['machine'] {
  return {cpu: text(from.cpu), cores: number(from.cores), threads: number(from.threads)};
}

function readModel(from: Fields): Results['model'] {
  return {
    name: text(from.name, 'Model'),
    type: text(from.type),
    task: TASKS.find((task) => task === from.task) ?? 'arrays',
    labels: list(from.labels).map((label) => text(label)),
    colors: list(from.colors).map((color) => text(color)),
    background_id: number(from.background_id),
  };
}

function readVariant(value: unknown, index: number): Variant {
  const from = fields(value);
  const times = list(from.times_ms).map(number).filter((time): time is number => time !== null);
  return {
    name: text(from.name, `variant ${index}`),
    is_original: from.is_original === true,
    bits: number(from.bits),
    mode: textOrNull(from.mode),
    bytes: number(from.bytes) ?? 0,
    load_ms: number(from.load_ms),
    times_ms: times,
    median_ms: number(from.median_ms),
    min_ms: number(from.min_ms),
    spread_ms: number(from.spread_ms),
    peak_memory_bytes: number(from.peak_memory_bytes),
    metrics: readMetrics(fields(from.metrics)),
    error: textOrNull(from.error),
  };
}

function readMetrics(from: Fields): Metrics {
  const metrics: Fields = {};
  for (const [name, value] of Object.entries(from)) metrics[name] = number(value);
  metrics.class_iou = Array.isArray(from.class_iou) ? from.class_iou.map(number) : null;
  return metrics as Metrics;
}

function readPicture(from: Fields, variants: number): Picture {
  const outputs = list(from.outputs).map(fields).map(readOutput);
  while (outputs.length < variants) outputs.push(readOutput({}));
  return {
    name: text(from.name, 'picture'),
    width: number(from.width) ?? 0,
    height: number(from.height) ?? 0,
    image: picture(from.image),
    ground_truth: picture(from.ground_truth),
    outputs,
  };
}

function readOutput(from: Fields): Output {
  return {
    agreement: number(from.agreement),
    miou: number(from.miou),
    ids: picture(from.ids),
    image: picture(from.image),
    top: list(from.top).map(fields).map((guess) => ({
      label: text(guess.label),
      probability: number(guess.probability) ?? 0,
    })),
  };
}

function readSkipped(from: Fields): {file: string; reason: string} {
  return {file: text(from.file), reason: text(from.reason)};
}

export const originalOf = (results: Results): Variant =>
  results.variants.find((variant) => variant.is_original) ?? results.variants[0];

export const originalIndex = (results: Results): number =>
  results.variants.indexOf(originalOf(results));
