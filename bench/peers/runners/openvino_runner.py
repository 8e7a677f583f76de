# SPDX-License-Identifier: Apache-2.0
"""OpenVINO on the CPU, tuned for latency. Setting: the inference precision (f32, bf16)."""
import openvino as ov

from common import THREADS, serve


def load(path, settings):
    core = ov.Core()
    compiled = core.compile_model(path, "CPU", {
        "INFERENCE_NUM_THREADS": str(THREADS),
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": settings[0],
    })
    request = compiled.create_infer_request()
    return lambda values: request.infer([values])[0]


serve(load)
