#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the references of windows, resampling, recurrence and suppression to ONNX Runtime, whose operators have the same
formulas. Needs onnx and onnxruntime.

    python3 tests/layers/check_references.py
"""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

import reference as ref

RANDOM = np.random.default_rng(0)


def random(*shape):
    return RANDOM.uniform(-1, 1, shape).astype(np.float32)


def run(kind, inputs, outputs=1, **attributes):
    """One ONNX operator on these arrays; None leaves an input out."""
    names = ["" if value is None else f"x{i}" for i, value in enumerate(inputs)]
    fed = {name: value for name, value in zip(names, inputs) if name}
    results = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(kind, names, results, **attributes)
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    graph = helper.make_graph(
        [node], "graph", [helper.make_tensor_value_info(k, kinds[v.dtype], v.shape) for k, v in fed.items()],
        [helper.make_empty_tensor_value_info(name) for name in results])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, fed)


def check(name, actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=2e-5, err_msg=name)
    print("ok", name)


def onnx_pads(pads):
    return [p[0] for p in pads] + [p[1] for p in pads]


def check_convolutions():
    for spatial, kernel, stride, dilation, groups in (((6, 7), (3, 2), (2, 1), (1, 2), 2), ((5, 5), (4, 3), (1, 3), (1, 1), 1),
                                                      ((4, 5, 6), (2, 3, 2), (1, 2, 1), (2, 1, 1), 2)):
        x, w, b = random(2, 4, *spatial), random(6, 4 // groups, *kernel), random(6)
        pads = [(1, 0), (2, 1), (0, 1)][:len(spatial)]
        check(f"convolution {kernel}", ref.convolve(x, w, stride, pads, dilation, groups, b),
              run("Conv", [x, w, b], strides=stride, dilations=dilation, group=groups, pads=onnx_pads(pads))[0])
        for heavy, name in ((False, "SAME_UPPER"), (True, "SAME_LOWER")):
            ones = [1] * len(spatial)
            check(f"convolution {kernel} {name}",
                  ref.convolve(x, w, stride, ref.same_pads(spatial, kernel, stride, ones, heavy), ones, groups, b),
                  run("Conv", [x, w, b], strides=stride, group=groups, auto_pad=name)[0])
        w = random(4, 3, *kernel)
        check(f"deconvolution {kernel}", ref.deconvolve(x, w, stride, pads, groups, dilation=dilation),
              run("ConvTranspose", [x, w], strides=stride, dilations=dilation, group=groups, pads=onnx_pads(pads))[0])


def check_pools():
    for spatial, kernel, stride in (((6, 7), (3, 2), (2, 2)), ((4, 5, 6), (2, 3, 2), (1, 2, 2))):
        x = random(1, 2, *spatial)
        pads = [(1, 0), (1, 1), (0, 1)][:len(spatial)]
        check(f"maximum {kernel}", ref.pool(x, "MAX", kernel, stride, pads),
              run("MaxPool", [x], kernel_shape=kernel, strides=stride, pads=onnx_pads(pads))[0])
        for exclude in (False, True):
            check(f"average {kernel} {exclude}", ref.pool(x, "AVERAGE", kernel, stride, pads, exclude),
                  run("AveragePool", [x], kernel_shape=kernel, strides=stride, pads=onnx_pads(pads),
                      count_include_pad=int(not exclude))[0])
        check(f"root of squares {kernel}", ref.pool(x, "L2", kernel, stride, pads),
              run("LpPool", [x], kernel_shape=kernel, strides=stride, pads=onnx_pads(pads), p=2)[0])


def check_resampling():
    x = random(1, 2, 4, 5)
    for mode, name in (("ALIGN_CORNERS_TRUE", "align_corners"), ("STRICT_ALIGN_ENDPOINTS_MODE", "align_corners"),
                       ("ALIGN_CORNERS_FALSE", "half_pixel")):
        for out in ((8, 15), (6, 7), (2, 3)):
            sizes = np.array([1, 2, *out], np.int64)
            check(f"resize {mode} {out}", ref.resample(x, ref.grid(mode, 4, out[0]), ref.grid(mode, 5, out[1])),
                  run("Resize", [x, None, None, sizes], mode="linear", coordinate_transformation_mode=name)[0])


def check_recurrence():
    steps, batch, size, hidden = 4, 2, 3, 5
    x, h, c = random(steps, batch, size), random(batch, hidden), random(batch, hidden)

    def weights(gates):
        return random(gates, hidden, size), random(gates, hidden, hidden), random(gates, hidden)

    def rows(m):
        return m.reshape(1, -1, m.shape[-1])

    def bias(b):
        return np.concatenate([b.ravel(), np.zeros(b.size, np.float32)])[None]

    for reverse in (False, True):
        # ONNX gives all steps in the order of the input.
        step = -1 if reverse else 1
        options = {"hidden_size": hidden, "direction": "reverse" if reverse else "forward"}
        W, R, b = weights(1)
        y, last = run("RNN", [x, rows(W), rows(R), bias(b), None, h[None]], 2, activations=["Tanh"], **options)
        ours = ref.simple_rnn(x, W[0], R[0], b[0], "TANH", h, reverse)
        check(f"simple {reverse}", ours[0][::step], y[:, 0])
        check(f"simple state {reverse}", ours[1], last[0])
        W, R, b = weights(3)
        y, last = run("GRU", [x, rows(W), rows(R), bias(b), None, h[None]], 2, **options)
        ours = ref.gru(x, W, R, b, "SIGMOID", "TANH", h, reverse)
        check(f"gru {reverse}", ours[0][::step], y[:, 0])
        check(f"gru state {reverse}", ours[1], last[0])
        W, R, b = weights(4)  # i, f, o, z; in ONNX i, o, f, z.
        p, turn = random(3, hidden), [0, 2, 1, 3]
        for coupled in (False, True):
            peephole = np.concatenate([p[0], p[2], p[1]])[None]
            y, last, cell = run("LSTM", [x, rows(W[turn]), rows(R[turn]), bias(b[turn]), None, h[None], c[None], peephole],
                                3, input_forget=int(coupled), **options)
            ours = ref.lstm(x, W, R, b, ("SIGMOID", "TANH", "TANH"), h, c, p, coupled, reverse=reverse)
            check(f"lstm {reverse} {coupled}", ours[0][::step], y[:, 0])
            check(f"lstm states {reverse} {coupled}", np.stack(ours[1:]), np.stack([last[0], cell[0]]))


def check_suppression():
    boxes = np.concatenate([RANDOM.uniform(0, 6, (1, 20, 2)), RANDOM.uniform(1, 5, (1, 20, 2))], axis=2).astype(np.float32)
    scores = RANDOM.uniform(0, 1, (1, 1, 20)).astype(np.float32)
    found = run("NonMaxSuppression", [boxes, scores, np.array([6], np.int64), np.array([0.3], np.float32),
                                      np.array([0.2], np.float32)], center_point_box=1)[0]
    check("suppression", ref.suppress(boxes[0], scores[0].T, 0.3, 0.2, 6, False), found[:, 2])


if __name__ == "__main__":
    check_convolutions()
    check_pools()
    check_resampling()
    check_recurrence()
    check_suppression()
