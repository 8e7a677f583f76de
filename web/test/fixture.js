// Documents as of docs/results.md with drawn pictures: scenes of two figures before a landscape, and
// masks whose outline and inside get worse as the bits get fewer. `node test/fixture.js FILE` writes
// a whole report to look at.
import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {pngUri} from './png.js';

const SIZE = 192;
const HOSTILE = '<img src=x onerror="document.title=1">';
const LABELS = ['background', 'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow',
                'table', 'dog', 'horse', 'motorbike', 'person'];
const SCHEMES = [
  // name, bits, mode, bytes, damage
  ['original', 32, 'float32', 8_600_000, 0],
  ['float16', 16, 'float16', 4_330_000, 0.0002],
  ['linear 8', 8, 'linear', 2_210_000, 0.004],
  ['kmeans 6', 6, 'kmeans', 1_680_000, 0.012],
  ['linear 6', 6, 'linear', 1_690_000, 0.03],
  ['kmeans 4', 4, 'kmeans', 1_130_000, 0.06],
  ['linear 4', 4, 'linear', 1_150_000, 0.22],
  ['kmeans 2', 2, 'kmeans', 610_000, 0.55],
];

const wave = (x, y, seed) => Math.sin(x * 0.11 + seed) * Math.sin(y * 0.13 + seed * 2) + 0.5 * Math.sin((x + y) * 0.31 + seed);
const person = (x, y, c) => Math.hypot((x - c) / 24, (y - 70) / 30) < 1 || Math.hypot((x - c) / 52, (y - 190) / 92) < 1;
const cat = (x, y, c) => Math.hypot((x - c) / 27, (y - 140) / 22) < 1 || Math.hypot((x - c) / 21, (y - 178) / 32) < 1;

function classAt(x, y, seed, damage) {
  const shift = damage * 26 * wave(x, y, seed);
  if (person(x + shift, y - shift, 70 + 8 * seed)) return damage > 0.1 && wave(x, y, seed + 3) > 1.45 - damage ? 0 : 15;
  if (cat(x - shift, y + shift, 150)) return damage > 0.3 && wave(x, y, seed) > 0.7 ? 12 : 8;
  return 0;
}

function colourAt(x, y, seed) {
  const id = classAt(x, y, seed, 0);
  const light = 14 * wave(x * 3, y * 3, seed);
  if (id === 15) return (y < 100 ? [222, 178, 150] : [60, 84, 140]).map((value) => clamp(value + light));
  if (id === 8) return [196, 140, 80].map((value) => clamp(value + 2 * light));
  const sky = y < 110 + 12 * Math.sin(x / 20 + seed);
  return (sky ? [150 + y / 3, 190 + y / 4, 230] : [90 + light, 140 - y / 4 + light, 70]).map(clamp);
}

const clamp = (value) => Math.max(0, Math.min(255, Math.round(value)));

function agreementOf(seed, damage) {
  let same = 0;
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) same += classAt(x, y, seed, damage) === classAt(x, y, seed, 0);
  return same / (SIZE * SIZE);
}

function variant([name, bits, mode, size, damage], index, agreement) {
  const times = [0, 1.2, -0.8, 0.5, 3.1].map((each) => 150 + each + (bits === 2 ? 22 : 0));
  return {
    name, file: `${name}.mlmodel`, is_original: index === 0, bits, mode, bytes: size, load_ms: 12, times_ms: times,
    median_ms: times[3], min_ms: times[2], spread_ms: 1.6, peak_memory_bytes: 120_000_000 - index * 900_000,
    metrics: {agreement, agreement_miou: agreement ** 3, miou: 0.71 * agreement ** 2, pixel_accuracy: 0.93 * agreement,
              class_iou: [0.93 * agreement, ...LABELS.slice(1).map((_, id) => (id === 7 || id === 14 ? 0.7 * agreement ** 3 : null))],
              top1: null, snr_db: null, max_relative_difference: damage},
    error: null,
  };
}

