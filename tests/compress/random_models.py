#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds `nbits quantize --policy coremltools` to coremltools 7.2 on random models, bit for bit.

    pip install coremltools==7.2 protobuf==3.20.3 "numpy<2" scikit-learn
    random_models.py NBITS [--models 40] [--seed 0]

Every model has some layers of random kinds (all that coremltools quantizes), odd shapes, and values
from several distributions, constant channels and zeros among them; some layers are chained so that
they are folded. Each is quantized at every width in every mode by both; specification versions,
packed bytes, scales, offsets and tables must be equal (-0 counts as 0, make_fixtures.py says why).
For k-means the squared error of nbits must not be larger. Exit code 1 at the first difference.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
from coremltools.models.neural_network import quantization_utils
from coremltools.proto import Model_pb2

import make_fixtures as fixtures

KMEANS_BITS = (1, 2, 4)


class Maker:
    """Adds random layers to a model."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.model = Model_pb2.Model()
        self.model.specificationVersion = 1
        self.count = 0

    def size(self, most=9):
        return int(self.random.integers(1, most + 1))

    def flag(self):
        return bool(self.random.integers(2))

    def values(self, *shape):
        values = self.random.standard_normal(shape)
        kind = self.random.integers(6)
        if kind == 0:
            values = values ** 3 * 10
        elif kind == 1:
            values[self.random.random(shape) < 0.5] = 0
        elif kind == 2:
            values = 5 + 1e-3 * values
        elif kind == 3:
            values = 1e-7 * values
        elif kind == 4:
            values[0] = self.random.choice([0.0, -1.5])
        return values.astype(np.float32)

    def fill(self, weights, *shape):
        weights.floatValue.extend(self.values(*shape).ravel().tolist())

    def layer(self, source=None):
        layer = self.model.neuralNetwork.layers.add()
        self.count += 1
        layer.name = "layer%d" % self.count
        layer.input.append(source or "in%d" % self.count)
        layer.output.append("out%d" % self.count)
        return layer

    def bias(self, parameters, channels):
        parameters.hasBias = self.flag()
        if parameters.hasBias:
            self.fill(parameters.bias, channels)

    def convolution(self, is_deconvolution=False):
        layer = self.layer()
        parameters = layer.convolution
        groups = self.size(3)
        outputs, inputs = groups * self.size(5), groups * self.size(5)
        height, width = self.size(5), self.size(5)
        parameters.nGroups = groups
        parameters.outputChannels = outputs
        parameters.isDeconvolution = is_deconvolution
        parameters.kernelChannels = inputs if is_deconvolution else inputs // groups
        parameters.kernelSize.extend([height, width])
        parameters.valid.SetInParent()
        shape = (inputs, outputs // groups) if is_deconvolution else (outputs, inputs // groups)
        self.fill(parameters.weights, *shape, height, width)
        self.bias(parameters, outputs)
        return layer.output[0], outputs

    def deconvolution(self):
        self.convolution(is_deconvolution=True)

    def inner_product(self):
        layer = self.layer()
        parameters = layer.innerProduct
        parameters.inputChannels, parameters.outputChannels = self.size(40), self.size(40)
        self.fill(parameters.weights, parameters.outputChannels, parameters.inputChannels)
        self.bias(parameters, parameters.outputChannels)
        return layer.output[0], parameters.outputChannels

    def embedding(self, kind="embedding"):
        parameters = getattr(self.layer(), kind)
        inputs, outputs = self.size(50), self.size(20)
        names = ("inputDim", "outputChannels") if kind == "embedding" else (
            "vocabSize", "embeddingSize")
        setattr(parameters, names[0], inputs)
        setattr(parameters, names[1], outputs)
        self.fill(parameters.weights, outputs, inputs)
        self.bias(parameters, outputs)

    def embedding_nd(self):
        self.embedding("embeddingND")

    def batched_matmul(self):
        parameters = self.layer().batchedMatmul
        first, second = self.size(30), self.size(30)
        parameters.weightMatrixFirstDimension = first
        parameters.weightMatrixSecondDimension = second
        self.fill(parameters.weights, second, first)
        self.bias(parameters, second)

    def batchnorm(self, source=None, channels=None):
        parameters = self.layer(source).batchnorm
        parameters.channels = channels or self.size(40)
        parameters.epsilon = 1e-3
        self.fill(parameters.gamma, parameters.channels)
        self.fill(parameters.beta, parameters.channels)
        self.fill(parameters.mean, parameters.channels)
        variance = np.abs(self.values(parameters.channels)) + np.float32(0.1)
        parameters.variance.floatValue.extend(variance.tolist())

    def scale(self):
        parameters = self.layer().scale
        channels = self.size(40)
        parameters.shapeScale.append(channels)
        self.fill(parameters.scale, channels)
        self.bias(parameters, channels)
        if parameters.hasBias:
            parameters.shapeBias.append(channels)

    def bias_layer(self, source=None, channels=None):
        parameters = self.layer(source).bias
        channels = channels or self.size(40)
        parameters.shape.append(channels)
        self.fill(parameters.bias, channels)

    def load_constant(self, kind="loadConstant"):
        parameters = getattr(self.layer(), kind)
        shape = [self.size(5) for _ in range(3)]
        parameters.shape.extend(shape)
        self.fill(parameters.data, *shape)

    def load_constant_nd(self):
        self.load_constant("loadConstantND")

    def recurrent(self, kind, prefixes, matrix="WeightMatrix", recursion="RecursionMatrix"):
        parameters = getattr(self.layer(), kind)
        inputs, outputs = self.size(12), self.size(12)
        parameters.inputVectorSize, parameters.outputVectorSize = inputs, outputs
        holders = [parameters]
        if kind == "uniDirectionalLSTM":
            holders = [parameters.weightParams]
        elif kind == "biDirectionalLSTM":
            holders = [parameters.weightParams.add(), parameters.weightParams.add()]
        has_bias = self.flag()
        options = parameters.params if "LSTM" in kind else parameters
        setattr(options, "hasBiasVector" if kind == "simpleRecurrent" else "hasBiasVectors", has_bias)
        if "LSTM" in kind:
            options.hasPeepholeVectors = self.flag()
        for holder in holders:
            for prefix in prefixes:
                self.fill(getattr(holder, prefix + matrix), outputs, inputs)
                self.fill(getattr(holder, prefix + recursion), outputs, outputs)
                if has_bias:
                    name = "biasVector" if kind == "simpleRecurrent" else prefix + "BiasVector"
                    self.fill(getattr(holder, name), outputs)
                if "LSTM" in kind and options.hasPeepholeVectors and prefix != "blockInput":
                    self.fill(getattr(holder, prefix + "PeepholeVector"), outputs)

    def simple_recurrent(self):
        self.recurrent("simpleRecurrent", ("",), "weightMatrix", "recursionMatrix")

    def gru(self):
        self.recurrent("gru", ("updateGate", "resetGate", "outputGate"))

    def lstm(self):
        gates = ("inputGate", "forgetGate", "blockInput", "outputGate")
        self.recurrent("uniDirectionalLSTM" if self.flag() else "biDirectionalLSTM", gates)

    def convolution_and_batchnorm(self):
        self.batchnorm(*self.convolution())

    def convolution_and_bias(self):
        self.bias_layer(*self.convolution())

    def inner_product_and_bias(self):
        self.bias_layer(*self.inner_product())


KINDS = [Maker.convolution, Maker.deconvolution, Maker.inner_product, Maker.embedding,
         Maker.embedding_nd, Maker.batched_matmul, Maker.batchnorm, Maker.scale, Maker.bias_layer,
         Maker.load_constant, Maker.load_constant_nd, Maker.simple_recurrent, Maker.gru, Maker.lstm,
         Maker.convolution_and_batchnorm, Maker.convolution_and_bias, Maker.inner_product_and_bias]


def random_model(seed):
    maker = Maker(seed)
    KINDS[seed % len(KINDS)](maker)  # Every kind comes up.
    for kind in maker.random.choice(len(KINDS), maker.size(4)):
        KINDS[kind](maker)
    return maker.model


def run_nbits(program, model, bits, mode, folder):
    source, target = os.path.join(folder, "in.mlmodel"), os.path.join(folder, "out.mlmodel")
    with open(source, "wb") as file:
        file.write(model.SerializeToString())
    command = [program, "quantize", source, "-o", target, "--allow-unchanged", "--policy", "coremltools",
               "--bits", str(bits)] + ([] if bits == 16 else ["--mode", mode])
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    result = Model_pb2.Model()
    with open(target, "rb") as file:
        result.ParseFromString(file.read())
    return result


def difference(ours, theirs):
    """What differs between two models, or None."""
    if ours.specificationVersion != theirs.specificationVersion:
        return "specification versions %d and %d" % (ours.specificationVersion,
                                                     theirs.specificationVersion)
    a, b = fixtures.layer_weights(ours), fixtures.layer_weights(theirs)
    if [name for name, _ in a] != [name for name, _ in b]:
        return "weights %s and %s" % ([name for name, _ in a], [name for name, _ in b])
    for (name, mine), (_, other) in zip(a, b):
        if fixtures.packed_bytes(mine) != fixtures.packed_bytes(other):
            return name + ": packed bytes"
        if fixtures.parameters(mine) != fixtures.parameters(other):
            return name + ": scales, offsets or table"
    return None


def kmeans_difference(ours, model, bits):
    """Weights with a larger squared error than coremltools has, or None."""
    folded = Model_pb2.Model()
    folded.CopyFrom(model)
    fixtures.quietly(fixtures.optimization_utils._optimize_nn, fixtures.network(folded).layers)
    theirs = fixtures.squared_errors(model, bits)
    pairs = zip(fixtures.layer_weights(folded), fixtures.layer_weights(ours))
    for ((name, original), (_, mine)), error in zip(pairs, theirs):
        values = np.array(original.floatValue)
        own = float(np.sum((values - fixtures.table_values(mine, len(values))) ** 2))
        # Both tables are stored as Float32: the same clusters can differ by that rounding.
        rounding = len(values) * (np.abs(values).max() * 2.0 ** -24) ** 2
        if own > error * (1 + 1e-6) + rounding:
            return "%s: squared error %g, coremltools %g" % (name, own, error)
    return None


def check(program, model, folder):
    for mode, bits in fixtures.CONFIGURATIONS:
        theirs = fixtures.quantize(model, bits, mode)
        found = difference(run_nbits(program, model, bits, mode, folder), theirs)
        if found:
            return "%s at %d bits: %s" % (mode, bits, found)
    for bits in KMEANS_BITS:
        found = kmeans_difference(run_nbits(program, model, bits, "kmeans_lut", folder), model, bits)
        if found:
            return "kmeans_lut at %d bits: %s" % (bits, found)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nbits")
    parser.add_argument("--models", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    quantization_utils._convert_array_to_nbit_quantized_bytes = fixtures.fast_pack
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seed, options.seed + options.models):
            found = check(options.nbits, random_model(seed), folder)
            if found:
                sys.exit("model %d: %s" % (seed, found))
    print("%d random models: equal to coremltools 7.2 in every mode and width" % options.models)


if __name__ == "__main__":
    main()
