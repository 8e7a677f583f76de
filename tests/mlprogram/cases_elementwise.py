# SPDX-License-Identifier: Apache-2.0
"""Operations value by value, and activations."""
import math

import numpy as np

from case_maker import case, values

erf = np.vectorize(math.erf)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unary(op, function, x=None, opset=5, name="", **arguments):
    x = values(2, 3, 4) if x is None else x
    case(op, {"x": x}, {"x": "$x", **arguments}, [function(x.astype(np.float64))], opset, name)


def functions():
    small, positive = values(2, 5, low=-0.9, high=0.9), values(3, 4, low=0.1, high=3)
    for op, function in {"abs": np.abs, "atan": np.arctan, "ceil": np.ceil, "cos": np.cos, "cosh": np.cosh,
                         "erf": erf, "exp": np.exp, "exp2": np.exp2, "floor": np.floor, "round": np.round,
                         "sign": np.sign, "sin": np.sin, "sinh": np.sinh, "square": np.square,
                         "tan": np.tan, "tanh": np.tanh, "identity": lambda x: x,
                         "relu": lambda x: np.maximum(x, 0), "relu6": lambda x: np.clip(x, 0, 6),
                         "sigmoid": sigmoid, "silu": lambda x: x * sigmoid(x),
                         "softplus": lambda x: np.log1p(np.exp(x)),
                         "softsign": lambda x: x / (1 + np.abs(x))}.items():
        unary(op, function)
    for op, function in {"acos": np.arccos, "asin": np.arcsin, "atanh": np.arctanh}.items():
        unary(op, function, small)
    unary("round", np.round, np.array([-2.5, -0.5, 0.5, 1.5, 2.5], np.float32), name="halves")
    unary("sqrt", np.sqrt, positive)
    unary("rsqrt", lambda x: 1 / np.sqrt(x), positive)
    unary("rsqrt", lambda x: 1 / np.sqrt(x + 0.25), positive, name="epsilon", epsilon=0.25)
    unary("log", np.log, positive)
    unary("log", lambda x: np.log(x + 0.5), positive, name="epsilon", epsilon=0.5)
    unary("inverse", lambda x: 1 / (x + 1e-4), positive)
    unary("inverse", lambda x: 1 / (x + 0.5), positive, name="epsilon", epsilon=0.5)
    unary("clip", lambda x: np.clip(x, -0.5, 1), alpha=-0.5, beta=1.0)
    unary("threshold", lambda x: np.maximum(x, 0.3), alpha=0.3)
    unary("logical_not", lambda x: (x == 0) * 1.0, np.array([0, 1, 1], np.float32))


def activations():
    unary("clamped_relu", lambda x: np.minimum(np.where(x >= 0, x, 0.3 * x), 1), alpha=0.3, beta=1.0)
    unary("elu", lambda x: np.where(x > 0, x, 0.7 * (np.exp(x) - 1)), alpha=0.7)
    unary("leaky_relu", lambda x: np.where(x >= 0, x, 0.1 * x), alpha=0.1)
    unary("linear_activation", lambda x: 2 * x + 0.5, alpha=2.0, beta=0.5)
    unary("scaled_tanh", lambda x: 1.5 * np.tanh(0.5 * x), alpha=1.5, beta=0.5)
    unary("sigmoid_hard", lambda x: np.clip(0.3 * x + 0.4, 0, 1), alpha=0.3, beta=0.4)
    unary("thresholded_relu", lambda x: np.where(x >= 0.5, x, 0), alpha=0.5)
    unary("gelu", lambda x: x * (1 + erf(x / np.sqrt(2))) / 2)
    unary("gelu", lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2,
          name="tanh", mode="TANH_APPROXIMATION")
    unary("gelu", lambda x: x * sigmoid(1.702 * x), name="sigmoid", mode="SIGMOID_APPROXIMATION")
    alpha, beta = values(3, low=0.1, high=1), values(3, low=0.5, high=1)
    c = (None, slice(None), None, None)
    x = values(2, 3, 2, 2)
    unary("prelu", lambda x: np.where(x > 0, x, alpha[c] * x), x, alpha=alpha)
    unary("softplus_parametric", lambda x: alpha[c] * np.log1p(np.exp(beta[c] * x)), x, alpha=alpha, beta=beta)
    for axis in (-1, 1):
        def softmax(x):
            e = np.exp(x - x.max(axis, keepdims=True))
            return e / e.sum(axis, keepdims=True)
        unary("softmax", softmax, name=f"axis{axis}".replace("-", "m"), axis=np.int32(axis))


