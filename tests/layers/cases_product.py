# SPDX-License-Identifier: Apache-2.0
"""Inner products and products of matrices."""
import numpy as np

from fixture import Suite, random


def add_inner_products(suite):
    for shape, rows in (((6,), 1), ((3, 6), 3), ((2, 3, 6), 6), ((2, 2, 3, 1), 2), ((2, 2, 1, 2, 3), 4)):
        x, weights, bias = random(len(shape), *shape), random(7, 4, 6), random(8, 4)
        flat = np.array([[sum(w * v for w, v in zip(weights[o], row)) + bias[o] for o in range(4)]
                         for row in x.reshape(rows, 6)])
        out = {1: (4,), 2: (3, 4), 3: (2, 3, 4), 4: (2, 4, 1, 1), 5: (2, 2, 4, 1, 1)}[len(shape)]
        suite.add(f"inner_product_of_rank_{len(shape)}", {"x": x}, {"y": flat.reshape(out)},
                  lambda b: b.add_inner_product("layer", weights, bias, 6, 4, True, "x", "y"))
    x, weights = random(1, 2, 6), np.random.default_rng(2).integers(-127, 128, (4, 6)).astype(np.int8)
    suite.add("inner_product_of_8_bits_by_run_time", {"x": x}, {"y": x @ (weights * 0.01).T},
              lambda b: b.add_inner_product("layer", weights.tobytes(), None, 6, 4, False, "x", "y",
                                            int_8_dynamic_quantize=True, is_quantized_weight=True,
                                            quant_scale=np.array([0.01])))


def add_matrix_products(suite):
    for a, b, left, right in (((2, 3), (3, 4), False, False), ((3, 2), (3, 4), True, False), ((2, 3), (4, 3), False, True),
                              ((2, 1, 2, 3), (3, 3, 4), False, False), ((3,), (3, 4), False, False),
                              ((2, 3), (3,), False, False), ((3,), (3,), False, False)):
        u, v = random(1, *a), random(2, *b)
        m = u.reshape(1, -1) if len(a) == 1 else np.swapaxes(u, -1, -2) if left else u
        n = v.reshape(-1, 1) if len(b) == 1 else np.swapaxes(v, -1, -2) if right else v
        suite.add(f"matmul_{a}_{b}_{left}_{right}", {"a": u, "b": v}, {"y": np.matmul(m, n)},
                  lambda net: net.add_batched_mat_mul("layer", ["a", "b"], "y", left, right))
    weights, bias = random(3, 3, 4), random(4, 4)
    for shape in ((3,), (2, 3), (2, 2, 3)):
        x = random(5, *shape)
        suite.add(f"matmul_of_weights_{shape}", {"x": x}, {"y": x @ weights + bias},
                  lambda b: b.add_batched_mat_mul("layer", ["x"], "y", weight_matrix_rows=3, weight_matrix_columns=4,
                                                  W=weights, bias=bias))


def products():
    suite = Suite("product")
    add_inner_products(suite)
    add_matrix_products(suite)
    return suite


def suites():
    return [products()]
