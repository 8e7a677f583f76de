// SPDX-License-Identifier: Apache-2.0
// Layers, their errors and their weights' histogram, after the usual rule of six decibels a bit.
const LAYERS = Array.from({length: 40}, (_, i) => {
  const kind = i % 9 === 8 ? 'innerProduct' : 'convolution';
  const channels = 16 << Math.floor(i / 10);
  return {name: `block${Math.floor(i / 4)}/conv${i % 4}`, kind, shape: [channels, channels, 3, 3], elements: channels * channels * 9};
});

const scatter = (i) => Math.sin(i * 12.9898) * 3 + Math.sin(i * 4.1);

const KEPT = 38;  // in Float16 whatever the bits, as biases are

export function layersOf(bits, mode, isOriginal) {
  return LAYERS.map((layer, i) => {
    if (i === KEPT && !isOriginal) return {...layer, bits: 16, mode: 'float16', bytes: 2 * layer.elements, snr_db: 71.5, max_error: 1e-5};
    const kept = isOriginal || i === 39;
    const snr = kept ? null : Number((6.02 * bits - 4 + (mode === 'kmeans_lut' ? 2.5 : 0) + scatter(i) - (i === 0 ? 8 : 0)).toFixed(2));
    return {...layer, bits: kept ? 32 : bits, mode: kept ? 'float32' : mode, bytes: Math.ceil((layer.elements * (kept ? 32 : bits)) / 8),
            snr_db: snr, max_error: kept ? 0 : Number((2 ** -bits).toPrecision(3))};
  });
}

const laplace = (value) => Math.exp(-Math.abs(value) / 0.09);

function histogram(layer, schemes) {
  const edges = Array.from({length: 97}, (_, i) => Number((-0.6 + i / 80).toFixed(4)));
  const counts = edges.slice(1).map((to, i) => Math.round(9000 * laplace((edges[i] + to) / 2)));
  const grids = schemes.map(([, bits, mode], index) => {
    if (index === 0 || bits > 8) return null;
    const values = Array.from({length: 2 ** bits}, (_, i) => {
      const place = 2 * ((i + 0.5) / 2 ** bits) - 1;
      return Number((mode === 'kmeans_lut' ? 0.5 * Math.sign(place) * place * place : 0.6 * place).toFixed(5));
    });
    const uses = values.map((value) => Math.round(4000 * laplace(value)));
    return {bits, mode, channel: mode === 'linear' ? 7 : null, values, uses};
  });
  return {layer: layer.name, kind: layer.kind, shape: layer.shape, elements: layer.elements, edges, counts, grids};
}

export const histogramsOf = (schemes) => [LAYERS[35], LAYERS[0]].map((layer) => histogram(layer, schemes));
