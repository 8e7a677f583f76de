# SPDX-License-Identifier: Apache-2.0
"""Convolutions, pools and normalisation in one, two and three dimensions."""
import itertools

import numpy as np

from case_maker import case, values


def paddings(n, k, s, d, kind, pad):
    if kind == "valid":
        return 0, 0
    if kind == "custom":
        return pad
    total = max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n)
    return (total // 2, total - total // 2) if kind == "same" else (total - total // 2, total // 2)


def convolve(x, w, bias, strides, dilations, pads, groups):
    """x [n, c, spatial...], w [o, c / groups, kernel...]; one output value after the other."""
    x = np.pad(x, [(0, 0), (0, 0), *pads])
    spatial = [(n - (k - 1) * d - 1) // s + 1
               for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations)]
    y = np.zeros((x.shape[0], w.shape[0], *spatial))
    per = w.shape[0] // groups
    for n, o in itertools.product(range(x.shape[0]), range(w.shape[0])):
        first = o // per * w.shape[1]
        for place in np.ndindex(*spatial):
            window = tuple(slice(p * s, p * s + (k - 1) * d + 1, d)
                           for p, s, k, d in zip(place, strides, w.shape[2:], dilations))
            y[(n, o, *place)] = np.sum(x[(n, slice(first, first + w.shape[1]), *window)].astype(np.float64) * w[o])
    return y + np.reshape(bias, (1, -1, *[1] * len(spatial)))


def transposed(x, w, bias, strides, dilations, pads, groups):
    """w [c, o / groups, kernel...]; the full result, then cropped."""
    spatial = [(n - 1) * s + (k - 1) * d + 1
               for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations)]
    per_in, outputs = x.shape[1] // groups, w.shape[1] * groups
    y = np.zeros((x.shape[0], outputs, *spatial))
    for n, c in itertools.product(range(x.shape[0]), range(x.shape[1])):
        first = c // per_in * w.shape[1]
        for place in np.ndindex(*x.shape[2:]):
            window = tuple(slice(p * s, p * s + (k - 1) * d + 1, d)
                           for p, s, k, d in zip(place, strides, w.shape[2:], dilations))
            y[(n, slice(first, first + w.shape[1]), *window)] += float(x[(n, c, *place)]) * w[c]
    crop = tuple(slice(a, size - b) for (a, b), size in zip(pads, spatial))
    return y[(slice(None), slice(None), *crop)] + np.reshape(bias, (1, -1, *[1] * len(spatial)))


