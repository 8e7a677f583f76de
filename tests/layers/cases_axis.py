# SPDX-License-Identifier: Apache-2.0
"""Layers along axes: reductions, sorting, normalisation."""
import math

import numpy as np

from fixture import Suite
from reference import indices

X = np.array([[[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]], [[1.0, 1.0, -3.0], [2.5, -0.5, 6.0]]])  # 2 x 2 x 3
POSITIVE = np.abs(X) + 0.5

REDUCTIONS = {  # Of a list of values.
    "sum": sum, "mean": lambda v: sum(v) / len(v), "prod": math.prod, "l1": lambda v: sum(abs(x) for x in v),
    "l2": lambda v: math.sqrt(sum(x * x for x in v)), "max": max, "min": min,
    "sumsquare": lambda v: sum(x * x for x in v), "logsum": lambda v: math.log(sum(v)),
    "logsumexp": lambda v: math.log(sum(math.exp(x) for x in v))}


def reduce(function, x, axes, keep):
    kept = [1 if axis in axes else extent for axis, extent in enumerate(x.shape)]
    y = np.zeros(kept)
    for place in indices(kept):
        part = x[tuple(slice(None) if axis in axes else place[axis] for axis in range(x.ndim))]
        y[place] = function(list(np.ravel(part)))
    if keep:
        return y
    left = [extent for axis, extent in enumerate(x.shape) if axis not in axes]
    return y.reshape(left or [1])


def reductions():
    suite = Suite("reduce")
    for name, function in REDUCTIONS.items():
        x = POSITIVE if name == "logsum" else X
        for axes, keep in (([-1], True), ([0, 2], False), ([1], False), ([0, 1, 2], False)):
            suite.add(f"{name}_{axes}_{'kept' if keep else 'dropped'}", {"x": x},
                      {"y": reduce(function, x, [axis % 3 for axis in axes], keep)},
                      lambda b: getattr(b, "add_reduce_" + name)("layer", "x", "y", axes=axes, keepdims=keep))
        suite.add(name + "_all", {"x": x}, {"y": reduce(function, x, [0, 1, 2], True)},
                  lambda b: getattr(b, "add_reduce_" + name)("layer", "x", "y", reduce_all=True))
    modes = {"sum": "sum", "avg": "mean", "prod": "prod", "sumsquare": "sumsquare", "L1": "l1", "L2": "l2",
             "max": "max", "min": "min"}
    axes = {"CHW": [0, 1, 2], "HW": [1, 2], "C": [0], "H": [1], "W": [2]}
    for mode, name in modes.items():
        for letters, numbers in axes.items():
            suite.add(f"older_{mode}_{letters}", {"x": X}, {"y": reduce(REDUCTIONS[name], X, numbers, True)},
                      lambda b: b.add_reduce("layer", "x", "y", letters, mode))
    suite.add("older_logsum", {"x": POSITIVE},
              {"y": reduce(lambda v: sum(math.log(x + 0.25) for x in v), POSITIVE, [1, 2], True)},
              lambda b: b.add_reduce("layer", "x", "y", "HW", "logsum", epsilon=0.25))
    # Without an epsilon that of the format is taken, 1e-6.
    suite.add("older_logsum_of_0", {"x": np.array([[[0.0, 2.0]]])}, {"y": [[[math.log(1e-6) + math.log(2)]]]},
              lambda b: b.add_reduce("layer", "x", "y", "W", "logsum", epsilon=0), tolerance=1e-4)
    batch = np.stack([X, -2 * X])
    for mode, name in modes.items():
        for letters, numbers in axes.items():
            suite.add(f"older_{mode}_{letters}_of_rank_4", {"x": batch},
                      {"y": reduce(REDUCTIONS[name], batch, [n + 1 for n in numbers], True)},
                      lambda b: b.add_reduce("layer", "x", "y", letters, mode))
    for letter, axis in (("C", 0), ("H", 1), ("W", 2)):
        suite.add("older_argmax_" + letter, {"x": X},
                  {"y": reduce(lambda v: v.index(max(v)), X, [axis], True)},
                  lambda b: b.add_reduce("layer", "x", "y", letter, "argmax"))
    return suite


