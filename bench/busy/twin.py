# SPDX-License-Identifier: Apache-2.0
"""A Core ML network as ONNX with Float32 weights: the layers that networks.py's networks have, no others.

The twin's input x has the values that the network's first layer reads (a picture's scale and bias are left
to who makes them), its output is y.
"""
import coremltools as ct
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LSTM_GATES = ("inputGate", "outputGate", "forgetGate", "blockInput")  # In ONNX's order.


def array(weights, *shape):
    raw = (np.frombuffer(weights.float16Value, np.float16) if weights.float16Value
           else np.array(weights.floatValue, np.float32))
    return np.ascontiguousarray(raw.astype(np.float32).reshape(shape))


def borders(padding):
    """Core ML's [(top, bottom), (left, right)] as ONNX's [top, left, bottom, right]."""
    amounts = padding.paddingAmounts.borderAmounts
    edges = [(a.startEdgeSize, a.endEdgeSize) for a in amounts] or [(0, 0), (0, 0)]
    return [edges[0][0], edges[1][0], edges[0][1], edges[1][1]]


class Twin:
    def __init__(self, network):
        self.network, self.nodes, self.tensors = network, [], []

    def constant(self, values):
        name = f"w{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(values, name))
        return name

    def add(self, kind, layer, inputs=None, **attributes):
        self.nodes.append(helper.make_node(kind, inputs or list(layer.input), [layer.output[0]], **attributes))

    def convolution(self, layer, p):
        shape = p.outputChannels, p.kernelChannels, *p.kernelSize
        inputs = [layer.input[0], self.constant(array(p.weights, *shape))]
        if p.hasBias:
            inputs.append(self.constant(array(p.bias, p.outputChannels)))
        padding = {"auto_pad": "SAME_UPPER"} if p.HasField("same") else {"pads": borders(p.valid)}
        self.add("Conv", layer, inputs, strides=list(p.stride) or [1, 1], group=p.nGroups,
                 kernel_shape=list(p.kernelSize), **padding)

    def activation(self, layer, p):
        kind = {"ReLU": "Relu", "sigmoid": "Sigmoid"}[p.WhichOneof("NonlinearityType")]
        self.add(kind, layer)

    def clip(self, layer, p):
        limits = [self.constant(np.float32(limit)) for limit in (p.minVal, p.maxVal)]
        self.add("Clip", layer, [layer.input[0], *limits])

    def pooling(self, layer, p):
        average = p.type == p.PoolingType.Value("AVERAGE")
        if p.globalPooling:
            return self.add("GlobalAveragePool" if average else "GlobalMaxPool", layer)
        assert not average, "average pooling with a window"
        # includeLastPixel rounds the number of windows up.
        last = p.WhichOneof("PoolingPaddingType") == "includeLastPixel"
        self.add("MaxPool", layer, kernel_shape=list(p.kernelSize), strides=list(p.stride), ceil_mode=int(last),
                 pads=[0] * 4 if last else borders(p.valid))

    def upsample(self, layer, p):
        scales = self.constant(np.array([1, 1, *p.scalingFactor], np.float32))
        self.add("Resize", layer, [layer.input[0], "", scales], mode="nearest", nearest_mode="floor",
                 coordinate_transformation_mode="asymmetric")

    def concat(self, layer, _):
        self.add("Concat", layer, axis=1)

    def addition(self, layer, _):
        self.add("Add", layer)

    def softmax(self, layer, _):
        self.add("Softmax", layer, axis=1)

    def expand(self, layer, _):
        """In front of the LSTM, [steps, values, 1, 1] -> [steps, 1, values, 1, 1]: ONNX wants no 1, 1."""
        shape = self.constant(np.array([0, 1, -1], np.int64))
        self.add("Reshape", layer, [layer.input[0], shape])

    def lstm(self, layer, p):
        def gates(part, *shape):
            return np.concatenate([array(getattr(p.weightParams, gate + part), *shape) for gate in LSTM_GATES])[None]
        size = p.outputVectorSize
        bias = np.concatenate([gates("BiasVector", size), np.zeros((1, 4 * size), np.float32)], 1)
        tensors = gates("WeightMatrix", size, p.inputVectorSize), gates("RecursionMatrix", size, size), bias
        self.add("LSTM", layer, [layer.input[0], *map(self.constant, tensors)], hidden_size=size)

    VISITORS = {"convolution": convolution, "activation": activation, "clip": clip, "pooling": pooling,
                "upsample": upsample, "concat": concat, "add": addition, "addBroadcastable": addition,
                "softmax": softmax, "softmaxND": softmax, "expandDims": expand, "uniDirectionalLSTM": lstm}

    def graph(self, name, shape):
        for layer in self.network.layers:
            kind = layer.WhichOneof("layer")
            self.VISITORS[kind](self, layer, getattr(layer, kind))
        first = self.network.layers[0].input[0]
        for node in self.nodes:
            node.input[:] = ["x" if value == first else value for value in node.input]
        self.nodes[-1].output[0] = "y"
        return helper.make_graph(self.nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                                 [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], self.tensors)


def input_shape(feature):
    kind = feature.type.WhichOneof("Type")
    if kind == "imageType":
        return [1, 3, feature.type.imageType.height, feature.type.imageType.width]
    return list(feature.type.multiArrayType.shape)


def twin_of(path):
    spec = ct.utils.load_spec(str(path))
    graph = Twin(getattr(spec, spec.WhichOneof("Type"))).graph(path.stem, input_shape(spec.description.input[0]))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
