// SPDX-License-Identifier: Apache-2.0
// Documents as of docs/results.md. `node test/fixture.js FILE [KIND]` writes a whole report to look at.
import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {judged} from './judged.js';
import {pngUri} from './png.js';
import {agreementOf, clamp, classAt, colourAt, matteAt, SIZE, viewAt} from './scenes.js';
import {histogramsOf, layersOf} from './weights.js';

export const HOSTILE = '<img src=x onerror="document.title=1">';
const LABELS = ['background', 'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow',
                'table', 'dog', 'horse', 'motorbike', 'person'];
const COLOURS = {0: '#000000', 8: '#e0a030', 15: '#e05070'};
const SCHEMES = [
  // name, bits, mode, bytes, damage
  ['original', 32, 'float32', 8_600_000, 0],
  ['float16', 16, 'float16', 4_330_000, 0.0002],
  ['linear 8', 8, 'linear', 2_210_000, 0.004],
  ['kmeans 6', 6, 'kmeans_lut', 1_680_000, 0.012],
  ['linear 6', 6, 'linear', 1_690_000, 0.03],
  ['kmeans 4', 4, 'kmeans_lut', 1_130_000, 0.06],
  ['linear 4', 4, 'linear', 1_150_000, 0.22],
  ['kmeans 2', 2, 'kmeans_lut', 610_000, 0.55],
];

function variant([name, bits, mode, size, damage], index, agreement) {
  const times = [0, 1.2, -0.8, 0.5, 3.1].map((each) => 150 + each + (bits === 2 ? 22 : 0));
  return {
    name, file: `${name}.mlmodel`, is_original: index === 0, bits, mode, bytes: size, load_ms: 12, times_ms: times,
    median_ms: times[3], min_ms: times[2], spread_ms: 1.6, peak_memory_bytes: 120_000_000 - index * 900_000,
    metrics: {agreement, agreement_miou: agreement ** 3, miou: 0.71 * agreement ** 2, pixel_accuracy: 0.93 * agreement,
              boundary_f: 0.8 * agreement ** 4, agreement_boundary_f: agreement ** 4,
              class_iou: [0.93 * agreement, ...LABELS.slice(1).map((_, id) => (id === 7 || id === 14 ? 0.7 * agreement ** 3 : null))],
              top1: null, snr_db: null, max_relative_difference: damage},
    layers: layersOf(bits, mode, index === 0), error: null,
  };
}

function picture(name, seed) {
  const mask = (damage) => pngUri(SIZE, SIZE, 1, (x, y) => classAt(x, y, seed, damage));
  return {
    name, width: SIZE, height: SIZE, image: pngUri(SIZE, SIZE, 3, (x, y) => colourAt(x, y, seed)),
    ground_truth: pngUri(SIZE, SIZE, 1, (x, y) => (x < 3 || y < 3 ? 255 : classAt(x, y, seed, 0.01))),
    outputs: SCHEMES.map(([, , , , damage]) => {
      const agreement = agreementOf(seed, damage * seed);
      return {agreement, miou: 0.71 * agreement ** 2, ids: mask(damage * seed), image: null};
    }),
  };
}

function document_(task, variants, pictures) {
  return {
    format: 'nbits-results', version: 1, created: '2026-01-31T12:00:00Z', nbits_version: '0.1.0', commit: 'a558d45',
    command: 'nbits sweep DeepLabV3.mlmodel --bits 16,8,6,4,2 --images samples -o out/demo',
    machine: {cpu: 'Example CPU', cores: 2, threads: 2, memory_bytes: 25_000_000_000, system: 'Linux 6.1', instructions: 'AVX2'},
    model: {name: 'DeepLabV3', type: 'neuralNetwork', input: 'image', task, labels: LABELS,
            colors: task === 'segmentation' ? LABELS.map((_, id) => COLOURS[id] ?? '#4080c0') : [], background_id: 0},
    noise_floor: {time_ratio_spread: 0.03, memory_ratio_spread: 0.002, metrics: {agreement: 0, miou: 0}},
    variants, histograms: histogramsOf(variants.map((each) => [each.name, each.bits, each.mode])), pictures,
    skipped: [{file: 'broken.jpg', reason: 'not a JPEG'}],
  };
}

