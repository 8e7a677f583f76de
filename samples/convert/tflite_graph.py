# SPDX-License-Identifier: Apache-2.0
"""Reads a TensorFlow Lite file (a FlatBuffer) into plain Python objects.

Constants stored as Float16 stay so: the DEQUANTIZE operators that widen them for processors without
Float16 are folded away, and whoever reads the widened tensor gets the Float16 array itself.
"""
from dataclasses import dataclass, field

import numpy as np
import tflite

BUILTIN_NAMES = {code: name for name, code in vars(tflite.BuiltinOperator).items() if name.isupper()}
ELEMENT_TYPES = {tflite.TensorType.FLOAT32: "<f4", tflite.TensorType.FLOAT16: "<f2",
                 tflite.TensorType.INT32: "<i4"}
PADDINGS = {tflite.Padding.SAME: "same", tflite.Padding.VALID: "valid"}
ACTIVATIONS = {tflite.ActivationFunctionType.NONE: None, tflite.ActivationFunctionType.RELU: "RELU",
               tflite.ActivationFunctionType.RELU6: "RELU6"}
# The name that MediaPipe gives its own operator: a transposed convolution with a bias.
TRANSPOSED_CONVOLUTION = "Convolution2DTransposeBias"


@dataclass
class Operator:
    """`inputs` and `outputs` are indices of tensors; `options` holds what the operator's kind has."""
    kind: str
    inputs: list
    outputs: list
    options: dict = field(default_factory=dict)


@dataclass
class Graph:
    """Operators in an order in which they can run. Pictures are [1, height, width, channels]."""
    operators: list
    shapes: list      # By tensor.
    constants: dict   # Arrays by tensor.
    inputs: list
    outputs: list


def read_graph(path):
    with open(path, "rb") as file:
        model = tflite.Model.GetRootAs(file.read(), 0)
    # Further subgraphs are copies for other processors.
    subgraph = model.Subgraphs(0)
    tensors = [subgraph.Tensors(i) for i in range(subgraph.TensorsLength())]
    shapes = [tensor.ShapeAsNumpy().tolist() if tensor.ShapeLength() else [] for tensor in tensors]
    graph = Graph([], shapes, read_constants(model, tensors, shapes),
                  subgraph.InputsAsNumpy().tolist(), subgraph.OutputsAsNumpy().tolist())
    for i in range(subgraph.OperatorsLength()):
        add_operator(graph, model, subgraph.Operators(i))
    return graph


def read_constants(model, tensors, shapes):
    constants = {}
    for i, tensor in enumerate(tensors):
        buffer = model.Buffers(tensor.Buffer())
        if buffer.DataLength():
            values = np.frombuffer(buffer.DataAsNumpy().tobytes(), ELEMENT_TYPES[tensor.Type()])
            constants[i] = values.reshape(shapes[i])
    return constants


def add_operator(graph, model, source):
    inputs, outputs = source.InputsAsNumpy().tolist(), source.OutputsAsNumpy().tolist()
    kind = kind_of(model.OperatorCodes(source.OpcodeIndex()))
    if kind == "DEQUANTIZE" and inputs[0] in graph.constants:
        graph.constants[outputs[0]] = graph.constants[inputs[0]]
        return
    graph.operators.append(Operator(kind, inputs, outputs, options_of(kind, source)))


def kind_of(code):
    # Files of before the 128th operator have the number in a byte of its own.
    kind = BUILTIN_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    return code.CustomCode().decode() if kind == "CUSTOM" else kind


def options_of(kind, source):
    if kind in OPTIONS:
        type_of_table, read = OPTIONS[kind]
        table = type_of_table()
        table.Init(source.BuiltinOptions().Bytes, source.BuiltinOptions().Pos)
        return read(table)
    if kind == TRANSPOSED_CONVOLUTION:
        return transposed_options(source.CustomOptionsAsNumpy().tobytes())
    return {}


def windows(table):
    return {"padding": PADDINGS[table.Padding()], "stride": [table.StrideH(), table.StrideW()],
            "activation": ACTIVATIONS[table.FusedActivationFunction()]}


def convolution_options(table):
    dilation = [table.DilationHFactor(), table.DilationWFactor()]
    return {**windows(table), "dilation": dilation}


def pool_options(table):
    return {**windows(table), "kernel": [table.FilterHeight(), table.FilterWidth()]}


def sum_options(table):
    return {"activation": ACTIVATIONS[table.FusedActivationFunction()]}


def resize_options(table):
    return {"align_corners": table.AlignCorners(), "half_pixel_centers": table.HalfPixelCenters()}


def transposed_options(custom):
    """Three numbers of 32 bits, as TensorFlow Lite's TfLiteTransposeConvParams has them in memory."""
    padding, *stride = np.frombuffer(custom, "<i4").tolist()
    return {"padding": {1: "same", 2: "valid"}[padding], "stride": stride[::-1]}


OPTIONS = {
    "CONV_2D": (tflite.Conv2DOptions, convolution_options),
    "DEPTHWISE_CONV_2D": (tflite.DepthwiseConv2DOptions, convolution_options),
    "AVERAGE_POOL_2D": (tflite.Pool2DOptions, pool_options),
    "MAX_POOL_2D": (tflite.Pool2DOptions, pool_options),
    "ADD": (tflite.AddOptions, sum_options),
    "MUL": (tflite.MulOptions, sum_options),
    "RESIZE_BILINEAR": (tflite.ResizeBilinearOptions, resize_options),
}
