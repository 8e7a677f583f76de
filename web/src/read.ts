// SPDX-License-Identifier: Apache-2.0
// Turns unknown JSON into the document of docs/results.md: whatever is missing or of another type becomes
// null or empty, so that the page shows what there is.
import {Grid, Guess, Histogram, Intervals, Layer, Measure, METRIC_NAMES, MetricName, Metrics, Noise, Output, Picture, Points, Results,
        Task, Values, Variant, VerdictChoice} from './results';

type Fields = Record<string, unknown>;

const TASKS: Task[] = ['segmentation', 'classification', 'image_to_image', 'detection', 'arrays'];

const fields = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown, fallback = ''): string => (typeof value === 'string' ? value : fallback);
const texts = (value: unknown): string[] => list(value).map((each) => text(each));
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const numbers = (value: unknown): number[] =>
  list(value).map(number).filter((each): each is number => each !== null);

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
    commit: textOrNull(document.commit),
    command: textOrNull(document.command),
    partial: readPartial(fields(document.partial)),
    machine: readMachine(fields(document.machine)),
    model: readModel(fields(document.model)),
    noise: readNoise(fields(document.noise_floor)),
    measures: list(document.measures).map(fields).flatMap(readMeasure),
    verdict: readVerdict(fields(document.verdict)),
    words: texts(document.words),
    variants,
    histograms: list(document.histograms).map(fields).map((each) => readHistogram(each, variants.length))
      .filter((each) => each.counts.length > 0 && each.edges.length === each.counts.length + 1),
    pictures: list(document.pictures).map((each) => readPicture(fields(each), variants.length)),
    skipped: list(document.skipped).map(fields).map((each) => ({file: text(each.file), reason: text(each.reason)})),
  };
}

function readPartial(from: Fields): Results['partial'] {
  const [done, total] = [number(from.done), number(from.total)];
  return done === null || total === null ? null : {done, total};
}

const readMachine = (from: Fields): Results['machine'] => ({
  cpu: text(from.cpu), cores: number(from.cores), threads: number(from.threads),
  memory_bytes: number(from.memory_bytes), system: text(from.system), instructions: text(from.instructions),
});

const readModel = (from: Fields): Results['model'] => ({
  name: text(from.name, 'Model'),
  type: text(from.type),
  task: TASKS.find((task) => task === from.task) ?? 'arrays',
  truth: textOrNull(from.truth),
  truth_pictures: number(from.truth_pictures),
  judged_class: readJudged(fields(from.judged_class)),
  labels: list(from.labels).map((label) => text(label)),
  colors: list(from.colors).map((color) => text(color)),
  background_id: number(from.background_id),
});

function readJudged(from: Fields): Results['model']['judged_class'] {
  const id = number(from.id);
  return id === null ? null : {id, label: text(from.label) || `class ${id}`};
}

const readNoise = (from: Fields): Noise => ({
  time_ratio_spread: number(from.time_ratio_spread),
  memory_ratio_spread: number(from.memory_ratio_spread),
  metrics: readMetrics(fields(from.metrics)),
});

const metricName = (value: unknown): MetricName | null => METRIC_NAMES.find((name) => name === value) ?? null;

function readVerdict(from: Fields): Results['verdict'] {
  const allowed = number(from.allowed_loss);
  if (allowed === null) return null;
  return {metric: metricName(from.metric), allowed_loss: allowed, doubtful_truth: from.doubtful_truth === true,
          choices: list(from.choices).map(fields).map(readChoice).filter((each): each is VerdictChoice => each !== null)};
}

function readChoice(from: Fields): VerdictChoice | null {
  const allowed = number(from.allowed_loss);
  if (allowed === null) return null;
  return {allowed_loss: allowed, limit: text(from.limit), smallest: number(from.smallest), recommended: number(from.recommended),
          closest: number(from.closest), words: texts(from.words)};
}

function readMeasure(from: Fields): Measure[] {
  const name = metricName(from.name);
  const unit = (['share', 'decibels', 'number'] as const).find((each) => each === from.unit);
  if (name === null || unit === undefined) return [];
  return [{name, title: text(from.title, name), meaning: text(from.meaning), unit,
           against: from.against === 'truth' ? 'truth' : 'original', less_is_better: from.less_is_better === true}];
}

const CHANGES = ['less', 'same', 'more', 'noisy', 'unknown'] as const;
const change = (value: unknown): Variant['time_change'] => CHANGES.find((each) => each === value) ?? 'unknown';

