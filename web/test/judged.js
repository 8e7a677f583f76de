// SPDX-License-Identifier: Apache-2.0
// What the program adds to a document before it becomes a page: the measures' table, the verdict for each allowed loss
// with its words, and which times and memories differ. In few words and by figures alone; the rule itself is tested
// where it is, and by the cases of tests/compare/verdict_cases.json.
const TRUTH = ['miou', 'iou', 'top1', 'pixel_accuracy', 'boundary_f', 'top5'];
const TITLES = {miou: 'mIoU', iou: 'IoU', pixel_accuracy: 'pixel accuracy', boundary_f: 'boundary F', agreement_miou: 'agreement mIoU',
                agreement_boundary_f: 'agreement boundary F', top1: 'top 1', top5: 'top 5', top1_agreement: 'same top 1',
                top5_agreement: 'same top 5', snr_db: 'SNR', psnr_db: 'PSNR', max_relative_difference: 'max difference'};
const isDecibels = (name) => name.endsWith('_db');

const has = (document, name) => document.variants.slice(1).some((each) => Number.isFinite(each.metrics[name]));

function measureOf(document) {
  const discrete = ['segmentation', 'classification'].includes(document.model.task);
  const rest = discrete ? ['agreement', 'top1_agreement', 'psnr_db', 'snr_db'] : ['psnr_db', 'snr_db', 'agreement'];
  return [...TRUTH.slice(0, 4), ...rest].find((name) => has(document, name));
}

function measures(document) {
  const names = Object.keys(Object.assign({}, ...document.variants.map((each) => each.metrics)));
  return names.filter((name) => name !== 'class_iou').map((name) => ({
    name, meaning: `What ${name} means`, against: TRUTH.includes(name) ? 'truth' : 'original',
    title: name === 'iou' && document.model.judged_class ? `IoU of ${document.model.judged_class.label}` : TITLES[name] ?? name,
    unit: isDecibels(name) ? 'decibels' : name === 'max_relative_difference' ? 'number' : 'share',
    less_is_better: name === 'max_relative_difference'}));
}

function choice(document, metric, allowed) {
  const [original, ...others] = document.variants;
  const loss = (each) => (isDecibels(metric) ? (each.metrics.max_relative_difference === 0 ? -Infinity : -(each.metrics[metric] ?? -Infinity))
    : (TRUTH.includes(metric) ? original.metrics[metric] : 1) - (each.metrics[metric] ?? -Infinity));
  const alike = (each) => !TRUTH.includes(metric) || 1 - (each.metrics.agreement ?? 1) <= 10 * allowed + 1e-12;
  const good = others.filter((each) => !each.error && loss(each) <= allowed + 1e-12 && alike(each)).sort((a, b) => a.bytes - b.bytes);
  const near = good.filter((each) => each.bytes <= 1.1 * good[0].bytes).sort((a, b) => loss(a) - loss(b));
  const closest = good.length > 0 ? null : [...others].sort((a, b) => loss(a) - loss(b))[0];
  const at = (each) => (each ? document.variants.indexOf(each) : null);
  const words = near[0] ? [`Take ${near[0].name}: ${near[0].bytes} bytes.`, 'Time and memory did not change beyond noise.']
    : ['No smaller variant is within the allowed loss.', ...(closest ? [`The closest is ${closest.name}.`] : [])];
  return {allowed_loss: allowed, limit: `${TITLES[metric] ?? metric} within ${allowed}`, smallest: at(good[0]), recommended: at(near[0]),
          closest: at(closest), words};
}

function change(value, before, floor) {
  if (value === null || before === null || value === undefined || before === undefined) return 'unknown';
  return Math.abs(value / before - 1) <= floor ? 'same' : value < before ? 'less' : 'more';
}

export function judged(document) {
  if (!Array.isArray(document.variants) || document.measures || document.format !== 'nbits-results') return document;
  const metric = measureOf(document);
  const stated = document.verdict?.allowed_loss ?? (metric && (isDecibels(metric) ? -40 : TRUTH.includes(metric) ? 0.005 : 0.01));
  const losses = metric && isDecibels(metric) ? [-60, -50, -40, -30, -20] : [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];
  const all = [...new Set([...losses, stated])].sort((a, b) => a - b);
  const original = document.variants[0];
  const variants = document.variants.map((each) => ({
    time_change: change(each.median_ms, original.median_ms, document.noise_floor.time_ratio_spread ?? 0.03),
    memory_change: change(each.peak_memory_bytes, original.peak_memory_bytes, 0.02), intervals: {}, ...each}));
  return {...document, variants, measures: measures(document), words: ['Nothing was measured that a verdict could rest on.'],
          verdict: metric ? {metric, allowed_loss: stated, choices: all.map((each) => choice(document, metric, each))} : null};
}
