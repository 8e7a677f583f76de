# SPDX-License-Identifier: Apache-2.0
"""MNN on the CPU. Settings: precision (high, normal, low) and memory (normal, low)."""
import MNN.expr as expr
import MNN.nn as nn
import numpy as np

from common import THREADS, serve


def load(path, settings):
    config = {"backend": "CPU", "numThread": THREADS, "precision": settings[0], "memory": settings[1]}
    runtime = nn.create_runtime_manager((config,))
    net = nn.load_module_from_file(path, [], [], runtime_manager=runtime)

    def run(values):
        holder = expr.placeholder(list(values.shape), expr.NCHW, expr.float)
        holder.write(values)
        result = net.forward([holder])
        result = result[0] if isinstance(result, (list, tuple)) else result
        return np.array(expr.convert(result, expr.NCHW).read())

    return run


serve(load)
