# SPDX-License-Identifier: Apache-2.0
"""Activations, functions of one value, and of several values with broadcasting."""
import math

import numpy as np

from fixture import Suite

X = np.array([[-3.5, -1.0, -0.25, 0.0], [0.25, 0.5, 1.0, 3.5]])
SMALL = np.array([[-0.9, -0.5, -0.1], [0.1, 0.5, 0.9]])
POSITIVE = np.array([[0.25, 0.5, 1.0], [1.5, 2.0, 4.0]])
ABOVE1 = np.array([[1.0, 1.5], [2.0, 4.0]])


def each(function, x):
    """The function value by value."""
    return np.vectorize(function, otypes=[np.float64])(x)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


ACTIVATIONS = [  # Type, parameters, function.
    ("RELU", None, lambda x: max(0, x)), ("LEAKYRELU", [0.25], lambda x: x if x >= 0 else 0.25 * x),
    ("TANH", None, math.tanh), ("SCALED_TANH", [1.5, 0.5], lambda x: 1.5 * math.tanh(0.5 * x)),
    ("SIGMOID", None, sigmoid), ("SIGMOID_HARD", [0.2, 0.5], lambda x: min(max(0.2 * x + 0.5, 0), 1)),
    ("LINEAR", [2, -1], lambda x: 2 * x - 1), ("ELU", 0.5, lambda x: x if x >= 0 else 0.5 * (math.exp(x) - 1)),
    ("THRESHOLDEDRELU", 0.5, lambda x: x if x >= 0.5 else 0), ("SOFTSIGN", None, lambda x: x / (1 + abs(x))),
    ("SOFTPLUS", None, lambda x: math.log(1 + math.exp(x)))]


def activations():
    suite = Suite("activation")
    for kind, parameters, function in ACTIVATIONS:
        suite.add(kind.lower(), {"x": X}, {"y": each(function, X)},
                  lambda b: b.add_activation("layer", kind, "x", "y", parameters))
    x = np.array([-2.0, 3.0, -4.0, 5.0]).reshape(1, 2, 1, 2)
    slopes = np.array([0.5, 0.25])
    suite.add("prelu_of_channels", {"x": x}, {"y": np.where(x >= 0, x, slopes.reshape(2, 1, 1) * x)},
              lambda b: b.add_activation("layer", "PRELU", "x", "y", slopes))
    alpha, beta = np.array([1.0, 2.0]), np.array([0.5, 1.0])
    suite.add("parametric_softplus", {"x": x},
              {"y": alpha.reshape(2, 1, 1) * np.log(1 + np.exp(beta.reshape(2, 1, 1) * x))},
              lambda b: b.add_activation("layer", "PARAMETRICSOFTPLUS", "x", "y", [alpha, beta]))
    suite.add("clamped_relu", {"x": X}, {"y": each(lambda x: min(2, x if x >= 0 else 0.5 * x), X)},
              lambda b: b.add_clamped_relu("layer", "x", "y", 0.5, 2))
    suite.add("clamped_relu_below_0", {"x": X}, {"y": each(lambda x: min(-1, x if x >= 0 else 0.5 * x), X)},
              lambda b: b.add_clamped_relu("layer", "x", "y", 0.5, -1))
    gelus = {"EXACT": lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
             "TANH_APPROXIMATION": lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
             "SIGMOID_APPROXIMATION": lambda x: x * sigmoid(1.702 * x)}
    for mode, function in gelus.items():
        suite.add("gelu_" + mode.lower(), {"x": X}, {"y": each(function, X)},
                  lambda b: b.add_gelu("layer", "x", "y", mode))
    return suite


UNARY = [  # Mode, input, function of (value, alpha, epsilon).
    ("sqrt", POSITIVE, lambda x, a, e: math.sqrt(x)), ("rsqrt", POSITIVE, lambda x, a, e: 1 / math.sqrt(x + e)),
    ("inverse", POSITIVE, lambda x, a, e: 1 / (x + e)), ("power", POSITIVE, lambda x, a, e: x**a),
    ("exp", X, lambda x, a, e: math.exp(x)), ("log", POSITIVE, lambda x, a, e: math.log(x)),
    ("abs", X, lambda x, a, e: abs(x)), ("threshold", X, lambda x, a, e: max(a, x))]

FUNCTIONS = [  # Builder's method, input, function.
    ("ceil", X, math.ceil), ("floor", X, math.floor), ("sign", X, np.sign), ("exp2", X, lambda x: 2.0**x),
    ("round", np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6]), round), ("sin", X, math.sin), ("cos", X, math.cos),
    ("tan", X, math.tan), ("asin", SMALL, math.asin), ("acos", SMALL, math.acos), ("atan", X, math.atan),
    ("sinh", X, math.sinh), ("cosh", X, math.cosh), ("tanh", X, math.tanh), ("asinh", X, math.asinh),
    ("acosh", ABOVE1, math.acosh), ("atanh", SMALL, math.atanh), ("erf", X, math.erf)]


