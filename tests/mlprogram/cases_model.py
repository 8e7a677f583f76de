# SPDX-License-Identifier: Apache-2.0
"""Resampling, recurrent operations, suppression."""
import numpy as np

from case_maker import case, values


def bilinear(x, rows, columns):
    """The image at rows x columns, clamped to its edges."""
    rows, columns = (np.clip(p, 0, n - 1) for p, n in ((np.asarray(rows), x.shape[-2]), (np.asarray(columns), x.shape[-1])))
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = (rows - top)[:, None], columns - left
    low, far = np.minimum(top + 1, x.shape[-2] - 1), np.minimum(left + 1, x.shape[-1] - 1)
    pick = lambda r, c: x[..., r[:, None], c]
    return ((pick(top, left) * (1 - right) + pick(top, far) * right) * (1 - down)
            + (pick(low, left) * (1 - right) + pick(low, far) * right) * down)


def grid(mode, n, out):
    i = np.arange(out)
    return {"STRICT_ALIGN_CORNERS": i * (n - 1) / max(1, out - 1),
            "ALIGN_CORNERS": i * (n - 1) / (out - 1) if out > 1 else np.array([(n - 1) / 2]),
            "DEFAULT": i * n / out, "OFFSET_CORNERS": (i + .5) * max(1, n - 1) / out,
            "UNALIGN_CORNERS": (i + .5) * n / out - .5}[mode]


def nearest(x, h, w):
    rows = np.floor(np.arange(h) * x.shape[-2] / h + 1e-9).astype(int)
    columns = np.floor(np.arange(w) * x.shape[-1] / w + 1e-9).astype(int)
    return x[..., rows[:, None], columns]


def resizing():
    x = values(1, 2, 4, 5)
    for h, w in ((2.0, 3.0), (1.5, 1.4)):
        name = "whole" if h == 2 else "broken"
        out = int(4 * h), int(5 * np.float32(w))
        arguments = {"x": "$x", "scale_factor_height": np.float32(h), "scale_factor_width": np.float32(w)}
        case("upsample_nearest_neighbor", {"x": x}, arguments, [nearest(x, *out)], name=name)
        for kind, extra, mode in (("", {}, "STRICT_ALIGN_CORNERS"),
                                  ("_half", {"align_corners": np.bool_(False)}, "UNALIGN_CORNERS"),
                                  ("_neither", {"align_corners": np.bool_(False),
                                                "half_pixel_centers": np.bool_(False)}, "DEFAULT")):
            case("upsample_bilinear", {"x": x}, {**arguments, **extra},
                 [bilinear(x, grid(mode, 4, out[0]), grid(mode, 5, out[1]))], 6 if kind == "_neither" else 5, name + kind)
    for mode in ("STRICT_ALIGN_CORNERS", "ALIGN_CORNERS", "DEFAULT", "OFFSET_CORNERS", "UNALIGN_CORNERS"):
        for h, w in ((8, 3), (1, 7)):
            y = bilinear(x, grid(mode, 4, h), grid(mode, 5, w))
            size = {"target_size_height": np.int32(h), "target_size_width": np.int32(w)}
            case("resize_bilinear", {"x": x}, {"x": "$x", "sampling_mode": mode, **size}, [y], name=f"{mode}_{h}")
            case("resize", {"x": x}, {"x": "$x", "shape": np.array([h, w]), "resized_dims": np.int32(2),
                                      "sampling_mode": mode}, [y], 7, f"{mode}_{h}")
    case("resize", {"x": x}, {"x": "$x", "shape": np.array([0, 8]), "resized_dims": np.int32(2),
                              "interpolation_mode": "NEAREST_NEIGHBOR"}, [nearest(x, 4, 8)], 7, "nearest")
    case("resize_nearest_neighbor", {"x": x}, {"x": "$x", "target_size_height": np.int32(6),
                                               "target_size_width": np.int32(3)}, [nearest(x, 6, 3)])


