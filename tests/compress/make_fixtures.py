#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes fixtures/coremltools.json: what coremltools 7.2 (protobuf 3.20.3) quantizes models to; and
fixtures/made.mlmodel, one of them, which needs no corpus.

    pip install coremltools==7.2 protobuf==3.20.3 "numpy<2" scikit-learn
    make_fixtures.py FOLDER_OF_MODELS fixtures/coremltools.json [--slow | --made]

coremltools packs bits in a loop of Python, a quarter of an hour for these models. A faster packer
stands in for it here, held to the original on the first weights of every tensor; with --slow the
original does all the work. With --made only what concerns made.mlmodel is made anew.

For every model and every "mode/bits": the specification version, the number of layers (coremltools
folds batch normalisation before it quantizes) and, for each weight of the file in order of layers
and field numbers, 16 hexadecimal digits: the CRC-32 of its packed bytes, then the CRC-32 of its
parameters (scales, then offsets, then table; little-endian Float32). An unquantized weight's bytes
are its values. -0 counts as 0 in parameters: which of the two numpy takes for the minimum of a
channel that holds only both of them depends on the machine's vector instructions. Under "kmeans": the squared error of each weight's table, against the folded weight.
"""
import contextlib
import io
import json
import os
import sys
import zlib

import numpy as np
import google.protobuf
import coremltools
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder
from coremltools.models.neural_network import optimization_utils
from coremltools.models.neural_network import quantization_utils
from coremltools.proto import Model_pb2

MODELS = ["MNIST", "SINet", "Tiramisu45", "deeplab_dm05_float32", "edsr_f64b5_fp32",
          "Es2EnCharEncoder", "small_unet", "starry_night_640x480_025", "up_photo_scale2x_model"]
CONFIGURATIONS = ([("linear", 16), ("linear_symmetric", 8)] +
                  [(mode, bits) for mode in ("linear", "linear_lut") for bits in range(8, 0, -1)])
KMEANS = [("MNIST", (2, 4, 6)), ("SINet", (2, 4)), ("starry_night_640x480_025", (3, 4))]


MADE = "made"


def made_model():
    """Convolutions with and without batch normalisation, grouped and transposed ones, an LSTM and inner
    products: every way in which coremltools lays out channels, in a few KB."""
    random = np.random.default_rng(1)

    def values(*shape):
        return random.normal(size=shape)

    def convolution(name, source, inputs, outputs, kernel=3, groups=1, transposed=False, bias=True):
        shape = ((kernel, kernel, outputs // groups, inputs) if transposed else
                 (kernel, kernel, inputs // groups, outputs))
        builder.add_convolution(
            name, inputs if transposed else inputs // groups, outputs, kernel, kernel, 1, 1, "same",
            groups, values(*shape), values(outputs) if bias else None, bias, transposed,
            input_name=source, output_name=name)

    builder = NeuralNetworkBuilder([("x", datatypes.Array(3, 8, 8))], [("y", datatypes.Array(5))])
    convolution("first", "x", 3, 8, bias=False)
    builder.add_batchnorm("norm", 8, values(8), values(8), values(8), np.abs(values(8)) + 0.1, "first",
                          "norm", epsilon=1e-3)
    builder.add_activation("relu", "RELU", "norm", "relu")
    convolution("depthwise", "relu", 8, 8, groups=8)
    convolution("grouped", "depthwise", 8, 12, kernel=1, groups=4)
    convolution("transposed", "grouped", 12, 6, transposed=True)
    builder.add_flatten("flat", 0, "transposed", "flat")
    builder.add_inner_product("dense", values(7, 384), values(7), 384, 7, True, "flat", "dense")
    gates = lambda width: [values(9, width) for _ in range(4)]
    builder.add_unilstm("lstm", gates(9), gates(7), [values(9) for _ in range(4)], 9, 7, ["dense", "h", "c"],
                        ["hidden", "h_out", "c_out"])
    builder.add_inner_product("y", values(5, 9), None, 9, 5, False, "hidden", "y")
    for name in ("h", "c"):
        feature = builder.spec.description.input.add()
        feature.name = name
        feature.type.multiArrayType.shape.append(9)
        feature.type.multiArrayType.dataType = builder.spec.description.input[0].type.multiArrayType.dataType
    return builder.spec


SLOW_PACK = quantization_utils._convert_array_to_nbit_quantized_bytes


def fast_pack(values, bits):
    shifts = np.arange(bits - 1, -1, -1, dtype=np.uint8)

    def pack(part):
        return np.packbits((part[:, None] >> shifts) & 1)

    head = values[:500]
    assert np.array_equal(pack(head), SLOW_PACK(head, bits))
    return pack(values)


def read(folder, name):
    model = Model_pb2.Model()
    with open(os.path.join(folder, name + ".mlmodel"), "rb") as file:
        model.ParseFromString(file.read())
    return model


def network(model):
    return getattr(model, model.WhichOneof("Type"))


def quietly(function, *arguments):
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments)


def quantize(model, bits, mode):
    quantized = Model_pb2.Model()
    quantized.CopyFrom(model)
    quietly(quantization_utils._quantize_spec_weights, quantized, bits, internal_mode(mode))
    return quantized


def internal_mode(mode):
    return {
        "linear": quantization_utils._QUANTIZATION_MODE_LINEAR_QUANTIZATION,
        "linear_symmetric": quantization_utils._QUANTIZATION_MODE_LINEAR_SYMMETRIC,
        "linear_lut": quantization_utils._QUANTIZATION_MODE_LOOKUP_TABLE_LINEAR,
        "kmeans_lut": quantization_utils._QUANTIZATION_MODE_LOOKUP_TABLE_KMEANS,
    }[mode]


def weights_of(message, prefix=""):
    """(path, WeightParams) of all weights that hold values, in order of layers and fields."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for item in value if field.label == field.LABEL_REPEATED else [value]:
            if field.message_type.name == "WeightParams":
                if item.floatValue or item.float16Value or item.rawValue:
                    yield prefix + field.name, item
            else:
                yield from weights_of(item, prefix)


