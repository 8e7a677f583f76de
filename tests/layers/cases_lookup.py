# SPDX-License-Identifier: Apache-2.0
"""Layers that read or write values by index, and non-maximum suppression."""
import itertools

import numpy as np

from fixture import Suite, random
from reference import indices, scatter_combine, suppress


def places(seed, extent, *shape):
    """Indices into an axis, negative ones included."""
    return np.random.default_rng(seed).integers(-extent, extent, shape).astype(float)


def gathers():
    suite = Suite("gather")
    data = random(0, 3, 4, 5)
    for axis in (0, 1, -1):
        for shape in ((3,), (2, 2)):
            i = places(1, data.shape[axis], *shape)
            suite.add(f"gather_{axis}_{shape}", {"x": data, "i": i}, {"y": np.take(data, i.astype(int), axis=axis)},
                      lambda b: b.add_gather("layer", ["x", "i"], "y", axis))
        shape = list(data.shape)
        shape[axis] = 2
        i = places(2, data.shape[axis], *shape)
        suite.add(f"along_axis_{axis}", {"x": data, "i": i},
                  {"y": np.take_along_axis(data, i.astype(int), axis=axis)},
                  lambda b: b.add_gather_along_axis("layer", ["x", "i"], "y", axis))
    for depth in (1, 2, 3):
        i = np.stack([places(3 + d, data.shape[d], 2, 2) for d in range(depth)], axis=-1)
        y = [[data[tuple(i[r, c].astype(int))] for c in range(2)] for r in range(2)]
        suite.add(f"nd_{depth}", {"x": data, "i": i}, {"y": y},
                  lambda b: b.add_gather_nd("layer", ["x", "i"], "y"))
    table, bias = random(4, 6, 3), random(5, 6)  # [channels, dictionary]
    words = np.array([2.0, 0, 1, 2])
    rows = np.stack([table[:, int(w)] + bias for w in words])
    suite.add("embedding", {"x": words.reshape(4, 1, 1, 1)}, {"y": rows.reshape(4, 6, 1, 1)},
              lambda b: b.add_embedding("layer", table, bias, 3, 6, True, "x", "y"))
    suite.add("embedding_of_rank_5", {"x": words.reshape(4, 1, 1, 1, 1)}, {"y": rows.reshape(4, 1, 6, 1, 1)},
              lambda b: b.add_embedding("layer", table, bias, 3, 6, True, "x", "y"), rank5=True)
    suite.add("embedding_nd", {"x": words.reshape(2, 2, 1)}, {"y": rows.reshape(2, 2, 6)},
              lambda b: b.add_embedding_nd("layer", "x", "y", 3, 6, table, bias))
    return suite


MODES = ("UPDATE", "ADD", "SUB", "MUL", "DIV", "MAX", "MIN")


def scatter(x, i, updates, axis, mode):
    """updates: x's shape with the shape of `i` in place of the axis."""
    y = np.moveaxis(x.copy(), axis, 0)
    rows = np.moveaxis(updates, range(axis, axis + i.ndim), range(i.ndim))
    for place in indices(i.shape):
        for rest in indices(y.shape[1:]):
            target = (int(i[place]) % x.shape[axis], *rest)
            y[target] = scatter_combine(mode, y[target], rows[(*place, *rest)])
    return np.moveaxis(y, 0, axis)


def scatters():
    suite = Suite("scatter")
    x = random(0, 3, 4, 2)
    for mode in MODES:
        i, updates = np.array([[1.0, -1], [1, 0]]), random(1, 3, 2, 2, 2) + 1.5
        suite.add("scatter_" + mode, {"x": x, "i": i, "u": updates}, {"y": scatter(x, i, updates, 1, mode)},
                  lambda b: b.add_scatter("layer", ["x", "i", "u"], "y", 1, mode))
        i = np.array([[[0.0, 3], [-1, 2]], [[1, 1], [1, 0]], [[2, -4], [3, 3]]])
        updates, y = random(2, 3, 2, 2) + 1.5, x.copy()
        for a, b, c in indices(i.shape):
            target = (a, int(i[a, b, c]) % 4, c)
            y[target] = scatter_combine(mode, y[target], updates[a, b, c])
        suite.add("along_axis_" + mode, {"x": x, "i": i, "u": updates}, {"y": y},
                  lambda net: net.add_scatter_along_axis("layer", ["x", "i", "u"], "y", -2, mode))
        i, updates, y = np.array([[0.0, 1], [2, -1], [0, 1]]), random(3, 3, 2) + 1.5, x.copy()
        for row, (a, b) in enumerate(i.astype(int)):
            for c in range(2):
                y[a, b, c] = scatter_combine(mode, y[a, b, c], updates[row, c])
        suite.add("nd_" + mode, {"x": x, "i": i, "u": updates}, {"y": y},
                  lambda net: net.add_scatter_nd("layer", ["x", "i", "u"], "y", mode))
    return suite