def crops():
    x = values(2, 3, 6, 7)
    boxes = np.array([[0.5, 1, 4, 5.5], [1, 0, 3, 6]], np.float32)
    images = np.array([1, 0])
    for mode in ("ALIGN_CORNERS", "DEFAULT"):
        y = np.stack([bilinear(x[i], h0 + grid(mode, h1 - h0 + 1, 4), w0 + grid(mode, w1 - w0 + 1, 3))
                      for i, (h0, w0, h1, w1) in zip(images, boxes)])
        size = {"target_height": np.int32(4), "target_width": np.int32(3), "sampling_mode": mode}
        roi = np.concatenate([images[:, None], boxes], 1).astype(np.float32)
        case("crop_resize", {"x": x, "r": roi.reshape(2, 1, 5, 1, 1)}, {"x": "$x", "roi": "$r", **size}, [y[:, None]],
             name=mode)
        case("crop_resize", {"x": x, "b": boxes}, {"x": "$x", "boxes": "$b", "box_indices": images, **size}, [y], 7, mode)
    far = np.array([[-2, 0, 3, 6]], np.float32)
    y = bilinear(x[0], np.array([-2, .5, 3.]), np.array([0, 3, 6.]))[None].copy()
    y[:, :, 0] = 9
    case("crop_resize", {"x": x, "b": far},
         {"x": "$x", "boxes": "$b", "target_height": np.int32(3), "target_width": np.int32(3),
          "sampling_mode": "ALIGN_CORNERS", "pad_value": np.float32(9), "box_indices": np.array([0])}, [y], 7, "outside")


def sample(x, places, border, nearest_pixel, value):
    """places [h, w, 2] in pixels as (x, y)."""
    h, w = x.shape[-2:]

    def within(p, n):
        if border == "border":
            return np.clip(p, 0, n - 1)
        if border in ("reflection", "symmetric"):
            low, high = (0, n - 1) if border == "reflection" else (-0.5, n - 0.5)
            turns = np.abs(p - low) % (2 * (high - low))
            return np.clip(low + np.where(turns > high - low, 2 * (high - low) - turns, turns), 0, n - 1)
        return p

    def pixel(r, c):
        inside = (r >= 0) & (c >= 0) & (r < h) & (c < w)
        return np.where(inside, x[..., np.clip(r, 0, h - 1).astype(int), np.clip(c, 0, w - 1).astype(int)], value)
    c, r = within(places[..., 0], w), within(places[..., 1], h)
    if nearest_pixel:
        return pixel(np.round(r), np.round(c))
    top, left = np.floor(r), np.floor(c)
    down, right = r - top, c - left
    return ((pixel(top, left) * (1 - right) + pixel(top, left + 1) * right) * (1 - down)
            + (pixel(top + 1, left) * (1 - right) + pixel(top + 1, left + 1) * right) * down)