export function segmentation() {
  const pictures = [['calm.png', 0.4], ['middling.png', 1], [`${HOSTILE}.png`, 1.5]].map(([name, seed]) => picture(name, seed));
  const mean = (index) => pictures.reduce((sum, each) => sum + each.outputs[index].agreement, 0) / pictures.length;
  const variants = SCHEMES.map((scheme, index) => variant(scheme, index, mean(index)));
  variants.push({...variant([HOSTILE, 1, 'linear', 300_000, 0], 8, null), times_ms: [], median_ms: null, spread_ms: null,
                 peak_memory_bytes: null, metrics: {}, layers: [], error: 'layer "conv1": 1 bit is not supported'});
  for (const each of pictures) each.outputs.push({agreement: null, ids: null, image: null});
  return document_('segmentation', variants, pictures);
}

// Masks that mark persons alone, everything else being background to them.
export function onePerson() {
  const document = segmentation();
  Object.assign(document.model, {truth: 'masks', judged_class: {id: 15, label: 'person'}});
  for (const {metrics} of document.variants) {
    if (metrics.miou !== undefined) Object.assign(metrics, {iou: metrics.miou, miou: null, class_iou: []});
  }
  for (const [index, each] of document.pictures.entries()) {
    const seed = [0.4, 1, 1.5][index];
    each.ground_truth = pngUri(SIZE, SIZE, 1, (x, y) => (classAt(x, y, seed, 0) === 15 ? 15 : 0));
    for (const output of each.outputs) if (output.miou !== undefined) Object.assign(output, {iou: output.miou, miou: null});
  }
  return document;
}

// What nbits 0.1.0 wrote: nothing of what may be absent.
export function oldSegmentation() {
  const document = segmentation();
  for (const name of ['commit', 'command', 'histograms']) delete document[name];
  for (const name of ['memory_bytes', 'system', 'instructions']) delete document.machine[name];
  document.noise_floor = {time_ratio_spread: 0.03};
  for (const each of document.variants) {
    delete each.layers;
    delete each.metrics.boundary_f;
    delete each.metrics.agreement_boundary_f;
  }
  return document;
}

export function matte() {
  const schemes = SCHEMES.slice(0, 5);
  const outputs = schemes.map(([, , , , damage]) => ({
    agreement: 1 - damage, matte: pngUri(SIZE, SIZE, 1, (x, y) => matteAt(x, y, damage)),
    ids: pngUri(SIZE, SIZE, 1, (x, y) => (matteAt(x, y, damage) > 127 ? 1 : 0))}));
  const variants = schemes.map((scheme, index) => {
    const each = variant(scheme, index, 1 - scheme[4]);
    return {...each, metrics: {agreement: 1 - scheme[4], snr_db: index ? 40 - index : null}};
  });
  const image = pngUri(SIZE, SIZE, 3, (x, y) => colourAt(x, y, 1));
  const document = document_('segmentation', variants, [{name: 'portrait.png', width: SIZE, height: SIZE, image, ground_truth: null, outputs}]);
  Object.assign(document.model, {labels: ['background', 'person'], colors: ['#000000', '#e05070'], rule: 'matte'});
  return document;
}

export function classification() {
  const schemes = SCHEMES.slice(0, 4);
  const top = (damage) => ['tench', 'goldfish', 'great white shark', HOSTILE, 'stingray']
    .map((label, rank) => ({label, probability: (0.9 - damage * 20) / (1 + rank * 3)}));
  const variants = schemes.map((scheme, index) => {
    const each = variant(scheme, index, null);
    return {...each, metrics: {top1_agreement: 1 - scheme[4], top5_agreement: 1, snr_db: 40 - index}};
  });
  const image = pngUri(64, 64, 3, (x, y) => [4 * x, 4 * y, 128]);
  const one = (name, changed) => ({
    name, width: 64, height: 64, image, ground_truth: null, label: 'tench',
    outputs: schemes.map(([, , , , damage], index) => ({agreement: null, top: changed && index === 3 ? top(damage).reverse() : top(damage)}))});
  return document_('classification', variants, [one('same.png', false), one('fish.png', true)]);
}