function readVariant(value: unknown, index: number): Variant {
  const from = fields(value);
  return {
    name: text(from.name, `variant ${index}`),
    is_original: from.is_original === true,
    bits: number(from.bits),
    mode: textOrNull(from.mode),
    bytes: number(from.bytes) ?? 0,
    load_ms: number(from.load_ms),
    times_ms: numbers(from.times_ms),
    median_ms: number(from.median_ms),
    min_ms: number(from.min_ms),
    spread_ms: number(from.spread_ms),
    peak_memory_bytes: number(from.peak_memory_bytes),
    metrics: readMetrics(fields(from.metrics)),
    intervals: readIntervals(fields(from.intervals)),
    blank_masks: number(from.blank_masks) ?? 0,
    nonfinite_values: number(from.nonfinite_values) ?? 0,
    time_change: change(from.time_change),
    memory_change: change(from.memory_change),
    class_iou: list(fields(from.metrics).class_iou).map(number),
    layers: list(from.layers).map(fields).map(readLayer),
    error: textOrNull(from.error),
  };
}

function readMetrics(from: Fields): Metrics {
  const metrics: Metrics = {};
  for (const name of METRIC_NAMES) {
    const value = number(from[name]);
    if (value !== null) metrics[name] = value;
  }
  return metrics;
}

function readIntervals(from: Fields): Intervals {
  const intervals: Intervals = {};
  for (const name of METRIC_NAMES) {
    const ends = list(from[name]);
    if (ends.length === 2) intervals[name] = [number(ends[0]), number(ends[1])];
  }
  return intervals;
}

const readLayer = (from: Fields): Layer => ({
  name: text(from.name), kind: text(from.kind), shape: numbers(from.shape), elements: number(from.elements) ?? 0,
  bits: number(from.bits), mode: textOrNull(from.mode), bytes: number(from.bytes) ?? 0,
  snr_db: number(from.snr_db), max_error: number(from.max_error),
});

function readHistogram(from: Fields, variants: number): Histogram {
  const grids = list(from.grids).slice(0, variants).map(readGrid);
  while (grids.length < variants) grids.push(null);
  return {
    layer: text(from.layer), kind: text(from.kind), shape: numbers(from.shape), elements: number(from.elements) ?? 0,
    edges: numbers(from.edges), counts: numbers(from.counts), grids,
  };
}

function readGrid(value: unknown): Grid | null {
  const from = fields(value);
  const values = numbers(from.values);
  if (values.length === 0) return null;
  return {bits: number(from.bits), mode: textOrNull(from.mode), channel: number(from.channel), values, uses: numbers(from.uses)};
}

function readPicture(from: Fields, variants: number): Picture {
  const outputs = list(from.outputs).slice(0, variants).map(fields).map(readOutput);
  while (outputs.length < variants) outputs.push(readOutput({}));
  return {
    name: text(from.name, 'picture'),
    width: number(from.width) ?? 0,
    height: number(from.height) ?? 0,
    aspect: readAspect(from),
    image: picture(from.image),
    ground_truth: picture(from.ground_truth),
      label: textOrNull(from.label),
    outputs,
  };
}

function readAspect(from: Fields): number | null {
  const [width, height] = [number(from.own_width), number(from.own_height)];
  return width !== null && height !== null && width > 0 && height > 0 ? width / height : null;
}

const readOutput = (from: Fields): Output => ({
  metrics: readMetrics(from),
  ids: picture(from.ids),
  matte: picture(from.matte),
  image: picture(from.image),
  top: list(from.top).map(fields).map(readGuess),
  values: list(from.values).map(fields).map(readValues),
  points: readPoints(fields(from.points)),
});

function readPoints(from: Fields): Points | null {
  const [x, y] = [numbers(from.x), numbers(from.y)];
  return x.length === 0 || x.length !== y.length ? null : {output: text(from.output), x, y, confidence: numbers(from.confidence)};
}

const readGuess = (from: Fields): Guess => ({label: text(from.label), probability: number(from.probability) ?? 0});

const readValues = (from: Fields): Values => ({
  output: text(from.output), shape: numbers(from.shape), elements: number(from.elements) ?? 0,
  min: number(from.min), max: number(from.max), mean: number(from.mean), deviation: number(from.deviation),
  step: number(from.step) ?? 1, samples: list(from.samples).map(number),
});