def one_hots():
    suite = Suite("one_hot")
    # The examples of the specification.
    suite.add("example", {"x": np.array([2.0, 0])}, {"y": [[-1, -1, 5, -1], [5, -1, -1, -1]]},
              lambda b: b.add_one_hot("layer", ["x"], "y", 4, -1, 5, -1))
    suite.add("no_index", {"x": np.array([2.0, -1])}, {"y": [[-1, -1, 5, -1], [-1, -1, -1, -1]]},
              lambda b: b.add_one_hot("layer", ["x"], "y", 4, -1, 5, -1))
    x = np.array([[0.0, 2, 1], [1, 1, 0]])
    for axis in (0, 1, 2):
        y = np.moveaxis(np.eye(3)[x.astype(int)], -1, axis)
        suite.add(f"axis_{axis}", {"x": x}, {"y": y}, lambda b: b.add_one_hot("layer", ["x"], "y", 3, axis))
    for constant in ((), ("n",)):
        suite.add(f"size_{'constant' if constant else 'input'}", {"x": np.array([1.0, 0]), "n": np.array([3.0])},
                  {"y": [[0, 1, 0], [1, 0, 0]]}, lambda b: b.add_one_hot("layer", ["x", "n"], "y"), constants=constant)
    # The examples of the specification.
    suite.add("where_non_zero_of_a_vector", {"x": np.array([0.0, 1, 0, 2])}, {"y": [[1], [3]]},
              lambda b: b.add_where_nonzero("layer", "x", "y"))
    matrix = np.array([[1.0, 2, 1], [0, 2, 2], [2, 1, 0]])
    for constant in ((), ("x",)):
        suite.add(f"where_non_zero_of_a_matrix_{len(constant)}", {"x": matrix},
                  {"y": [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 0], [2, 1]]},
                  lambda b: b.add_where_nonzero("layer", "x", "y"), constants=constant)
    return suite


def suppression(boxes, scores, iou, score, limit, per_class):
    """The four outputs of the layer."""
    batch, _, classes = scores.shape
    out = [np.zeros((batch, limit, 4)), np.zeros((batch, limit, classes)), np.full((batch, limit), -1.0), np.zeros(batch)]
    for b in range(batch):
        kept = suppress(boxes[b], scores[b], iou, score, limit, per_class)
        for row, i in enumerate(kept):
            out[0][b, row], out[1][b, row], out[2][b, row] = boxes[b, i], scores[b, i], i
        out[3][b] = len(kept)
    return dict(zip(("boxes", "scores", "indices", "count"), out))


def suppressions():
    suite = Suite("suppression")
    generator = np.random.default_rng(5)
    boxes = np.concatenate([generator.uniform(0, 6, (2, 12, 2)), generator.uniform(1, 5, (2, 12, 2))], axis=2).round(2)
    scores = generator.uniform(0, 1, (2, 12, 3)).round(3)
    names = ["boxes", "scores", "indices", "count"]
    for per_class, classes, limit in itertools.product((False, True), (1, 3), (3, 12)):
        s = scores[:, :, :classes]
        suite.add(f"{per_class}_{classes}_{limit}", {"b": boxes, "s": s}, suppression(boxes, s, 0.3, 0.4, limit, per_class),
                  lambda b: b.add_nms("layer", ["b", "s"], names, 0.3, 0.4, limit, per_class))
    suite.add("nothing_good_enough", {"b": boxes, "s": scores}, suppression(boxes, scores, 0.3, 2.0, 4, False),
              lambda b: b.add_nms("layer", ["b", "s"], names, 0.3, 2.0, 4))
    for constant in ((), ("iou", "score", "limit")):
        inputs = {"b": boxes, "s": scores, "iou": np.array([0.2]), "score": np.array([0.5]), "limit": np.array([5.0])}
        for count in (3, 4, 5):
            used = dict(list(inputs.items())[:count])
            expected = suppression(boxes, scores, 0.2, 0.5 if count > 3 else 0.1, 5 if count > 4 else 6, True)
            suite.add(f"{count}_inputs_{'constant' if constant else 'input'}", used, expected,
                      lambda b: b.add_nms("layer", list(used), names, 0.9, 0.1, 6, True),
                      constants=[c for c in constant if c in used])
    return suite


def suites():
    return [gathers(), scatters(), one_hots(), suppressions()]
