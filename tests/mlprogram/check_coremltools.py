#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_coremltools.py NBITS [FOLDER]
Holds what nbits writes to coremltools 9.0: models of all forms are made, quantized by nbits, loaded by
coremltools, and decompressed by both. Every decompressed weight has to be the same to the bit. A line a form;
exit code 1 when one differs."""
import pathlib
import subprocess
import sys
import tempfile

import coremltools as ct
import coremltools.optimize.coreml as cto
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import types

TARGETS = {16: ct.target.iOS16, 18: ct.target.iOS18}


def make_model(target, half, path):
    rng = np.random.default_rng(7)
    dtype = np.float16 if half else np.float32
    w = rng.normal(0, 0.3, (24, 32)).astype(dtype)
    k = rng.normal(0, 0.2, (16, 8, 3, 3)).astype(dtype)

    @mb.program(input_specs=[mb.TensorSpec((1, 8, 8, 4), dtype=types.fp16 if half else types.fp32)],
                opset_version=TARGETS[target])
    def program(x):
        y = mb.conv(x=x, weight=k, pad_type="same", name="convolution")
        y = mb.reshape(x=y, shape=(16, 32))
        return mb.linear(x=y, weight=w, name="dense")
    model = ct.convert(program, minimum_deployment_target=TARGETS[target],
                       compute_precision=ct.precision.FLOAT16 if half else ct.precision.FLOAT32)
    model.save(str(path))


def constants(path):
    """The values of all float constants with two axes or more, by name."""
    model = ct.models.MLModel(str(path), skip_model_load=True)
    program = model._mil_program or ct.converters.mil.frontend.milproto.load.load(
        model.get_spec(), specification_version=model.get_spec().specificationVersion,
        file_weights_dir=model.weights_dir)
    values = {}
    for op in program.functions["main"].find_ops(op_type="const"):
        value = op.outputs[0].val
        if isinstance(value, np.ndarray) and value.ndim > 1 and value.dtype in (np.float16, np.float32):
            values[op.outputs[0].name] = value
    return values


def by_shape(values):
    return sorted(((v.shape, v) for v in values.values()), key=lambda pair: pair[0])


def compare(nbits, source, options, folder):
    packed, ours, theirs = (folder / f"{n}.mlpackage" for n in ("packed", "ours", "theirs"))
    subprocess.run([nbits, "quantize", source, "-o", packed, *options], check=True, capture_output=True)
    loaded = ct.models.MLModel(str(packed), skip_model_load=True)
    cto.decompress_weights(loaded).save(str(theirs))
    subprocess.run([nbits, "quantize", packed, "-m", "dequantize", "--allow-unchanged", "-o", ours], check=True,
                   capture_output=True)
    a, b = by_shape(constants(ours)), by_shape(constants(theirs))
    if [s for s, _ in a] != [s for s, _ in b]:
        return f"shapes {[s for s, _ in a]} and {[s for s, _ in b]}"
    for (shape, x), (_, y) in zip(a, b):
        if x.dtype != y.dtype or not np.array_equal(x, y):
            worst = np.abs(x.astype(np.float64) - y.astype(np.float64)).max()
            return f"{shape} {x.dtype} and {y.dtype} differ by {worst:.3g}"
    return ""


def main():
    nbits = sys.argv[1]
    forms = [["-b", str(b), "-m", m, "--granularity", g] for b in (8, 4) for m in ("linear", "linear_symmetric")
             for g in ("per_tensor", "per_channel", "per_block")]
    forms = [f + (["--block-size", "8"] if f[-1] == "per_block" else []) for f in forms]
    forms += [["-b", str(b), "-m", m] for b in (1, 2, 3, 4, 6, 8) for m in ("kmeans_lut", "linear_lut")]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else name)
        for target in TARGETS:
            for half in (True, False):
                source = folder / "source.mlpackage"
                make_model(target, half, source)
                for form in forms:
                    try:
                        trouble = compare(nbits, source, form, folder)
                    except subprocess.CalledProcessError as error:
                        trouble = error.stderr.decode().strip()
                    except Exception as error:  # What coremltools raises is what is looked for.
                        trouble = f"{type(error).__name__}: {error}"
                    bad += bool(trouble)
                    print(f"iOS{target} {'Float16' if half else 'Float32'} {' '.join(form)}: {trouble or 'the same'}",
                          flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