function picture(name, seed) {
  const mask = (damage) => pngUri(SIZE, SIZE, 1, (x, y) => classAt(x, y, seed, damage));
  return {
    name, width: SIZE, height: SIZE, image: pngUri(SIZE, SIZE, 3, (x, y) => colourAt(x, y, seed)),
    ground_truth: pngUri(SIZE, SIZE, 1, (x, y) => (x < 3 || y < 3 ? 255 : classAt(x, y, seed, 0.01))),
    outputs: SCHEMES.map(([, , , , damage]) => ({agreement: agreementOf(seed, damage * seed), miou: null, ids: mask(damage * seed), image: null})),
  };
}

function document_(task, variants, pictures) {
  return {
    format: 'nbits-results', version: 1, created: '2026-01-31T12:00:00Z', nbits_version: '0.1.0',
    machine: {cpu: 'Example CPU', cores: 2, threads: 2},
    model: {name: 'DeepLabV3', type: 'neuralNetwork', input: 'image', task, labels: LABELS,
            colors: task === 'segmentation' ? LABELS.map((_, id) => ({0: '#000000', 8: '#e0a030', 15: '#e05070'})[id] ?? '#4080c0') : [],
            background_id: 0},
    noise_floor: {time_ratio_spread: 0.03}, variants, pictures, skipped: [{file: 'broken.jpg', reason: 'not a JPEG'}],
  };
}

export function segmentation() {
  const pictures = [['calm.png', 0.4], ['middling.png', 1], [`${HOSTILE}.png`, 1.5]].map(([name, seed]) => picture(name, seed));
  const mean = (index) => pictures.reduce((sum, each) => sum + each.outputs[index].agreement, 0) / pictures.length;
  const variants = SCHEMES.map((scheme, index) => variant(scheme, index, mean(index)));
  variants.push({...variant([HOSTILE, 1, 'linear', 300_000, 0], 8, null), times_ms: [], median_ms: null, spread_ms: null,
                 peak_memory_bytes: null, metrics: {}, error: 'layer "conv1": 1 bit is not supported'});
  for (const each of pictures) each.outputs.push({agreement: null, ids: null, image: null});
  return document_('segmentation', variants, pictures);
}

export function classification() {
  const schemes = SCHEMES.slice(0, 4);
  const top = (damage) => ['tench', 'goldfish', 'great white shark', HOSTILE, 'stingray']
    .map((label, rank) => ({label, probability: (0.9 - damage * 20) / (1 + rank * 3)}));
  const variants = schemes.map((scheme, index) => {
    const each = variant(scheme, index, null);
    return {...each, metrics: {top1_agreement: 1 - scheme[4], top5_agreement: 1, snr_db: 40 - index}};
  });
  const outputs = schemes.map(([, , , , damage], index) => ({agreement: null, top: index === 3 ? top(damage).reverse() : top(damage)}));
  const image = pngUri(64, 64, 3, (x, y) => [4 * x, 4 * y, 128]);
  return document_('classification', variants, [{name: 'fish.png', width: 64, height: 64, image, ground_truth: null, outputs}]);
}

export function imageToImage() {
  const schemes = SCHEMES.slice(0, 4);
  const image = (damage) => pngUri(96, 64, 3, (x, y) => [2 * x, 3 * y, 90 + damage * 900 * wave(x, y, 1)].map(clamp));
  const variants = schemes.map((scheme, index) => ({...variant(scheme, index, null), metrics: {psnr_db: index ? 60 - 8 * index : null}}));
  const outputs = schemes.map(([, , , , damage]) => ({agreement: null, image: image(damage)}));
  return document_('image_to_image', variants, [{name: 'view.png', width: 96, height: 64, image: image(0), ground_truth: null, outputs}]);
}

// What src/report does with the template.
export function report(document) {
  const template = readFileSync(new URL('../dist/report.html', import.meta.url), 'utf8');
  const json = JSON.stringify(document).replace(/</g, '\\u003c');
  return template.replace('{"nbits":"results"}', () => json);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(process.argv[2], report({segmentation, classification, imageToImage}[process.argv[3] ?? 'segmentation']()));
