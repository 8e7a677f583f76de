# SPDX-License-Identifier: Apache-2.0
"""DeepLabV3 on MobileNetV2 (../shared/corpus/models) as ONNX with Float32 weights, for other runtimes.

    deeplab_twin.py DeepLabV3Int8LUT.mlmodel OUT.onnx

Input "image": [1, 3, 513, 513], values -1..1; output "scores": [1, 21, 513, 513], before the argmax.
Chains that spell out a ReLU6 become one Clip, and the padding by nothing goes, so that no runtime is
held back by the way in which the file says it.
"""
import sys

import coremltools as ct
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 513


def decode(weights, shape):
    table = np.array(weights.quantization.lookupTableQuantization.floatValue, np.float32)
    return table[np.frombuffer(weights.rawValue, np.uint8)].reshape(shape)


def same_padding(size, kernel, stride):
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Twin:
    def __init__(self, layers):
        self.layers, self.nodes, self.tensors = layers, [], []
        self.size, self.name = {"image": SIDE}, {}

    def weight(self, name, values):
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, op, layer, inputs, size=None, **attributes):
        inputs = [self.name.get(i, i) for i in inputs]
        output = layer.output[0]
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        self.size[output] = size or self.size[inputs[0]]

    def alias(self, layer):
        """The layer changes nothing that its reader does not undo."""
        source = self.name.get(layer.input[0], layer.input[0])
        self.name[layer.output[0]], self.size[layer.output[0]] = source, self.size[source]

    def convolution(self, layer):
        c, x = layer.convolution, self.name.get(layer.input[0], layer.input[0])
        kernel, stride, rate = list(c.kernelSize), c.stride[0], c.dilationFactor[0]
        if c.WhichOneof("ConvolutionPaddingType") == "same":
            begin, end = same_padding(self.size[x], kernel[0], stride)
        else:
            border = c.valid.paddingAmounts.borderAmounts
            begin, end = (border[0].startEdgeSize, border[0].endEdgeSize) if border else (0, 0)
        shape = [c.outputChannels, c.kernelChannels, *kernel]
        inputs = [x, self.weight(layer.name + "_w", decode(c.weights, shape)),
                  self.weight(layer.name + "_b", decode(c.bias, [c.outputChannels]))]
        size = (self.size[x] + begin + end - rate * (kernel[0] - 1) - 1) // stride + 1
        self.add("Conv", layer, inputs, size, kernel_shape=kernel, strides=[stride] * 2, group=c.nGroups,
                 dilations=[rate] * 2, pads=[begin, begin, end, end])

    def resize(self, layer):
        x, side = self.name.get(layer.input[0], layer.input[0]), layer.resizeBilinear.targetSize[0]
        channels = self.weight(layer.name + "_size", np.array([1, 256 if side == 65 else 21, side, side]))
        self.add("Resize", layer, [x, "", "", channels], side, mode="linear",
                 coordinate_transformation_mode="align_corners")

    def visit(self, layer):
        kind = layer.WhichOneof("layer")
        if kind == "convolution":
            self.convolution(layer)
        elif kind == "resizeBilinear":
            self.resize(layer)
        elif kind == "activation" and layer.activation.HasField("ReLU") and not layer.name.startswith("relu_"):
            self.add("Relu", layer, layer.input)
        elif kind == "activation" and layer.activation.HasField("ReLU"):
            self.add("Clip", layer, [*layer.input, "zero", "six"])
        elif kind in ("activation", "unary", "padding"):
            self.alias(layer)  # The rest of ReLU6; padding by nothing.
        elif kind == "add" and len(layer.input) == 2 and "Reshape" in layer.input[1]:
            self.alias(layer)  # -127.5 before the padding, +127.5 behind it.
        elif kind == "multiply" or kind == "add" and len(layer.input) == 1:
            self.alias(layer)  # The scaling of the picture, which the input has behind it.
        elif kind == "add":
            self.add("Add", layer, layer.input)
        elif kind == "concat":
            self.add("Concat", layer, layer.input, axis=1)
        elif kind == "pooling":
            self.add("ReduceMean", layer, layer.input, 1, axes=[2, 3], keepdims=1)
        elif kind not in ("loadConstant", "reduce"):
            raise NotImplementedError(kind)

    def model(self):
        self.weight("zero", np.float32(0)), self.weight("six", np.float32(6))
        for layer in self.layers:
            self.visit(layer)
        self.nodes[-1].output[0] = "scores"
        ports = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, SIDE, SIDE])]
                 for name, channels in (("image", 3), ("scores", 21))]
        graph = helper.make_graph(self.nodes, "deeplab", *ports, self.tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


if __name__ == "__main__":
    network = ct.utils.load_spec(sys.argv[1]).neuralNetwork
    twin = Twin(network.layers).model()
    onnx.checker.check_model(twin)
    onnx.save(twin, sys.argv[2])