def add_extremes(suite):
    ties = np.array([[2.0, 5.0, 5.0], [1.0, 1.0, 7.0]])
    for axis in (0, 1, -1):
        for keep in (True, False):
            suite.add(f"argmax_{axis}_{keep}", {"x": ties},
                      {"y": reduce(lambda v: v.index(max(v)), ties, [axis % 2], keep)},
                      lambda b: b.add_argmax("layer", "x", "y", axis, keep))
            suite.add(f"argmin_{axis}_{keep}", {"x": ties},
                      {"y": reduce(lambda v: v.index(min(v)), ties, [axis % 2], keep)},
                      lambda b: b.add_argmin("layer", "x", "y", axis, keep))
    suite.add("argmax_of_a_vector", {"x": ties[0]}, {"y": [1]}, lambda b: b.add_argmax("layer", "x", "y", 0, False))


def best(x, k, bottom):
    """Values and indices of a vector's k best; the first of equals first."""
    order = sorted(range(len(x)), key=lambda i: (x[i] if bottom else -x[i], i))[:k]
    return [x[i] for i in order], order


def add_sorting(suite):
    x = np.array([[3.0, 9.0, 1.0, 5.0], [2.0, 8.0, 7.0, -4.0]])
    for bottom in (False, True):
        found = [best(list(row), 3, bottom) for row in x]
        expected = {"v": [values for values, _ in found], "i": [places for _, places in found]}
        for constant in ((), ("k",)):
            inputs = {"x": x, "k": np.array([3.0])}
            suite.add(f"topk_{bottom}_k_{'constant' if constant else 'input'}", inputs, expected,
                      lambda b: b.add_topk("layer", ["x", "k"], ["v", "i"], axis=-1, use_bottom_k=bottom),
                      constants=constant)
        suite.add(f"topk_{bottom}", {"x": x}, expected,
                  lambda b: b.add_topk("layer", ["x"], ["v", "i"], k=3, axis=1, use_bottom_k=bottom))
    ties = np.array([[1.0, 2.0, 2.0, 1.0, 2.0]])
    for bottom in (False, True):
        values, order = best(list(ties[0]), 4, bottom)
        suite.add(f"topk_of_equals_{bottom}", {"x": ties}, {"v": [values], "i": [order]},
                  lambda b: b.add_topk("layer", ["x"], ["v", "i"], k=4, axis=-1, use_bottom_k=bottom))
        order = best(list(ties[0]), 5, not bottom)[1]
        suite.add(f"argsort_of_equals_{bottom}", {"x": ties}, {"y": [order]},
                  lambda b: b.add_argsort("layer", "x", "y", -1, bottom))
    columns = [best(list(column), 1, False) for column in x.T]
    suite.add("topk_of_columns", {"x": x},
              {"v": [[v[0] for v, _ in columns]], "i": [[i[0] for _, i in columns]]},
              lambda b: b.add_topk("layer", ["x"], ["v", "i"], k=1, axis=0))
    # The examples of the specification.
    suite.add("argsort_vector", {"x": np.array([3.1, 5.4, 32.9, 3.2, 77.0])}, {"y": [0, 3, 1, 2, 4]},
              lambda b: b.add_argsort("layer", "x", "y", 0))
    suite.add("argsort_vector_descending", {"x": np.array([3.1, 5.4, 32.9, 3.2, 77.0])}, {"y": [4, 2, 1, 3, 0]},
              lambda b: b.add_argsort("layer", "x", "y", 0, True))
    suite.add("argsort_rows", {"x": np.array([[3.0, 5, 32], [3, 77, 6]])}, {"y": [[0, 1, 2], [0, 2, 1]]},
              lambda b: b.add_argsort("layer", "x", "y", 1))
    suite.add("argsort_columns", {"x": np.array([[3.0, 5, 32], [2, 77, 6]])}, {"y": [[1, 0, 1], [0, 1, 0]]},
              lambda b: b.add_argsort("layer", "x", "y", 0))