def pairs():
    shapes = [((2, 3), (2, 3)), ((2, 1, 3), (4, 1)), ((2, 3), ())]
    table = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "real_div": np.divide,
             "maximum": np.maximum, "minimum": np.minimum, "floor_div": np.floor_divide, "mod": np.mod,
             "pow": np.power, "equal": np.equal, "not_equal": np.not_equal, "less": np.less,
             "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal}
    for op, function in table.items():
        for i, (a, b) in enumerate(shapes):
            x = values(*a, low=0.2 if op == "pow" else -2)
            y = np.where(np.abs(v := values(*b)) < 0.1, 0.5, v).astype(np.float32)
            if "equal" in op and i == 0:
                y = np.where(np.arange(6).reshape(2, 3) % 2 == 0, x, y).astype(np.float32)
            if op == "floor_div":  # Quotients beside a whole number would depend on how the division rounds.
                x = (x + 0.0037).astype(np.float32)
                for quotient in (x / y, y / x):
                    assert np.abs(quotient - np.round(quotient)).min() > 1e-4
            expected = [function(x, y).astype(np.float64)]
            if b:  # Inputs of a program are no scalars.
                case(op, {"x": x, "y": y}, {"x": "$x", "y": "$y"}, expected, name=f"computed{i}")
            case(op, {"x": x}, {"x": "$x", "y": y}, expected, name=f"constant{i}")
            if op != "pow":
                case(op, {"y": x}, {"x": y, "y": "$y"}, [function(y, x).astype(np.float64)], name=f"first{i}")
    for op, function in {"logical_and": np.logical_and, "logical_or": np.logical_or,
                         "logical_xor": np.logical_xor}.items():
        x, y = np.array([0, 0, 1, 1], np.float32), np.array([0, 1, 0, 1], np.float32)
        case(op, {"x": x, "y": y}, {"x": "$x", "y": "$y"}, [function(x, y) * 1.0])
    x, y = np.array([7, -7, 5, -9], np.float32), np.array([2, 2, -3, 4], np.float32)
    case("real_div", {"x": x, "y": y}, {"x": "$x", "y": "$y"}, [np.trunc(x / y)], name="integers", integers=True)
    x, scale = values(2, 3, 4, 4), values(3, 1, 1)
    case("mul", {"x": x}, {"x": "$x", "y": scale}, [x * scale], name="channels")
    case("sub", {"x": x}, {"x": scale, "y": "$x"}, [scale - x], name="channels")
    c, a, b = np.array([[1, 0, 1]], np.float32), values(2, 3), values(2, 1)
    case("select", {"c": c, "a": a, "b": b}, {"cond": "$c", "a": "$a", "b": "$b"}, [np.where(c != 0, a, b)])


def types():
    x = np.array([-1.7, -0.2, 0, 0.9, 3.5], np.float32)
    case("cast", {"x": x}, {"x": "$x", "dtype": "int32"}, [np.trunc(x)], integers=True)
    case("cast", {"x": x}, {"x": "$x", "dtype": "fp16"}, [x], name="fp16")
    case("cast", {"x": x}, {"x": "$x", "dtype": "bool"}, [(x != 0) * 1.0], name="bool")
    x, scale, zero = values(2, 3, 4, low=-9, high=9), np.array([0.1, 0.05, 0.07], np.float32), np.array([3, -4, 0])
    s, z = scale[None, :, None], zero[None, :, None]
    q = np.clip(np.round(x / s) + z, -128, 127)
    case("quantize", {"x": x}, {"input": "$x", "scale": scale, "zero_point": zero, "axis": np.int32(1),
                                "output_dtype": "int8"}, [q], 7, integers=True)
    case("quantize", {"x": x}, {"input": "$x", "scale": np.float32(0.05), "output_dtype": "uint8"},
         [np.clip(np.round(x / np.float32(0.05)), 0, 255)], 7, name="tensor", integers=True)
    case("dequantize", {"x": q}, {"input": "$x", "scale": scale, "zero_point": zero, "axis": np.int32(-2)},
         [(q - z) * s], 7)


def make():
    functions()
    activations()
    pairs()
    types()
