#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes fixtures/coremltools.json: what coremltools 7.2 (protobuf 3.20.3) quantizes models to.

    pip install coremltools==7.2 protobuf==3.20.3 "numpy<2" scikit-learn
    make_fixtures.py FOLDER_OF_MODELS fixtures/coremltools.json [--slow]

coremltools packs bits in a loop of Python, a quarter of an hour for these models. A faster packer
stands in for it here, held to the original on the first weights of every tensor; with --slow the
original does all the work.

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
from coremltools.models.neural_network import optimization_utils
from coremltools.models.neural_network import quantization_utils
from coremltools.proto import Model_pb2

MODELS = ["MNIST", "SINet", "Tiramisu45", "deeplab_dm05_float32", "edsr_f64b5_fp32",
          "Es2EnCharEncoder", "small_unet", "starry_night_640x480_025", "up_photo_scale2x_model"]
CONFIGURATIONS = ([("linear", 16), ("linear_symmetric", 8)] +
                  [(mode, bits) for mode in ("linear", "linear_lut") for bits in range(8, 0, -1)])
KMEANS = [("MNIST", (2, 4, 6)), ("SINet", (2, 4)), ("starry_night_640x480_025", (3, 4))]


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


def main():
    folder, target = sys.argv[1:3]
    if "--slow" not in sys.argv:
        quantization_utils._convert_array_to_nbit_quantized_bytes = fast_pack
    result = {"coremltools": coremltools.__version__, "protobuf": google.protobuf.__version__,
              "models": {}, "kmeans": {}}
    for name in MODELS:
        model = read(folder, name)
        entry = result["models"][name] = {}
        for mode, bits in CONFIGURATIONS:
            quantized = quantize(model, bits, mode)
            entry["%s/%d" % (mode, bits)] = describe(quantized)
            if (mode, bits) in (("linear", 16), ("linear", 8)):
                entry["names" if bits == 8 else "names16"] = [n for n, _ in layer_weights(quantized)]
        print(name, flush=True)
    for name, widths in KMEANS:
        model = read(folder, name)
        result["kmeans"][name] = {str(bits): squared_errors(model, bits) for bits in widths}
        print(name, "k-means", flush=True)
    with open(target, "w") as file:
        json.dump(result, file, indent=0, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
