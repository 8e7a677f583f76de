# SPDX-License-Identifier: Apache-2.0
"""The networks that are timed, as FOLDER/NAME.mlmodel and the same in FOLDER/NAME.onnx.

    networks.py FOLDER [MODELS]

SqueezeNet 1.1, a small U-Net, MobileNetV2 and an LSTM have their published shapes and random weights: time
depends on nothing else. From the folder MODELS, if given, come SqueezeNetFP16.mlmodel and small_unet.mlmodel
in place of the two that are made.
"""
import pathlib
import sys

import coremltools as ct
import numpy as np
import onnx
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder

from twin import twin_of

GIVEN = {"squeezenet": "SqueezeNetFP16.mlmodel", "small_unet": "small_unet.mlmodel"}
random = np.random.default_rng(0)


def weights(*shape):
    """Scaled so that a chain of layers keeps the size of its values."""
    return random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / np.prod(shape[1:])))


class Network:
    """A chain of layers: `at` is the value that the next one reads, `channels` its channels."""

    def __init__(self, *shape):
        self.builder = NeuralNetworkBuilder([("x", datatypes.Array(*shape))], [("y", None)],
                                            disable_rank5_shape_mapping=True)
        self.at, self.channels, self.count = "x", shape[1], 0

    def layer(self, add):
        """Calls add(name, input, output) for one layer."""
        self.count += 1
        before, self.at = self.at, f"t{self.count}"
        add(self.at, before, self.at)
        return self

    def conv(self, channels, kernel, stride=1, groups=1, padding="same"):
        tensor = weights(channels, self.channels // groups, kernel, kernel)
        inner, self.channels = self.channels // groups, channels
        return self.layer(lambda name, x, y: self.builder.add_convolution(
            name, inner, channels, kernel, kernel, stride, stride, padding, groups, tensor.transpose(2, 3, 1, 0),
            np.zeros(channels, np.float32), True, input_name=x, output_name=y))

    def activation(self, kind="RELU"):
        return self.layer(lambda name, x, y: self.builder.add_activation(name, kind, x, y))

    def relu6(self):
        return self.layer(lambda name, x, y: self.builder.add_clip(name, x, y, 0.0, 6.0))

    def max_pool(self, kernel, stride):
        return self.layer(lambda name, x, y: self.builder.add_pooling(
            name, kernel, kernel, stride, stride, "MAX", "VALID", x, y))

    def global_average(self):
        return self.layer(lambda name, x, y: self.builder.add_pooling(
            name, 1, 1, 1, 1, "AVERAGE", "VALID", x, y, is_global=True))

    def join(self, kind, other):
        return self.layer(lambda name, x, y: self.builder.add_elementwise(name, [x, other], y, kind))

    def concat(self, other, channels):
        self.channels += channels
        return self.join("CONCAT", other)

    def save(self, path):
        self.builder.spec.neuralNetwork.layers[-1].output[0] = "y"
        ct.utils.save_spec(self.builder.spec, str(path))


def squeezenet():
    """SqueezeNet 1.1 (Iandola et al., 2016, and its authors' smaller release)."""
    n = Network(1, 3, 227, 227).conv(64, 3, 2, padding="valid").activation().max_pool(3, 2)
    for squeeze, expand, pool in ((16, 64, 0), (16, 64, 1), (32, 128, 0), (32, 128, 1), (48, 192, 0), (48, 192, 0),
                                  (64, 256, 0), (64, 256, 0)):
        start = n.conv(squeeze, 1).activation().at
        ones = n.conv(expand, 1).activation().at
        n.at, n.channels = start, squeeze
        n.conv(expand, 3).activation().concat(ones, expand)
        if pool:
            n.max_pool(3, 2)
    return n.conv(1000, 1).activation().global_average().layer(
        lambda name, x, y: n.builder.add_softmax_nd(name, x, y, 1))


def small_unet():
    """A U-Net of 0.4 million weights for 448 x 448 pixels, as phones run for portraits."""
    n, skips = Network(1, 3, 448, 448), []
    for channels in (8, 16, 32, 64):
        n.conv(channels, 3).activation().conv(channels, 3).activation()
        skips.append((n.at, channels))
        n.max_pool(2, 2)
    n.conv(128, 3).activation().conv(128, 3).activation()
    for at, channels in reversed(skips):
        n.layer(lambda name, x, y: n.builder.add_upsample(name, 2, 2, x, y, "NN"))
        n.concat(at, channels).conv(channels, 3).activation()
    return n.conv(1, 1).activation("SIGMOID")


def mobilenet_v2():
    """MobileNetV2 at 224 x 224 (Sandler et al., 2018), batch normalization folded into the convolutions."""
    n = Network(1, 3, 224, 224).conv(32, 3, 2).relu6()
    for expansion, out, repeats, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                            (6, 160, 3, 2), (6, 320, 1, 1)):
        for block in range(repeats):
            start, inner = n.at, n.channels * expansion
            if expansion > 1:
                n.conv(inner, 1).relu6()
            n.conv(inner, 3, stride if block == 0 else 1, inner).relu6().conv(out, 1)
            if block > 0:
                n.join("ADD", start)
    return n.conv(1280, 1).relu6().global_average().conv(1000, 1)


def lstm(steps=64, inputs=128, hidden=256):
    """One LSTM over 64 steps, of a batch of one."""
    n, state = Network(steps, inputs, 1, 1), [np.zeros(hidden, np.float32)] * 4
    inner, outer = ([weights(hidden, size) for _ in range(4)] for size in (hidden, inputs))
    n.layer(lambda name, x, y: n.builder.add_expand_dims(name, x, y, [1]))
    return n.layer(lambda name, x, y: n.builder.add_unilstm(
        name, inner, outer, state, hidden, inputs, [x], [y], output_all=True))


NETWORKS = {"squeezenet": squeezenet, "small_unet": small_unet, "mobilenet_v2": mobilenet_v2, "lstm": lstm}


def main():
    folder, models = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    for name, build in NETWORKS.items():
        path = folder / f"{name}.mlmodel"
        if models and name in GIVEN:
            path.write_bytes((pathlib.Path(models) / GIVEN[name]).read_bytes())
        else:
            build().save(path)
        onnx.save(twin_of(path), folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