def add_sums(suite):
    v = np.array([4.0, 6.0, 7.0])  # The specification's example.
    for exclusive, reverse, expected in ((False, False, [4, 10, 17]), (True, False, [0, 4, 10]),
                                         (False, True, [17, 13, 7]), (True, True, [13, 7, 0])):
        suite.add(f"cumsum_{exclusive}_{reverse}", {"x": v}, {"y": expected},
                  lambda b: b.add_cumsum("layer", ["x"], "y", 0, reverse, exclusive))
    for axis in (-1, -3):
        for exclusive, reverse in ((True, False), (True, True), (False, True)):
            turned = np.flip(X, axis) if reverse else X
            y = np.cumsum(turned, axis=axis) - (turned if exclusive else 0)
            suite.add(f"cumsum_of_rank_3_{axis}_{exclusive}_{reverse}", {"x": X},
                      {"y": np.flip(y, axis) if reverse else y},
                      lambda b: b.add_cumsum("layer", ["x"], "y", axis, reverse, exclusive))
    for constant in ((), ("axis",)):
        suite.add(f"cumsum_axis_{'constant' if constant else 'input'}", {"x": X, "axis": np.array([-2.0])},
                  {"y": np.cumsum(X, axis=1)}, lambda b: b.add_cumsum("layer", ["x", "axis"], "y", 0),
                  constants=constant)


def softmax(x, axis):
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


def orders():
    suite = Suite("order")
    add_extremes(suite)
    add_sorting(suite)
    add_sums(suite)
    suite.add("softmax_of_channels", {"x": X}, {"y": softmax(X, 0)}, lambda b: b.add_softmax("layer", "x", "y"))
    for axis in (0, 1, -1):
        suite.add(f"softmax_nd_{axis}", {"x": X}, {"y": softmax(X, axis)},
                  lambda b: b.add_softmax_nd("layer", "x", "y", axis))
    suite.add("softmax_of_large_values", {"x": np.array([1000.0, 1000.0])}, {"y": [0.5, 0.5]},
              lambda b: b.add_softmax_nd("layer", "x", "y", 0))
    return suite


def standardise(x, axes, epsilon, divide=True):
    centred = x - x.mean(axis=axes, keepdims=True)
    variance = (centred**2).mean(axis=axes, keepdims=True)
    return centred / np.sqrt(variance + epsilon) if divide else centred


