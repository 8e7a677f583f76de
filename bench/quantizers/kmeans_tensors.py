#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""k-means of coremltools 7.2 on some tensors of a model, beside that of nbits.

    pip install coremltools==7.2 protobuf==3.20.3 "numpy<2" scikit-learn
    kmeans_tensors.py MODEL.mlmodel NBITS [--bits 4] [--largest 600000]

The whole of a large model takes coremltools half an hour. Here it gets one convolution of every size
up to --largest weights; nbits quantizes the whole model. Squared errors are relative to the sum of
squares of the weights.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy as np
from coremltools.models.neural_network import quantization_utils
from coremltools.proto import Model_pb2


def nbits_errors(program, model, bits):
    """({path: relative squared error}, seconds of the whole process)"""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        output = subprocess.run([program, "quantize", model, "--bits", str(bits), "--mode",
                                 "kmeans_lut", "--json", "-o", os.path.join(folder, "o.mlmodel")],
                                check=True, capture_output=True).stdout
        seconds = time.perf_counter() - start
    return {weight["path"]: 10 ** (-weight["snr_db"] / 10)
            for weight in json.loads(output)["changed"] if weight["snr_db"] is not None}, seconds


def coremltools_error(values, bits):
    start = time.perf_counter()
    table, indices = quantization_utils._get_kmeans_lookup_table_and_weight(bits, values)
    seconds = time.perf_counter() - start
    error = np.sum((values - np.asarray(table).ravel()[indices].reshape(values.shape)) ** 2)
    return float(error / np.sum(values ** 2)), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("nbits")
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--largest", type=int, default=600000)
    options = parser.parse_args()
    ours, seconds = nbits_errors(options.nbits, options.model, options.bits)
    print("nbits, the whole model: %.2f s\n" % seconds)
    print("| weights | coremltools seconds | coremltools error | nbits error | ratio |")
    print("|---|---|---|---|---|")
    model = Model_pb2.Model()
    with open(options.model, "rb") as file:
        model.ParseFromString(file.read())
    seen = set()
    for layer in model.neuralNetwork.layers:
        count = len(layer.convolution.weights.floatValue)
        own = ours.get(layer.name + "/weights")
        if count < 1000 or count > options.largest or count in seen or own is None:
            continue
        seen.add(count)
        values = np.array(layer.convolution.weights.floatValue)
        theirs, seconds = coremltools_error(values, options.bits)
        print("| %d | %.2f | %.6g | %.6g | %.4f |" % (count, seconds, theirs, own, own / theirs),
              flush=True)


if __name__ == "__main__":
    main()
