# SPDX-License-Identifier: Apache-2.0
"""Times one peer in a process of its own: peer.py onnxruntime|openvino MODEL.onnx RUNS THREADS

One run, then RUNS that count; prints {"times_ms": [...]} as `nbits bench --json` does. THREADS 0 leaves
the number, and all that a library decides by it, to the library. No other setting is made, but that
OpenVINO serves one caller (LATENCY), and computes in Float32 where the processor has bfloat16.
"""
import json
import sys
import time

import numpy as np


def onnxruntime(path, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.get_inputs()[0].shape, lambda values: session.run(None, {"x": values})


def openvino(path, threads):
    import openvino
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    model = openvino.Core().compile_model(path, "CPU", settings)
    request = model.create_infer_request()
    return list(model.input(0).shape), lambda values: request.infer([values])


def main():
    engine, path, runs, threads = sys.argv[1:]
    shape, run = {"onnxruntime": onnxruntime, "openvino": openvino}[engine](path, int(threads))
    values = np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)
    run(values)
    times = []
    for _ in range(int(runs)):
        begin = time.perf_counter()
        run(values)
        times.append(1000 * (time.perf_counter() - begin))
    print(json.dumps({"times_ms": times}))


main()