def functions():
    suite = Suite("function")
    for mode, x, function in UNARY:
        suite.add("unary_" + mode, {"x": x}, {"y": each(lambda v: function(v, 1.5, 1e-6), x)},
                  lambda b: b.add_unary("layer", "x", "y", mode, alpha=1.5, epsilon=0))
    suite.add("unary_scaled_and_shifted", {"x": X}, {"y": np.exp(0.5 * X - 1)},
              lambda b: b.add_unary("layer", "x", "y", "exp", shift=-1, scale=0.5))
    suite.add("unary_inverse_with_epsilon", {"x": POSITIVE}, {"y": 1 / (2 * POSITIVE + 1 + 0.5)},
              lambda b: b.add_unary("layer", "x", "y", "inverse", shift=1, scale=2, epsilon=0.5))
    # coremltools adds 1e-45 unless told otherwise, so that silence stays finite.
    silent = np.array([[0.0, 1e-30, 0.5, 2.0]])
    suite.add("unary_log_of_0", {"x": silent}, {"y": np.log(silent + float(np.float32(1e-45)))},
              lambda b: b.add_unary("layer", "x", "y", "log"))
    suite.add("unary_log_with_epsilon", {"x": silent}, {"y": np.log(silent + 0.1)},
              lambda b: b.add_unary("layer", "x", "y", "log", epsilon=0.1))
    suite.add("unary_log_scaled_with_epsilon", {"x": silent}, {"y": np.log(3 * silent + 0.5 + 0.25)},
              lambda b: b.add_unary("layer", "x", "y", "log", scale=3, shift=0.5, epsilon=0.25))
    for name, x, function in FUNCTIONS:
        suite.add(name, {"x": x}, {"y": each(function, x)}, lambda b: getattr(b, "add_" + name)("layer", "x", "y"))
    suite.add("clip", {"x": X}, {"y": np.minimum(np.maximum(X, -0.5), 0.75)},
              lambda b: b.add_clip("layer", "x", "y", -0.5, 0.75))
    suite.add("logical_not", {"x": np.array([0.0, 1.0, 2.0])}, {"y": [1, 0, 0]},
              lambda b: b.add_logical("layer", ["x"], "y", "NOT"))
    suite.add("copy", {"x": X}, {"y": X}, lambda b: b.add_copy("layer", "x", "y"))
    return suite


A = np.array([[[1.0, -2.0, 3.0], [4.0, 5.5, -6.0]]])  # 1 x 2 x 3
B = np.array([[2.0], [-3.0]])  # 2 x 1
BROADCASTS = [  # Builder's method, function of two values.
    ("add", lambda a, b: a + b), ("subtract", lambda a, b: a - b), ("multiply", lambda a, b: a * b),
    ("divide", lambda a, b: a / b), ("max", max), ("min", min), ("floor_div", lambda a, b: a // b),
    ("mod", lambda a, b: a - math.floor(a / b) * b)]
COMPARISONS = [  # Builder's method, options, function.
    ("equal", {}, lambda a, b: a == b), ("not_equal", {}, lambda a, b: a != b),
    ("less_than", {}, lambda a, b: a < b), ("less_than", {"use_less_than_equal": True}, lambda a, b: a <= b),
    ("greater_than", {}, lambda a, b: a > b), ("greater_than", {"use_greater_than_equal": True}, lambda a, b: a >= b)]


def broadcast(function, a, b):
    """NumPy's rule, value by value."""
    a, b = np.broadcast_arrays(a, b)
    return np.reshape([function(u, v) for u, v in zip(a.ravel(), b.ravel())], a.shape).astype(np.float64)


def add_broadcasts(suite):
    for name, function in BROADCASTS:
        suite.add(name + "_broadcastable", {"a": A, "b": B}, {"y": broadcast(function, A, B)},
                  lambda b: getattr(b, f"add_{name}_broadcastable")("layer", ["a", "b"], "y"))
    base, exponent = np.array([[1.0, 2.0], [3.0, 0.5]]), np.array([2.0, -1.0])
    suite.add("pow_broadcastable", {"a": base, "b": exponent}, {"y": base**exponent},
              lambda b: b.add_pow_broadcastable("layer", ["a", "b"], "y"))
    for name, function in (("add", sum), ("multiply", math.prod), ("max", max), ("min", min)):
        three = np.broadcast_arrays(A, B, base[:1, :1])
        y = np.reshape([function(v) for v in zip(*(t.ravel() for t in three))], three[0].shape)
        suite.add(name + "_broadcastable_of_three", {"a": A, "b": B, "c": base[:1, :1]}, {"y": y},
                  lambda b: getattr(b, f"add_{name}_broadcastable")("layer", ["a", "b", "c"], "y"))
    signs = np.array([[7.5, -7.5], [7.5, -7.5]])
    divisors = np.array([[2.0, 2.0], [-2.0, -2.0]])
    for name in ("floor_div", "mod"):
        function = np.floor_divide if name == "floor_div" else np.mod
        suite.add(name + "_of_either_sign", {"a": signs, "b": divisors}, {"y": function(signs, divisors)},
                  lambda b: getattr(b, f"add_{name}_broadcastable")("layer", ["a", "b"], "y"))
    for c in (np.array([[2.0], [0.0]]), np.array([[[0.5]], [[0.0]]])):
        suite.add(f"where_broadcastable_of_{c.ndim}", {"c": c, "a": A, "b": B}, {"y": np.where(c, A, B)},
                  lambda b: b.add_where_broadcastable("layer", ["c", "a", "b"], "y"))
    condition = np.array([1.0, 0.0, 1.0])
    suite.add("where_broadcastable", {"c": condition, "a": A, "b": B}, {"y": np.where(condition, A, B)},
              lambda b: b.add_where_broadcastable("layer", ["c", "a", "b"], "y"))


def add_comparisons(suite):
    a, b = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), np.array([2.0, 2.0, 1.0])
    for i, (name, options, function) in enumerate(COMPARISONS):
        suite.add(f"{name}_{i}", {"a": a, "b": b}, {"y": broadcast(function, a, b)},
                  lambda net: getattr(net, "add_" + name)("layer", ["a", "b"], "y", **options))
        suite.add(f"{name}_{i}_of_a_number", {"a": a}, {"y": broadcast(function, a, 2.0)},
                  lambda net: getattr(net, "add_" + name)("layer", ["a"], "y", alpha=2.0, **options))
    a, b = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0])
    for mode, expected in (("AND", [0, 0, 0, 1]), ("OR", [0, 1, 1, 1]), ("XOR", [0, 1, 1, 0])):
        suite.add("logical_" + mode.lower(), {"a": a, "b": b}, {"y": expected},
                  lambda net: net.add_logical("layer", ["a", "b"], "y", mode))


