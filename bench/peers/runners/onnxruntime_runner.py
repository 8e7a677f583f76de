# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime on the CPU, all graph optimizations."""
import onnxruntime as ort

from common import THREADS, serve


def load(path, _):
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda values: session.run(None, {name: values})[0]


serve(load)
