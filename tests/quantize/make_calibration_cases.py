#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_calibration_cases.py FOLDER: the figures in calibrator_cases_test.cc.

FOLDER holds quant.py, the prototype of calibrated quantization (PyTorch). Prints, for each case, the error under H
of what the prototype makes of it: range under diag(H), rounding with error feedback, then two rounds of coordinate
descent and least squares. The inputs are those of calibration_inputs.h, number for number.
"""
import sys

import numpy as np
import torch


def uniform(seed, count):
    """`count` numbers of [-0.5, 0.5): splitmix64 of seed * 2^32, seed * 2^32 + 1, ..."""
    with np.errstate(over="ignore"):
        z = (np.uint64(seed) << np.uint64(32)) + np.arange(count, dtype=np.uint64)
        z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**24 - 0.5


def weights(seed, outputs, inputs):
    u = uniform(seed, 4 * outputs * inputs).reshape(outputs, inputs, 4)
    scale = 0.02 + 0.2 * (uniform(seed + 1, outputs) + 0.5)
    return ((u[..., 0] + u[..., 1] + u[..., 2] * u[..., 3] * 8) * scale[:, None]).astype(np.float32)


def columns(seed, positions, inputs, latents):
    z = uniform(seed, positions * latents).reshape(positions, latents)
    mix = uniform(seed + 1, inputs * latents).reshape(inputs, latents)
    own = uniform(seed + 2, positions * inputs).reshape(positions, inputs)
    size = 0.1 + 2 * (uniform(seed + 3, inputs) + 0.5) ** 3
    shift = uniform(seed + 4, inputs)
    return np.maximum(0, (4 * z @ mix.T + own + shift) * size).astype(np.float32)


# Seed, groups, outputs and inputs of a group, positions, latents.
CASES = [
    (1, 1, 24, 27, 400, 3),
    (2, 1, 16, 144, 900, 6),
    (3, 1, 48, 200, 700, 10),
    (4, 2, 8, 72, 500, 4),
    (5, 24, 1, 9, 300, 2),
    (6, 1, 40, 96, 60, 5),
]


def moments(case):
    seed, groups, _, inputs, positions, latents = case
    x = columns(10 * seed, positions, groups * inputs, latents).astype(np.float64)
    x = (x - x.mean(0)).reshape(positions, groups, inputs)
    return torch.from_numpy(np.einsum("pgi,pgj->gij", x, x) / positions).float()


def prototype_error(q, w, h, bits, table):
    diagonal = h.diagonal(dim1=1, dim2=2)
    if table:
        values = q.kmeans(w.flatten(), diagonal[:, None].expand_as(w).flatten(), 2**bits)
        book = q.Table(values)
    else:
        book = q.Affine(*q.clip(w, bits, diagonal), bits)
    v = q.gptq(w, h, book)
    for _ in range(2):
        v = q.descend(v, w, h, book)
        v = book.refit(v, w, h)
    e = (v - w).double()
    return ((e @ h.double()) * e).sum().item()


def main():
    sys.path.insert(0, sys.argv[1])
    import quant  # pylint: disable=import-error

    for case in CASES:
        seed, groups, outputs, inputs, positions, latents = case
        w = torch.from_numpy(weights(10 * seed + 5, groups * outputs, inputs)).reshape(groups, outputs, inputs)
        h = moments(case)
        for bits in (2, 3, 4):
            errors = [prototype_error(quant, w, h, bits, table) for table in (False, True)]
            print("    {%s, %d, %.6g, %.6g}," % ("{%d, %d, %d, %d, %d, %d}" % case, bits, *errors))


if __name__ == "__main__":
    main()