def add_older(suite):
    """Layers of older versions: more than two inputs, broadcasting over channels or planes."""
    full = np.arange(12.0).reshape(1, 2, 2, 3) - 5
    channels = np.array([2.0, -1.0]).reshape(1, 2, 1, 1)
    plane = np.arange(6.0).reshape(1, 1, 2, 3)
    inputs = {"a": full, "b": channels, "c": plane}
    for mode, expected in (("ADD", full + channels + plane), ("MULTIPLY", full * channels * plane),
                           ("MAX", np.maximum(np.maximum(full, channels), plane)),
                           ("MIN", np.minimum(np.minimum(full, channels), plane)),
                           ("AVE", (full + channels + plane) / 3)):
        suite.add(mode.lower() + "_of_three", inputs, {"y": expected},
                  lambda b: b.add_elementwise("layer", ["a", "b", "c"], "y", mode))
    suite.add("add_a_number", {"a": full}, {"y": full + 1.5},
              lambda b: b.add_elementwise("layer", ["a"], "y", "ADD", alpha=1.5))
    suite.add("multiply_by_a_number", {"a": full}, {"y": full * -2},
              lambda b: b.add_elementwise("layer", ["a"], "y", "MULTIPLY", alpha=-2))
    u, v = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1), np.array([4.0, -5.0, 6.0]).reshape(1, 3, 1, 1)
    suite.add("dot", {"a": u, "b": v}, {"y": np.reshape(4.0 - 10 + 18, (1, 1, 1, 1))},
              lambda b: b.add_elementwise("layer", ["a", "b"], "y", "DOT"))
    suite.add("cosine", {"a": u, "b": v}, {"y": np.reshape(12 / math.sqrt(14 * 77), (1, 1, 1, 1))},
              lambda b: b.add_elementwise("layer", ["a", "b"], "y", "COS"))


def add_scales(suite):
    x = np.arange(12.0).reshape(1, 2, 2, 3)
    shapes = {"one": ([1], (1,)), "channels": ([2], (2, 1, 1)), "plane": ([1, 2, 3], (1, 2, 3)),
              "all": ([2, 2, 3], (2, 2, 3))}
    for name, (stated, shape) in shapes.items():
        values = (np.arange(np.prod(shape)) + 1.0) / 2
        suite.add("bias_" + name, {"x": x}, {"y": x + values.reshape(shape)},
                  lambda b: b.add_bias("layer", values, "x", "y", stated))
        suite.add("scale_" + name, {"x": x}, {"y": x * values.reshape(shape)},
                  lambda b: b.add_scale("layer", values, None, False, "x", "y", stated))
    suite.add("scale_and_bias", {"x": x}, {"y": x * 3 + np.array([1.0, -1.0]).reshape(2, 1, 1)},
              lambda b: b.add_scale("layer", np.array([3.0]), np.array([1.0, -1.0]), True, "x", "y", [1], [2]))


def several():
    suite = Suite("elementwise")
    add_broadcasts(suite)
    add_comparisons(suite)
    add_older(suite)
    add_scales(suite)
    return suite


def suites():
    return [activations(), functions(), several()]
