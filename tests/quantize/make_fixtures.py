# SPDX-License-Identifier: Apache-2.0
"""Writes fixtures/coremltools.json: what coremltools makes of small tensors.

Needs coremltools 7.2 with protobuf 3.20.3 (that protobuf hands weights to numpy as float64, which
decides the last bits of scales and some codes):

    pip install coremltools==7.2 protobuf==3.20.3 "numpy<2" && python make_fixtures.py

Every number is the hexadecimal text of its little-endian bytes: float32 for values, scales,
offsets, tables and dequantized values; the packed bytes as they stand in the model.
"""

import json
import os

import coremltools
import google.protobuf
import numpy as np
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder
from coremltools.models.neural_network import quantization_utils as quantization

assert coremltools.__version__ == "7.2" and google.protobuf.__version__ == "3.20.3"

MODES = {
    "linear": quantization._QUANTIZATION_MODE_LINEAR_QUANTIZATION,
    "linear_symmetric": quantization._QUANTIZATION_MODE_LINEAR_SYMMETRIC,
    "linear_lut": quantization._QUANTIZATION_MODE_LOOKUP_TABLE_LINEAR,
    "dequantization": quantization._QUANTIZATION_MODE_DEQUANTIZE,
}


def hexed(numbers, dtype="<f4"):
    return np.asarray(numbers, dtype=dtype).tobytes().hex()


def tensors():
    random = np.random.RandomState(20240607)
    normal = lambda *shape: random.standard_normal(shape).astype(np.float32)
    steep = lambda *shape: (normal(*shape) ** 3 * 0.07).astype(np.float32)
    tiny = np.array([[0, 1e-4, 2e-4], [0, 2.5e-4, 2.6e-4], [0, 1e-5, 2.55e-4]], np.float32)
    example = np.array([[-1, -.5, .25, 2, .1], [0, .3, .3, .7, 1], [5] * 5], np.float32)
    return [  # name, layer, values, channel axis
        ("worked example", "innerProduct", example, 0),
        ("inner product", "innerProduct", normal(5, 7), 0),
        ("tiny steps", "innerProduct", tiny, 0),
        ("zeros", "innerProduct", np.zeros((2, 3), np.float32), 0),
        ("large", "innerProduct", (normal(3, 5) * 3e4).astype(np.float32), 0),
        ("convolution", "convolution", normal(3, 2, 3, 3), 0),
        ("depthwise", "convolution", steep(13, 1, 3, 3), 0),
        ("deconvolution", "deconvolution", steep(5, 3, 2, 3), 1),
        ("embedding", "embedding", normal(6, 11), 0),
        ("bias", "bias", steep(17), 0),
    ]


def model_of(layer, values):
    builder = NeuralNetworkBuilder(
        [("x", datatypes.Array(1))], [("y", datatypes.Array(1))], disable_rank5_shape_mapping=True
    )
    added = builder.nn_spec.layers.add()
    added.name, added.input[:], added.output[:] = "layer", ["x"], ["y"]
    part = getattr(added, "convolution" if layer == "deconvolution" else layer)
    if layer == "innerProduct":
        part.outputChannels, part.inputChannels = values.shape
    elif layer == "embedding":
        part.outputChannels, part.inputDim = values.shape
    elif layer == "convolution":
        part.outputChannels, part.kernelChannels = values.shape[:2]
        part.kernelSize[:] = values.shape[2:]
        part.nGroups = 1
    elif layer == "deconvolution":
        part.isDeconvolution = True
        part.kernelChannels, part.outputChannels = values.shape[:2]
        part.kernelSize[:] = values.shape[2:]
        part.nGroups = 1
    elif layer == "bias":
        part.shape[:] = values.shape
    weights = part.bias if layer == "bias" else part.weights
    weights.floatValue.extend(values.flatten().tolist())
    return builder.spec, weights


def case_of(layer, values, mode, bits):
    spec, weights = model_of(layer, values)
    quantization._quantize_spec_weights(spec, bits, MODES[mode])
    case = {"mode": "float16" if bits == 16 else mode, "bits": bits}
    if bits == 16:
        case["bytes"] = weights.float16Value.hex()
        return case
    case["bytes"] = weights.rawValue.hex()
    linear = weights.quantization.linearQuantization
    case["scale"], case["offset"] = hexed(linear.scale), hexed(linear.bias)
    case["table"] = hexed(weights.quantization.lookupTableQuantization.floatValue)
    quantization._quantize_spec_weights(spec, None, MODES["dequantization"])
    case["dequantized"] = hexed(weights.floatValue)
    return case


plan = [(mode, bits) for mode in ("linear", "linear_lut") for bits in range(1, 9)]
plan += [("linear_symmetric", 8), ("linear", 16)]
fixtures = []
for name, layer, values, axis in tensors():
    cases = [case_of(layer, values, mode, bits) for mode, bits in plan
             if not (bits == 16 and np.abs(values).max() >= 65504)]
    fixtures.append({"name": name, "shape": list(values.shape), "axis": axis,
                     "per_channel": values.ndim > 1, "values": hexed(values), "cases": cases})

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures", "coremltools.json")
with open(path, "w") as file:
    json.dump(fixtures, file, indent=0)
    file.write("\n")