def free_grids():
    x, places = values(1, 2, 4, 5), values(1, 3, 3, 2, low=-1.4, high=1.4)
    for border in ("constant", "border", "reflection", "symmetric"):
        for align in (True, False):
            for mode in ("bilinear", "nearest"):
                size = np.array([5, 4])
                pixels = (places + 1) / 2 * (size - 1) if align else (places + 1) / 2 * size - 0.5
                y = sample(x[0], pixels[0].astype(np.float64), border, mode == "nearest", 0.25)[None]
                case("resample", {"x": x, "c": places},
                     {"x": "$x", "coordinates": "$c", "sampling_mode": mode, "padding_mode": border,
                      "padding_value": np.float32(0.25), "coordinates_mode": "normalized_minus_one_to_one",
                      "align_corners": np.bool_(align)}, [y], name=f"{border}_{int(align)}_{mode}")
    matrix = np.array([[0.8, 0.1, -0.2, 0.3, 1.1, 0.1]], np.float32)
    gy, gx = np.meshgrid(np.linspace(-1, 1, 3), np.linspace(-1, 1, 6), indexing="ij")
    a = matrix[0].astype(np.float64)
    unit = np.stack([a[0] * gx + a[1] * gy + a[2], a[3] * gx + a[4] * gy + a[5]], -1)
    case("affine", {"x": x, "m": matrix},
         {"x": "$x", "transform_matrix": "$m", "output_height": np.int32(3), "output_width": np.int32(6),
          "sampling_mode": "bilinear", "padding_mode": "constant", "padding_value": np.float32(0),
          "coordinates_mode": "normalized_minus_one_to_one", "align_corners": np.bool_(True)},
         [sample(x[0], (unit + 1) / 2 * np.array([4, 3]), "constant", False, 0)[None]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, h, c, wi, wh, b):
    ys = []
    for step in x:
        i, f, o, z = np.split(step @ wi.T + h @ wh.T + b, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
        h = sigmoid(o) * np.tanh(c)
        ys.append(h)
    return np.stack(ys), h, c


def recurrent():
    s, b, n, hidden = 3, 2, 4, 3
    x, h, c = values(s, b, n), values(b, hidden), values(b, hidden)
    wi, wh, bias = values(4 * hidden, n), values(4 * hidden, hidden), values(4 * hidden)
    y, hn, cn = lstm(x, h, c, wi, wh, bias)
    arguments = {"x": "$x", "initial_h": "$h", "initial_c": "$c", "weight_ih": wi, "weight_hh": wh, "bias": bias}
    inputs = {"x": x, "h": h, "c": c}
    case("lstm", inputs, {**arguments, "output_sequence": np.bool_(True)}, [y, hn, cn], name="sequence")
    case("lstm", inputs, arguments, [y[-1:], hn, cn], name="last")
    back = {"weight_ih_back": values(4 * hidden, n), "weight_hh_back": values(4 * hidden, hidden),
            "bias_back": values(4 * hidden)}
    h2, c2 = values(b, hidden), values(b, hidden)
    yb, hb, cb = lstm(x[::-1], h2, c2, *back.values())
    case("lstm", {"x": x, "h": np.concatenate([h, h2], 1), "c": np.concatenate([c, c2], 1)},
         {**arguments, **back, "direction": "bidirectional", "output_sequence": np.bool_(True)},
         [np.concatenate([y, yb[::-1]], 2), np.concatenate([hn, hb], 1), np.concatenate([cn, cb], 1)], name="both")
    wi, wh, bias = values(3 * hidden, n), values(3 * hidden, hidden), values(3 * hidden)
    state, ys = h, []
    for step in x:
        r, o, z = np.split(step @ wi.T + bias, 3, 1)
        ur, uo, uz = np.split(wh, 3, 0)
        r, z = sigmoid(r + state @ ur.T), sigmoid(z + state @ uz.T)
        state = (1 - z) * np.tanh(o + (r * state) @ uo.T) + z * state
        ys.append(state)
    case("gru", {"x": x, "h": h}, {"x": "$x", "initial_h": "$h", "weight_ih": wi, "weight_hh": wh, "bias": bias,
                                   "output_sequence": np.bool_(True)}, [np.stack(ys), state])
    wi, wh, bias = values(hidden, n), values(hidden, hidden), values(hidden)
    state, ys = h, []
    for step in x:
        state = np.maximum(step @ wi.T + state @ wh.T + bias, 0)
        ys.append(state)
    case("rnn", {"x": x, "h": h}, {"x": "$x", "initial_h": "$h", "weight_ih": wi, "weight_hh": wh, "bias": bias,
                                   "activation": "relu"}, [ys[-1][None], state])


def suppression():
    boxes = np.array([[[5, 5, 4, 4], [5.2, 5, 4, 4], [12, 5, 4, 4], [5, 12, 2, 2]]], np.float32)
    scores = np.array([[[.9, .1], [.8, .2], [.3, .7], [.05, .02]]], np.float32)
    kept = [0, 2]
    pad = lambda a, n: np.concatenate([a, np.zeros((n - len(a), *a.shape[1:]))])
    case("non_maximum_suppression", {"b": boxes, "s": scores},
         {"boxes": "$b", "scores": "$s", "iou_threshold": np.float32(.5), "score_threshold": np.float32(.1),
          "max_boxes": np.int32(3)},
         [pad(boxes[0, kept], 3)[None], pad(scores[0, kept], 3)[None], [[0, 2, -1]], [2]])
    kept = [0, 2, 3]
    case("non_maximum_suppression", {"b": boxes.transpose(0, 2, 1), "s": scores.transpose(0, 2, 1)},
         {"boxes": "$b", "scores": "$s", "iou_threshold": np.float32(.5), "max_boxes": np.int32(3)},
         [boxes[0, kept].T[None], scores[0, kept].T[None], [kept]], 7)


def make():
    resizing()
    crops()
    free_grids()
    recurrent()
    suppression()