def layer_weights(model):
    return [(layer.name + "/" + path, weight)
            for layer in network(model).layers for path, weight in weights_of(layer)]


def packed_bytes(weight):
    if weight.floatValue:
        return np.array(weight.floatValue, "<f4").tobytes()
    return weight.float16Value or weight.rawValue


def parameters(weight):
    quantization = weight.quantization
    values = np.array(list(quantization.linearQuantization.scale) +
                      list(quantization.linearQuantization.bias) +
                      list(quantization.lookupTableQuantization.floatValue), "<f4")
    return (values + np.float32(0)).tobytes()


def digest(weight):
    return "%08x%08x" % (zlib.crc32(packed_bytes(weight)), zlib.crc32(parameters(weight)))


def describe(model):
    return {"version": model.specificationVersion, "layers": len(network(model).layers),
            "weights": "".join(digest(weight) for _, weight in layer_weights(model))}


def table_values(weight, count):
    raw = np.frombuffer(weight.rawValue, np.uint8)
    bits = weight.quantization.numberOfBits
    indices = raw if bits == 8 else quantization_utils._unpack_to_bytes(raw, count, bits)
    return np.array(weight.quantization.lookupTableQuantization.floatValue)[indices]


def squared_errors(model, bits):
    folded = Model_pb2.Model()
    folded.CopyFrom(model)
    quietly(optimization_utils._optimize_nn, network(folded).layers)
    pairs = zip(layer_weights(folded), layer_weights(quantize(model, bits, "kmeans_lut")))
    return [float(np.sum((np.array(a.floatValue) - table_values(b, len(a.floatValue))) ** 2))
            for (_, a), (_, b) in pairs if b.rawValue]


def quantize_all(model):
    entry = {}
    for mode, bits in CONFIGURATIONS:
        quantized = quantize(model, bits, mode)
        entry["%s/%d" % (mode, bits)] = describe(quantized)
        if (mode, bits) in (("linear", 16), ("linear", 8)):
            entry["names" if bits == 8 else "names16"] = [n for n, _ in layer_weights(quantized)]
    return entry


def main():
    folder, target = sys.argv[1:3]
    if "--slow" not in sys.argv:
        quantization_utils._convert_array_to_nbit_quantized_bytes = fast_pack
    result = {"coremltools": coremltools.__version__, "protobuf": google.protobuf.__version__,
              "models": {}, "kmeans": {}}
    if "--made" in sys.argv:
        with open(target) as file:
            result = json.load(file)
    with open(os.path.join(os.path.dirname(target), MADE + ".mlmodel"), "wb") as file:
        file.write(made_model().SerializeToString())
    result["models"][MADE] = quantize_all(made_model())
    for name in [] if "--made" in sys.argv else MODELS:
        result["models"][name] = quantize_all(read(folder, name))
        print(name, flush=True)
    for name, widths in [] if "--made" in sys.argv else KMEANS:
        model = read(folder, name)
        result["kmeans"][name] = {str(bits): squared_errors(model, bits) for bits in widths}
        print(name, "k-means", flush=True)
    with open(target, "w") as file:
        json.dump(result, file, indent=0, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