export function imageToImage() {
  const schemes = SCHEMES.slice(0, 4);
  const image = (damage) => pngUri(96, 64, 3, (x, y) => viewAt(x, y, damage));
  const level = (index, worse) => (index ? 60 - 8 * index - worse : null);
  const variants = schemes.map((scheme, index) => ({...variant(scheme, index, null), metrics: {psnr_db: level(index, 0)}}));
  const one = (name, worse) => ({name, width: 96, height: 64, image: image(0), ground_truth: null,
    outputs: schemes.map(([, , , , damage], index) => ({psnr_db: level(index, worse), image: image(damage)}))});
  return document_('image_to_image', variants, [one('view.png', 0), one('worse.png', 6)]);
}

// What a network makes of arrays that are pictures: there is no picture of the input.
export function upscaled() {
  const document = imageToImage();
  document.pictures.forEach((each) => Object.assign(each, {name: each.name.replace('.png', '.npy'), image: null, width: 0, height: 0}));
  return document;
}

// Pictures with the boxes drawn on them.
export function detection() {
  const schemes = SCHEMES.slice(0, 4);
  const box = (x, y, damage) => (x > 40 + 400 * damage && x < 120 && y > 20 && y < 180 && (x < 44 + 400 * damage || x > 116 || y < 24 || y > 176));
  const variants = schemes.map((scheme, index) => ({...variant(scheme, index, null), metrics: {agreement: 1 - scheme[4]}}));
  const image = (damage) => pngUri(SIZE, SIZE, 3, (x, y) => (damage !== null && box(x, y, damage) ? [255, 40, 40] : colourAt(x, y, 1)));
  return document_('detection', variants, [{name: 'street.jpg', width: SIZE, height: SIZE, own_width: 600, own_height: 400, image: image(null),
    ground_truth: null, outputs: schemes.map(([, , , , damage]) => ({agreement: 1 - damage, image: image(damage)}))}]);
}

export function pose() {
  const document = arrays();
  document.pictures[0].outputs.forEach((each, index) => {
    const turn = (i) => (i * Math.PI) / 6;
    each.points = {output: 'landmarks', x: Array.from({length: 12}, (_, i) => 0.5 + 0.3 * Math.cos(turn(i)) + 0.01 * index),
                   y: Array.from({length: 12}, (_, i) => 0.5 + 0.3 * Math.sin(turn(i))), confidence: Array(12).fill(0.9)};
  });
  return document;
}

export function arrays() {
  const schemes = SCHEMES.slice(0, 4);
  const variants = schemes.map((scheme, index) => ({...variant(scheme, index, null), metrics: {snr_db: index ? 50 - 6 * index : null}}));
  const values = (output, damage, length) => ({
    output, shape: [1, length, 2], elements: 2 * length, min: -1, max: 1, mean: 0.01, deviation: 0.7, step: 1,
    samples: Array.from({length: 2 * length}, (_, i) => (i === 3 ? null : Math.sin(i / 9) + damage * 8 * Math.sin(i * 2.3)))});
  const image = pngUri(64, 64, 3, (x, y) => [clamp(4 * x), 90, clamp(4 * y)]);
  const outputs = schemes.map(([, , , , damage], index) => ({snr_db: index ? 50 - 6 * index : null,
    values: [values('heatmap', damage, 80), values('offsets', 2 * damage, 40)]}));
  return document_('arrays', variants, [{name: 'pose.png', width: 64, height: 64, image, ground_truth: null, outputs}]);
}

// What src/report does with the template.
export function report(document) {
  const template = readFileSync(new URL('../dist/report.html', import.meta.url), 'utf8');
  const json = JSON.stringify(judged(document)).replace(/</g, '\\u003c');
  return template.replace('{"nbits":"results"}', () => json);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kinds = {segmentation, matte, classification, imageToImage, upscaled, detection, pose, arrays};
  writeFileSync(process.argv[2], report(kinds[process.argv[3] ?? 'segmentation']()));
}
