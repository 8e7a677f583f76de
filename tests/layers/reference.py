# SPDX-License-Identifier: Apache-2.0
"""Slow references, element by element, written from the comments of Core ML's NeuralNetwork.proto."""
import itertools
import math

import numpy as np


def indices(shape):
    return itertools.product(*(range(extent) for extent in shape))


# ---- Windows. `pads` is [(begin, end)] an axis; spatial axes are the last ones -------------------------------------


def same_pads(extents, kernel, stride, dilation, top_left_heavy=False):
    """Pads so that output = ceil(input / stride); the odd element goes to the end unless told otherwise."""
    pads = []
    for extent, k, s, d in zip(extents, kernel, stride, dilation):
        total = max(0, (math.ceil(extent / s) - 1) * s + (k - 1) * d + 1 - extent)
        begin = (total + 1) // 2 if top_left_heavy else total // 2
        pads.append((begin, total - begin))
    return pads


def convolve(x, weights, stride, pads, dilation, groups=1, bias=None):
    """x [B, C, spatial...], weights [O, C / groups, spatial...]."""
    spatial, kernel = x.shape[2:], weights.shape[2:]
    out = [(e + p[0] + p[1] - (k - 1) * d - 1) // s + 1
           for e, p, k, d, s in zip(spatial, pads, kernel, dilation, stride)]
    y = np.zeros((x.shape[0], weights.shape[0], *out))
    per_group_in, per_group_out = x.shape[1] // groups, weights.shape[0] // groups
    for b, o, *place in indices(y.shape):
        total = 0.0 if bias is None else bias[o]
        for c, *tap in indices((per_group_in, *kernel)):
            source = [p * s - pad[0] + t * d for p, s, pad, t, d in zip(place, stride, pads, tap, dilation)]
            if all(0 <= i < e for i, e in zip(source, spatial)):
                total += x[(b, o // per_group_out * per_group_in + c, *source)] * weights[(o, c, *tap)]
        y[(b, o, *place)] = total
    return y


def deconvolve(x, weights, stride, crops, groups=1, bias=None, output=None, dilation=None):
    """x [B, C, spatial...], weights [C, O / groups, spatial...]. Every input value adds the kernel to the full result,
    which is then cropped to `output`, or by `crops` on both sides."""
    spatial, kernel = x.shape[2:], weights.shape[2:]
    dilation = dilation or [1] * len(kernel)
    full = [(e - 1) * s + (k - 1) * d + 1 for e, s, k, d in zip(spatial, stride, kernel, dilation)]
    output = output or [f - c[0] - c[1] for f, c in zip(full, crops)]
    channels = weights.shape[1] * groups
    y = np.zeros((x.shape[0], channels, *output))
    for b, c, *place in indices(x.shape):
        group = c // (x.shape[1] // groups)
        for o, *tap in indices(weights.shape[1:]):
            target = [p * s + t * d - crop[0] for p, s, t, d, crop in zip(place, stride, tap, dilation, crops)]
            if all(0 <= i < e for i, e in zip(target, output)):
                y[(b, group * weights.shape[1] + o, *target)] += x[(b, c, *place)] * weights[(c, o, *tap)]
    return y if bias is None else y + np.reshape(bias, (-1, *[1] * len(kernel)))


def same_crops(extents, kernel, stride, output, top_left_heavy=False, dilation=None):
    crops = []
    for extent, k, s, out, d in zip(extents, kernel, stride, output, dilation or [1] * len(kernel)):
        total = max(0, (extent - 1) * s + (k - 1) * d + 1 - out)
        begin = (total + 1) // 2 if top_left_heavy else total // 2
        crops.append((begin, total - begin))
    return crops


def pool(x, kind, kernel, stride, pads, exclude_padding=False, output=None):
    """x [B, C, spatial...]. Averages count the padding, but nothing beyond it, unless it is excluded."""
    spatial = x.shape[2:]
    output = output or [(e + p[0] + p[1] - k) // s + 1 for e, p, k, s in zip(spatial, pads, kernel, stride)]
    y = np.zeros((*x.shape[:2], *output))
    for b, c, *place in indices(y.shape):
        starts = [p * s - pad[0] for p, s, pad in zip(place, stride, pads)]
        ends = [min(start + k, e + pad[1]) for start, k, e, pad in zip(starts, kernel, spatial, pads)]
        seen = [x[(b, c, *i)] for i in itertools.product(*(range(max(0, s), min(e, n))
                                                           for s, e, n in zip(starts, ends, spatial)))]
        area = len(seen) if exclude_padding else math.prod(e - s for s, e in zip(starts, ends))
        y[(b, c, *place)] = {"MAX": lambda: max(seen), "AVERAGE": lambda: sum(seen) / area,
                             "L2": lambda: math.sqrt(sum(v * v for v in seen))}[kind]()
    return y


def complete_output(extents, kernel, stride, padding):
    """Output extents of a pooling that includes the last pixel."""
    output = []
    for extent, k, s, p in zip(extents, kernel, stride, padding):
        out = math.ceil((extent + 2 * p - k) / s) + 1
        if p > 0 and (out - 1) * s >= extent + p:
            out -= 1
        output.append(out)
    return output


# ---- Sampling ------------------------------------------------------------------------------------------------------


def grid(mode, extent, count, start=0.0, end=None):
    """Places that `count` outputs sample on an axis, on [start, end] where the mode takes a box. For an upsampling layer
    the modes are those of the layer."""
    end = extent - 1 if end is None else end
    length = end - start + 1
    if mode == "STRICT_ALIGN_ENDPOINTS_MODE":
        spacing = (length - 1) / max(1, count - 1)
        return [start + i * spacing for i in range(count)]
    if mode == "ALIGN_ENDPOINTS_MODE":
        if count == 1:
            return [start + (length - 1) / 2]
        return [start + i * (length - 1) / (count - 1) for i in range(count)]
    if mode in ("UPSAMPLE_MODE", "DEFAULT"):
        spacing = (length - length / count) / max(1, count - 1)
        return [start + i * spacing for i in range(count)]
    if mode == "ROI_ALIGN_MODE":
        spacing = max(1, length - 1) / count
        return [start + (i + 0.5) * spacing for i in range(count)]
    if mode == "ALIGN_CORNERS_TRUE":
        return [i * (extent - 1) / max(1, count - 1) for i in range(count)]
    assert mode == "ALIGN_CORNERS_FALSE", mode
    return [(i + 0.5) * extent / count - 0.5 for i in range(count)]


def sample(plane, y, x):
    """Bilinear interpolation; places outside are moved to the border."""
    y = min(max(y, 0), plane.shape[0] - 1)
    x = min(max(x, 0), plane.shape[1] - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, plane.shape[0] - 1), min(left + 1, plane.shape[1] - 1)
    v, u = y - top, x - left
    return ((plane[top, left] * (1 - u) + plane[top, right] * u) * (1 - v) +
            (plane[bottom, left] * (1 - u) + plane[bottom, right] * u) * v)


def resample(x, rows, columns):
    """x [..., H, W] at the places rows x columns."""
    planes = x.reshape(-1, *x.shape[-2:])
    out = [[[sample(plane, r, c) for c in columns] for r in rows] for plane in planes]
    return np.reshape(out, (*x.shape[:-2], len(rows), len(columns)))


# ---- Recurrent layers: x [sequence, batch, input], states [batch, hidden] ------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


ACTIVATIONS = {
    "LINEAR": lambda x: x, "SIGMOID": sigmoid, "TANH": np.tanh, "RELU": lambda x: np.maximum(x, 0),
    # coremltools writes no parameters, and its tests expect the plain function.
    "SCALED_TANH": np.tanh, "SIGMOID_HARD": lambda x: np.clip(0.2 * x + 0.5, 0, 1)}


def limited(x):
    return np.clip(x, -50, 50)


def order(steps, reverse):
    return reversed(range(steps)) if reverse else range(steps)


# What the functions return for each step comes in the order of computation, as coremltools' tests have it: of a reversed
# layer, the last input's first.


def simple_rnn(x, W, R, b, activation, h, reverse=False):
    """Returns outputs at all steps and the last state."""
    f, ys = ACTIVATIONS[activation], []
    for t in order(len(x), reverse):
        h = f(limited(x[t] @ W.T + h @ R.T + b))
        ys.append(h)
    return np.stack(ys), h


def gru(x, W, R, b, inner, outer, h, reverse=False):
    """W, R, b: of the gates z, r, o."""
    f, g, ys = ACTIVATIONS[inner], ACTIVATIONS[outer], []
    for t in order(len(x), reverse):
        z = f(limited(x[t] @ W[0].T + h @ R[0].T + b[0]))
        r = f(limited(x[t] @ W[1].T + h @ R[1].T + b[1]))
        o = g(limited(x[t] @ W[2].T + (h * r) @ R[2].T + b[2]))
        h = (1 - z) * o + z * h
        ys.append(h)
    return np.stack(ys), h


def lstm(x, W, R, b, functions, h, c, peephole=None, coupled=False, clip=50, reverse=False):
    """W, R, b: of the gates i, f, o, z (coremltools' order); functions f, g, h; peephole: of i, f, o."""
    f, g, last = (ACTIVATIONS[name] for name in functions)
    p = [0, 0, 0] if peephole is None else peephole
    ys = []
    for t in order(len(x), reverse):
        a = [x[t] @ W[k].T + h @ R[k].T + b[k] for k in range(4)]
        i = f(limited(a[0] + p[0] * c))
        forget = 1 - i if coupled else f(limited(a[1] + p[1] * c))
        z = g(limited(a[3]))
        c = np.clip(c * forget + i * z, -clip, clip)
        o = f(limited(a[2] + p[2] * c))
        h = last(c) * o
        ys.append(h)
    return np.stack(ys), h, c


# ---- Others --------------------------------------------------------------------------------------------------------


def scatter_combine(mode, old, new):
    return {"UPDATE": new, "ADD": old + new, "SUB": old - new, "MUL": old * new, "DIV": old / new,
            "MAX": max(old, new), "MIN": min(old, new)}[mode]


def overlap(a, b):
    """Intersection over union of boxes (centre x, centre y, width, height)."""
    lengths = []
    for axis in (0, 1):
        low = max(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2)
        high = min(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2)
        lengths.append(max(0, high - low))
    both = lengths[0] * lengths[1]
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def suppress(boxes, scores, iou, score, limit, per_class):
    """One picture: indices of the boxes that survive, best first."""
    best, classes = scores.max(axis=1), scores.argmax(axis=1)
    kept = []
    for i in sorted(range(len(boxes)), key=lambda i: (-best[i], i)):
        rivals = [k for k in kept if not per_class or classes[k] == classes[i]]
        if best[i] >= score and all(overlap(boxes[k], boxes[i]) <= iou for k in rivals):
            kept.append(i)
    return kept[:limit] or [int(best.argmax())]
