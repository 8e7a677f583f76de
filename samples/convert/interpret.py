# SPDX-License-Identifier: Apache-2.0
"""Runs a TensorFlow Lite graph operator by operator with NumPy, in double: slow, plain, and written
from what the operators mean, so that it can judge both the conversion and the engine."""
import numpy as np

from tflite_graph import TRANSPOSED_CONVOLUTION


def interpret(graph, picture):
    """`picture`: [height, width, 3], as the network expects it. Returns arrays by output tensor."""
    tensors = {tensor: array.astype(np.float64) if array.dtype.kind == "f" else array
               for tensor, array in graph.constants.items()}
    tensors[graph.inputs[0]] = np.asarray(picture, np.float64)[np.newaxis]
    for operator in graph.operators:
        inputs = [tensors[i] for i in operator.inputs]
        result = OPERATORS[operator.kind](operator.options, *inputs)
        tensors[operator.outputs[0]] = activate(result, operator.options.get("activation"))
    return {tensor: tensors[tensor] for tensor in graph.outputs}


def activate(values, function):
    if function is None:
        return values
    return np.clip(values, 0, {"RELU": None, "RELU6": 6}[function])


def window_edges(size, kernel, stride, dilation, padding):
    """Zeros before and after, and positions, along one axis."""
    reach = (kernel - 1) * dilation + 1
    if padding == "valid":
        return 0, 0, (size - reach) // stride + 1
    count = -(-size // stride)
    total = max((count - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2, count


def windows(values, kernel, options, fill=0.0):
    """The pixels below each tap of the kernel: [taps, rows, columns, channels]."""
    stride, dilation = options["stride"], options.get("dilation", [1, 1])
    edges = [window_edges(values.shape[1 + axis], kernel[axis], stride[axis], dilation[axis],
                          options["padding"]) for axis in (0, 1)]
    padded = np.pad(values[0], [edges[0][:2], edges[1][:2], (0, 0)], constant_values=fill)
    rows, columns = (
        [slice(tap * dilation[axis], tap * dilation[axis] + (edges[axis][2] - 1) * stride[axis] + 1, stride[axis])
         for tap in range(kernel[axis])] for axis in (0, 1))
    return np.stack([padded[row, column] for row in rows for column in columns])


def convolution(options, values, weights, bias):
    outputs, *kernel, channels = weights.shape
    taps = windows(values, kernel, options)
    # Weights are [outputs, rows, columns, channels].
    return np.einsum("tyxc,otc->yxo", taps, weights.reshape(outputs, -1, channels), optimize=True)[np.newaxis] + bias


def depthwise_convolution(options, values, weights, bias):
    _, *kernel, channels = weights.shape
    if channels != values.shape[3]:
        raise ValueError("several outputs of a channel are not known here")
    taps = windows(values, kernel, options)
    return np.einsum("tyxc,tc->yxc", taps, weights.reshape(-1, channels))[np.newaxis] + bias


def transposed_convolution(options, values, weights, bias):
    """Kernels as wide as their stride: each pixel of the input gives a patch of its own."""
    outputs, *kernel, channels = weights.shape
    if kernel != options["stride"]:
        raise ValueError("patches that overlap are not known here")
    _, height, width, _ = values.shape
    patches = np.einsum("yxc,oijc->yixjo", values[0], weights)
    return patches.reshape(1, height * kernel[0], width * kernel[1], outputs) + bias


def average_pool(options, values):
    if options["kernel"] != list(values.shape[1:3]) or options["padding"] != "valid":
        raise ValueError("only means over the whole picture are known here")
    return values.mean(axis=(1, 2), keepdims=True)


def max_pool(options, values):
    return windows(values, options["kernel"], options, fill=-np.inf).max(axis=0)[np.newaxis]


def resize_axis(values, axis, size):
    """Linear between the two nearest pixels, whose centres lie at one half."""
    old = values.shape[axis]
    place = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, old - 1)
    share = (place - low).reshape([-1 if i == axis else 1 for i in range(values.ndim)])
    return values.take(low, axis) * (1 - share) + values.take(high, axis) * share


def resize(options, values, size):
    if options["align_corners"] or not options["half_pixel_centers"]:
        raise ValueError("only resizing by half pixel centres is known here")
    return resize_axis(resize_axis(values, 1, int(size[0])), 2, int(size[1]))


def sigmoid(values):
    # Far below 0 the result is 0 anyway.
    return 1 / (1 + np.exp(-np.maximum(values, -700)))


OPERATORS = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    TRANSPOSED_CONVOLUTION: transposed_convolution,
    "AVERAGE_POOL_2D": average_pool,
    "MAX_POOL_2D": max_pool,
    "RESIZE_BILINEAR": resize,
    "PAD": lambda options, values, edges: np.pad(values, edges.tolist()),
    "ADD": lambda options, a, b: a + b,
    "MUL": lambda options, a, b: a * b,
    "RELU": lambda options, values: np.maximum(values, 0),
    "HARD_SWISH": lambda options, values: values * np.clip(values + 3, 0, 6) / 6,
    "LOGISTIC": lambda options, values: sigmoid(values),
    "RESHAPE": lambda options, values, shape: values.reshape(shape.tolist()),
}
