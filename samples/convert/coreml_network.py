# SPDX-License-Identifier: Apache-2.0
"""Writes a Core ML neural network, layer by layer, into the classes that protoc makes of proto/."""
import numpy as np

from proto import feature_types_pb2, model_pb2, neural_network_pb2

# The format's fifth version (iOS 14) is the first that resizes between pixel centres at one half.
SPECIFICATION_VERSION = 5


class Network:
    """Tensors are named; the axes of a picture are [channels, height, width]."""

    def __init__(self):
        self.model = model_pb2.Model(specificationVersion=SPECIFICATION_VERSION)
        self.layers = self.model.neuralNetwork.layers
        self.counts = {}

    def add(self, kind, inputs):
        """A layer called after its kind and number, with one output of the same name."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        name = f"{kind}_{self.counts[kind]}"
        self.layers.add(name=name, input=inputs, output=[name])
        return self.layers[-1]

    def convolution(self, kind, tensor, weights, bias, *, groups, stride, dilation, padding):
        """`weights`: [outputs, inputs / groups, height, width]."""
        layer = self.add(kind, [tensor])
        layer.convolution.outputChannels = weights.shape[0]
        layer.convolution.kernelChannels = weights.shape[1]
        layer.convolution.nGroups = groups
        return self.finish_convolution(layer, weights, bias, stride, dilation, padding)

    def transposed_convolution(self, tensor, weights, bias, *, stride, padding):
        """`weights`: [inputs, outputs, height, width]."""
        layer = self.add("transposed", [tensor])
        layer.convolution.isDeconvolution = True
        layer.convolution.outputChannels = weights.shape[1]
        layer.convolution.kernelChannels = weights.shape[0]
        layer.convolution.nGroups = 1
        return self.finish_convolution(layer, weights, bias, stride, [1, 1], padding)

    @staticmethod
    def finish_convolution(layer, weights, bias, stride, dilation, padding):
        parameters = layer.convolution
        parameters.kernelSize.extend(weights.shape[2:])
        parameters.stride.extend(stride)
        parameters.dilationFactor.extend(dilation)
        set_padding(parameters, padding)
        parameters.hasBias = True
        set_weight(parameters.weights, weights)
        set_weight(parameters.bias, bias)
        return layer.output[0]

    def activation(self, tensor, kind, **parameters):
        """`kind`: the name of the function in the format."""
        layer = self.add(kind.lower(), [tensor])
        function = getattr(layer.activation, kind)
        function.SetInParent()
        for name, value in parameters.items():
            setattr(function, name, value)
        return layer.output[0]

    def clip(self, tensor, low, high):
        layer = self.add("clip", [tensor])
        layer.clip.minVal, layer.clip.maxVal = low, high
        return layer.output[0]

    def pair(self, kind, first, second):
        """`kind`: add or multiply; [C, 1, 1] is spread over a picture."""
        layer = self.add(kind, [first, second])
        getattr(layer, kind).SetInParent()
        return layer.output[0]

    def pad(self, tensor, edges):
        """With zeros; `edges`: (before, after) of rows and of columns."""
        layer = self.add("pad", [tensor])
        layer.padding.constant.value = 0
        for before, after in edges:
            layer.padding.paddingAmounts.borderAmounts.add(startEdgeSize=before, endEdgeSize=after)
        return layer.output[0]

    def mean_of_picture(self, tensor):
        layer = self.add("mean", [tensor])
        layer.pooling.type = neural_network_pb2.PoolingLayerParams.AVERAGE
        layer.pooling.globalPooling = True
        layer.pooling.valid.SetInParent()
        return layer.output[0]

    def max_pool(self, tensor, *, kernel, stride, padding):
        layer = self.add("max_pool", [tensor])
        layer.pooling.type = neural_network_pb2.PoolingLayerParams.MAX
        layer.pooling.kernelSize.extend(kernel)
        layer.pooling.stride.extend(stride)
        set_padding(layer.pooling, padding)
        return layer.output[0]

    def enlarge(self, tensor, factors):
        """Bilinear, between pixel centres at one half."""
        layer = self.add("enlarge", [tensor])
        layer.upsample.scalingFactor.extend(factors)
        layer.upsample.mode = neural_network_pb2.UpsampleLayerParams.BILINEAR
        layer.upsample.linearUpsampleMode = neural_network_pb2.UpsampleLayerParams.ALIGN_CORNERS_FALSE
        return layer.output[0]

    def rename(self, old, new):
        """The tensor `old` is called `new` from now on."""
        for layer in self.layers:
            layer.input[:] = [new if name == old else name for name in layer.input]
            layer.output[:] = [new if name == old else name for name in layer.output]

    def describe_picture(self, name, height, width, scale, text):
        """An input: RGB bytes, which the network sees times `scale`."""
        feature = self.model.description.input.add(name=name, shortDescription=text)
        picture = feature.type.imageType
        picture.height, picture.width = height, width
        picture.colorSpace = feature_types_pb2.ImageFeatureType.RGB
        preprocessing = self.model.neuralNetwork.preprocessing.add(featureName=name)
        preprocessing.scaler.channelScale = scale

    def describe_output(self, name, shape, text):
        feature = self.model.description.output.add(name=name, shortDescription=text)
        feature.type.multiArrayType.shape.extend(shape)
        feature.type.multiArrayType.dataType = feature_types_pb2.ArrayFeatureType.FLOAT32

    def describe(self, *, text, author, license, version, more):
        metadata = self.model.description.metadata
        metadata.shortDescription, metadata.author = text, author
        metadata.license, metadata.versionString = license, version
        metadata.userDefined.update(more)

    def to_bytes(self):
        return self.model.SerializeToString(deterministic=True)


def set_padding(parameters, padding):
    """`same` puts what cannot be halved behind, in TensorFlow as here."""
    getattr(parameters, padding).SetInParent()


def set_weight(field, values):
    if values.dtype != np.float16:
        raise ValueError(f"weights were expected to be Float16, not {values.dtype}")
    field.float16Value = np.ascontiguousarray(values, "<f2").tobytes()