def local_response(x, alpha, beta, size, k):
    """x [B, C, H, W]; the window of `size` channels is centred."""
    y = np.zeros(x.shape)
    for b, c, h, w in indices(x.shape):
        near = [x[b, i, h, w]**2 for i in range(c - size // 2, c + (size - 1) // 2 + 1) if 0 <= i < x.shape[1]]
        y[b, c, h, w] = x[b, c, h, w] / (k + alpha / size * sum(near))**beta
    return y


def add_batchnorms(suite, x):
    gamma, beta = np.array([1.5, -0.5, 2.0]), np.array([0.25, 1.0, -1.0])
    mean, variance = np.array([0.5, 0.0, -0.5]), np.array([1.0, 2.0, 0.25])

    def affine(values):
        return values * gamma.reshape(3, 1, 1) + beta.reshape(3, 1, 1)

    given = (x - mean.reshape(3, 1, 1)) / np.sqrt(variance.reshape(3, 1, 1) + 1e-3)
    suite.add("batchnorm", {"x": x}, {"y": affine(given)},
              lambda b: b.add_batchnorm("layer", 3, gamma, beta, mean, variance, "x", "y", epsilon=1e-3))
    suite.add("batchnorm_of_rank_3", {"x": x[0]}, {"y": affine(given[0])},
              lambda b: b.add_batchnorm("layer", 3, gamma, beta, mean, variance, "x", "y", epsilon=1e-3))

    def computed(builder, instance):
        layer = builder.add_batchnorm("layer", 3, gamma, beta, None, None, "x", "y", True, True, 1e-3)
        layer.batchnorm.instanceNormalization = instance  # The builder knows no statistics of a batch.

    for instance, axes in ((True, (2, 3)), (False, (0, 2, 3))):
        suite.add(f"batchnorm_computed_{instance}", {"x": x}, {"y": affine(standardise(x, axes, 1e-3))},
                  lambda b: computed(b, instance), tolerance=3e-5)
    five = x.reshape(1, 2, 3, 2, 2)
    suite.add("batchnorm_computed_of_rank_5", {"x": five}, {"y": affine(standardise(five, (0, 1, 3, 4), 1e-3))},
              lambda b: computed(b, False), tolerance=3e-5)


def normalizations():
    suite = Suite("normalization")
    x = np.random.default_rng(0).uniform(-2, 2, (2, 3, 2, 2)).round(2)
    add_batchnorms(suite, x)
    for across in (False, True):
        for divide in (False, True):
            axes = (1, 2, 3) if across else (2, 3)
            suite.add(f"mvn_{across}_{divide}", {"x": x}, {"y": standardise(x, axes, 1e-2, divide)},
                      lambda b: b.add_mvn("layer", "x", "y", across, divide, 1e-2))
    norm = np.sqrt((x**2).sum(axis=(1, 2, 3), keepdims=True) + 0.5)
    # An epsilon of 0 is not set: the format has one of its own for each layer.
    near = x * 1e-3
    suite.add("mvn_epsilon_not_set", {"x": near}, {"y": standardise(near, (2, 3), 1e-6)},
              lambda b: b.add_mvn("layer", "x", "y", False, True, 0), tolerance=1e-4)
    suite.add("l2_epsilon_not_set", {"x": near},
              {"y": near / np.sqrt((near**2).sum(axis=(1, 2, 3), keepdims=True) + 1e-6)},
              lambda b: b.add_l2_normalize("layer", "x", "y", 0), tolerance=1e-4)
    ones, zeros = np.ones(3), np.zeros(3)
    suite.add("batchnorm_epsilon_not_set", {"x": near},
              {"y": near / np.sqrt(1e-6 * ones.reshape(3, 1, 1) + 1e-5)},
              lambda b: b.add_batchnorm("layer", 3, ones, zeros, zeros, 1e-6 * ones, "x", "y", epsilon=0), tolerance=1e-4)
    suite.add("mvn_of_rank_5", {"x": x.reshape(2, 1, 3, 2, 2)},
              {"y": standardise(x, (1, 2, 3), 1e-2).reshape(2, 1, 3, 2, 2)},
              lambda b: b.add_mvn("layer", "x", "y", True, True, 1e-2), rank5=True)
    suite.add("l2", {"x": x}, {"y": x / norm}, lambda b: b.add_l2_normalize("layer", "x", "y", 0.5))
    wide = np.random.default_rng(1).uniform(-2, 2, (1, 6, 1, 2)).round(2)
    for size in (1, 2, 3, 4, 5):
        suite.add(f"lrn_{size}", {"x": wide}, {"y": local_response(wide, 0.5, 0.75, size, 2)},
                  lambda b: b.add_lrn("layer", "x", "y", 0.5, 0.75, size, 2))
    for axes in (1, 2, 3):
        shape = x.shape[-axes:]
        gamma = np.linspace(0.5, 1.5, math.prod(shape)).reshape(shape)
        beta = np.linspace(-1, 1, math.prod(shape)).reshape(shape)
        last = tuple(range(4 - axes, 4))
        suite.add(f"layer_normalization_{axes}", {"x": x}, {"y": standardise(x, last, 1e-2) * gamma + beta},
                  lambda b: b.add_layer_normalization("layer", "x", "y", list(shape), gamma, beta, 1e-2))
    return suite


def suites():
    return [reductions(), orders(), normalizations()]
