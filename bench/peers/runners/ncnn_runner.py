# SPDX-License-Identifier: Apache-2.0
"""ncnn on the CPU with its own defaults (Winograd, packing). Setting: `float32`, or `bf16` storage."""
import ncnn
import numpy as np

from common import THREADS, serve


def load(path, settings):
    net = ncnn.Net()
    net.opt.num_threads = THREADS
    net.opt.use_bf16_storage = settings[0] == "bf16"
    net.load_param(path + ".param")
    net.load_model(path + ".bin")

    def run(values):
        extractor = net.create_extractor()
        extractor.input("in0", ncnn.Mat(values[0]))
        return np.array(extractor.extract("out0")[1])[None]

    return run


serve(load)