def convolutions():
    ones = lambda n: [1] * n
    for name, shape, kernel, out, groups, strides, dilations, kind, pad, opset in [
            ("plain", (1, 3, 7, 8), (3, 3), 4, 1, (1, 1), (1, 1), "valid", None, 5),
            ("same", (2, 2, 7, 8), (4, 3), 3, 1, (1, 2), (1, 1), "same", None, 5),
            ("lower", (1, 2, 7, 8), (4, 2), 3, 1, (2, 1), (1, 1), "same_lower", None, 6),
            ("custom", (1, 4, 9, 6), (3, 2), 6, 2, (2, 1), (2, 1), "custom", ((1, 2), (0, 3)), 5),
            ("depthwise", (1, 4, 5, 5), (3, 3), 8, 4, (1, 1), (1, 1), "custom", ((1, 1), (1, 1)), 7),
            ("line", (2, 3, 11), (4,), 5, 1, (2,), (2,), "custom", ((1, 4),), 5),
            ("line_same", (1, 4, 10), (3,), 4, 2, (3,), (1,), "same", None, 5),
            ("volume", (1, 2, 4, 5, 3), (2, 3, 2), 3, 1, (1, 2, 1), (1, 1, 1), "custom", ((1, 0), (1, 1), (0, 1)), 5)]:
        x, w, bias = values(*shape), values(out, shape[1] // groups, *kernel), values(out)
        pads = [paddings(n, k, s, d, kind, p) for n, k, s, d, p in
                zip(shape[2:], kernel, strides, dilations, pad or [None] * len(kernel))]
        arguments = {"x": "$x", "weight": w, "bias": bias, "pad_type": kind, "strides": np.array(strides),
                     "dilations": np.array(dilations), "groups": np.int32(groups)}
        if pad:
            arguments["pad"] = np.array(pad).ravel()
        case("conv", {"x": x}, arguments, [convolve(x, w, bias, strides, dilations, pads, groups)], opset, name)
    x, w = values(1, 2, 4, 4), values(3, 2, 1, 1)
    case("conv", {"x": x}, {"x": "$x", "weight": w}, [convolve(x, w, 0, (1, 1), (1, 1), [(0, 0)] * 2, 1)],
         name="defaults")
    case("conv", {"x": x, "w": w}, {"x": "$x", "weight": "$w"},
         [convolve(x, w, 0, (1, 1), (1, 1), [(0, 0)] * 2, 1)], name="computed")
    q, scale, bias = np.arange(6).reshape(3, 2, 1, 1), values(3), values(3)
    w = (q * scale.reshape(-1, 1, 1, 1) + bias.reshape(-1, 1, 1, 1)).astype(np.float32)
    case("conv_quantized", {"x": x},
         {"x": "$x", "weight": q, "quantization_type": "linear", "nbits": np.int32(8), "quant_scale": scale,
          "quant_bias": bias}, [convolve(x, w, 0, (1, 1), (1, 1), [(0, 0)] * 2, 1)])
    for name, shape, kernel, out, groups, strides, kind, pad, stated in [
            ("plain", (1, 3, 4, 5), (3, 2), 2, 1, (2, 1), "valid", None, None),
            ("custom", (1, 4, 4, 4), (3, 3), 6, 2, (2, 2), "custom", ((1, 0), (1, 1)), None),
            ("same", (1, 2, 3, 4), (4, 3), 3, 1, (2, 2), "same", None, None),
            ("line", (1, 2, 5), (3,), 3, 1, (2,), "custom", ((1, 0),), None),
            ("volume", (1, 2, 2, 3, 2), (2, 2, 3), 2, 1, (2, 1, 1), "valid", None, None)]:
        x, w, bias = values(*shape), values(shape[1], out // groups, *kernel), values(out)
        pads = pad or [(0, 0)] * len(kernel)
        if kind == "same":
            pads = []
            for n, k, s in zip(shape[2:], kernel, strides):
                total = max(0, (n - 1) * s + k - n * s)
                pads.append((total // 2, total - total // 2))
        arguments = {"x": "$x", "weight": w, "bias": bias, "pad_type": kind, "strides": np.array(strides),
                     "groups": np.int32(groups)}
        if pad:
            arguments["pad"] = np.array(pad).ravel()
        case("conv_transpose", {"x": x}, arguments,
             [transposed(x, w, bias, strides, ones(len(kernel)), pads, groups)], name=name)


def pool(x, kernel, strides, pads, kind, exclude=False, round_up=False):
    spatial = []
    for n, k, s, (a, b) in zip(x.shape[2:], kernel, strides, pads):
        out = (n + a + b - k + (s - 1 if round_up else 0)) // s + 1
        if round_up and (a + b) > 0 and (out - 1) * s >= n + a:
            out -= 1
        spatial.append(out)
    y = np.zeros((*x.shape[:2], *spatial))
    for place in np.ndindex(*spatial):
        bounds = [(p * s - a, min(p * s - a + k, n + b))
                  for p, s, k, (a, b), n in zip(place, strides, kernel, pads, x.shape[2:])]
        window = tuple(slice(max(0, a), max(0, min(b, n))) for (a, b), n in zip(bounds, x.shape[2:]))
        part = x[(slice(None), slice(None), *window)].reshape(*x.shape[:2], -1).astype(np.float64)
        count = part.shape[2] if exclude else np.prod([b - a for a, b in bounds])
        y[(slice(None), slice(None), *place)] = (part.max(2) if kind == "max" else part.sum(2) / count
                                                 if kind == "avg" else np.sqrt((part**2).sum(2)))
    return y


def pools():
    for op, kind in (("max_pool", "max"), ("avg_pool", "avg"), ("l2_pool", "l2")):
        for name, shape, kernel, strides, pad_kind, pad, round_up, exclude in [
                ("valid", (1, 2, 7, 6), (3, 2), (2, 1), "valid", None, False, False),
                ("custom", (2, 1, 6, 5), (3, 3), (2, 2), "custom", ((1, 1), (0, 1)), False, False),
                ("ceil", (1, 1, 6, 6), (3, 3), (2, 2), "custom", ((1, 1), (1, 1)), True, False),
                ("same", (1, 2, 7, 6), (4, 3), (1, 2), "same", None, False, True),
                ("line", (1, 2, 6), (3,), (2,), "custom", ((1, 1),), True, True),
                ("volume", (1, 1, 3, 4, 4), (2, 2, 3), (1, 2, 1), "valid", None, False, False)]:
            if kind == "l2" and name == "volume":
                continue
            x = values(*shape)
            pads = [paddings(n, k, s, 1, pad_kind, p)
                    for n, k, s, p in zip(shape[2:], kernel, strides, pad or [None] * len(kernel))]
            arguments = {"x": "$x", "kernel_sizes": np.array(kernel), "strides": np.array(strides),
                         "pad_type": pad_kind, "ceil_mode": np.bool_(round_up)}
            if pad:
                arguments["pad"] = np.array(pad).ravel()
            if kind == "avg":
                arguments["exclude_padding_from_average"] = np.bool_(exclude)
            case(op, {"x": x}, arguments,
                 [pool(x, kernel, strides, pads, kind, exclude and kind == "avg", round_up)], name=name)


def normalization():
    for name, shape in (("line", (2, 3, 5)), ("plane", (2, 3, 4, 2)), ("volume", (1, 3, 2, 3, 2))):
        x, mean, variance = values(*shape), values(3), values(3, low=0.2)
        gamma, beta = values(3), values(3)
        c = (None, slice(None), *[None] * (len(shape) - 2))
        y = (x - mean[c]) / np.sqrt(variance[c] + 1e-5)
        case("batch_norm", {"x": x}, {"x": "$x", "mean": mean, "variance": variance}, [y], name=name)
        case("batch_norm", {"x": x}, {"x": "$x", "mean": mean, "variance": variance, "gamma": gamma, "beta": beta,
                                      "epsilon": np.float32(0.1)},
             [(x - mean[c]) / np.sqrt(variance[c] + 0.1) * gamma[c] + beta[c]], 7, name=name)
        if name != "volume":
            axes = tuple(range(2, len(shape)))
            z = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
            case("instance_norm", {"x": x}, {"x": "$x", "gamma": gamma, "beta": beta}, [z * gamma[c] + beta[c]],
                 name=name, tolerance=1e-4)
            square = np.zeros(shape)
            for i in range(3):
                square[:, i] = (x[:, max(0, i - 1):i + 2].astype(np.float64)**2).sum(1)
            case("local_response_norm", {"x": x}, {"x": "$x", "size": np.int32(3), "alpha": np.float32(0.3),
                                                   "beta": np.float32(0.5), "k": np.float32(2)},
                 [x / (2 + 0.1 * square)**0.5], name=name)
    x = values(2, 3, 4)
    for name, axes in (("last", (2,)), ("two", (1, 2)), ("middle", (1,)), ("all", (0, 1, 2))):
        y = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
        case("layer_norm", {"x": x}, {"x": "$x", "axes": np.array(axes)}, [y], name=name, tolerance=1e-4)
        gamma, beta = (values(*[x.shape[a] for a in axes]) for _ in range(2))
        wide = [x.shape[a] if a in axes else 1 for a in range(3)]
        case("layer_norm", {"x": x}, {"x": "$x", "axes": np.array(axes), "gamma": gamma, "beta": beta},
             [y * gamma.reshape(wide) + beta.reshape(wide)], 7, name, tolerance=1e-4)
    x = values(2, 2, 3, 4)
    case("l2_norm", {"x": x}, {"x": "$x"},
         [x / np.sqrt((x.astype(np.float64)**2).sum((1, 2, 3), keepdims=True) + 1e-6)])


def make():
    convolutions()
    pools()
    normalization()
