# SPDX-License-Identifier: Apache-2.0
"""Turns a TensorFlow Lite graph into a Core ML neural network: one function an operator."""
import numpy as np

from coreml_network import Network
from tflite_graph import TRANSPOSED_CONVOLUTION


class Conversion:
    """Tensors of the graph by the names that they have in the network."""

    def __init__(self, graph, input_name):
        self.graph = graph
        self.network = Network()
        self.names = {graph.inputs[0]: input_name}
        for operator in graph.operators:
            self.add(operator)

    def add(self, operator):
        output = CONVERSIONS[operator.kind](self, operator)
        self.names[operator.outputs[0]] = self.activate(output, operator.options.get("activation"))

    def activate(self, name, function):
        if function is None:
            return name
        if function == "RELU":
            return self.network.activation(name, "ReLU")
        return self.network.clip(name, 0, 6)

    def name(self, operator, index=0):
        return self.names[operator.inputs[index]]

    def constant(self, operator, index):
        return self.graph.constants[operator.inputs[index]]

    def size(self, operator):
        """Height and width of the input."""
        return self.graph.shapes[operator.inputs[0]][1:3]


def convolution(conversion, operator):
    weights = conversion.constant(operator, 1).transpose(0, 3, 1, 2)
    return add_convolution(conversion, operator, "convolution", weights, groups=1)


def depthwise_convolution(conversion, operator):
    weights = conversion.constant(operator, 1).transpose(3, 0, 1, 2)
    return add_convolution(conversion, operator, "depthwise", weights, groups=weights.shape[0])


def add_convolution(conversion, operator, kind, weights, groups):
    options = operator.options
    return conversion.network.convolution(
        kind, conversion.name(operator), weights, conversion.constant(operator, 2), groups=groups,
        stride=options["stride"], dilation=options["dilation"], padding=options["padding"])


def transposed_convolution(conversion, operator):
    weights = conversion.constant(operator, 1).transpose(3, 0, 1, 2)
    return conversion.network.transposed_convolution(
        conversion.name(operator), weights, conversion.constant(operator, 2),
        stride=operator.options["stride"], padding=operator.options["padding"])


def average_pool(conversion, operator):
    if operator.options["kernel"] != conversion.size(operator):
        raise ValueError("only means over the whole picture are known here")
    return conversion.network.mean_of_picture(conversion.name(operator))


def max_pool(conversion, operator):
    options = operator.options
    return conversion.network.max_pool(conversion.name(operator), kernel=options["kernel"],
                                       stride=options["stride"], padding=options["padding"])


def resize(conversion, operator):
    if operator.options["align_corners"] or not operator.options["half_pixel_centers"]:
        raise ValueError("only resizing by half pixel centres is known here")
    new, old = conversion.constant(operator, 1), np.array(conversion.size(operator))
    if np.any(new % old):
        raise ValueError("only enlarging by whole factors is known here")
    return conversion.network.enlarge(conversion.name(operator), (new // old).tolist())


def pad(conversion, operator):
    batch, *edges, channels = conversion.constant(operator, 1).tolist()
    if batch != [0, 0] or channels != [0, 0]:
        raise ValueError("only rows and columns can be padded")
    return conversion.network.pad(conversion.name(operator), edges)


def pair(kind):
    def convert(conversion, operator):
        return conversion.network.pair(kind, conversion.name(operator, 0), conversion.name(operator, 1))
    return convert


def activation(kind):
    def convert(conversion, operator):
        return conversion.network.activation(conversion.name(operator), kind)
    return convert


def hard_swish(conversion, operator):
    """x times a sixth of x + 3 within 0..6."""
    name = conversion.name(operator)
    gate = conversion.network.activation(name, "sigmoidHard", alpha=1 / 6, beta=0.5)
    return conversion.network.pair("multiply", name, gate)


def reshape(conversion, operator):
    """Of a vector only, whose axes of extent 1 the description of the output leaves out."""
    if np.prod(conversion.size(operator)) != 1:
        raise ValueError("only vectors can be reshaped here")
    return conversion.name(operator)


CONVERSIONS = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    TRANSPOSED_CONVOLUTION: transposed_convolution,
    "AVERAGE_POOL_2D": average_pool,
    "MAX_POOL_2D": max_pool,
    "RESIZE_BILINEAR": resize,
    "PAD": pad,
    "ADD": pair("add"),
    "MUL": pair("multiply"),
    "RELU": activation("ReLU"),
    "LOGISTIC": activation("sigmoid"),
    "HARD_SWISH": hard_swish,
    "RESHAPE": reshape,
}
