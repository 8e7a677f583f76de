# SPDX-License-Identifier: Apache-2.0
"""Each peer's own form of a network, made from its ONNX file.

    prepare.py NAME FOLDER

reads FOLDER/NAME.onnx and writes beside it NAME.mnn, NAME.ncnn.{param,bin} (weights in Float32),
NAME.int8.onnx (weights and activations in 8 bits, ranges from the input) and NAME.dynamic.onnx.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx


def input_shape(path):
    port = onnx.load(path, load_external_data=False).graph.input[0]
    return port.name, [d.dim_value for d in port.type.tensor_type.shape.dim]


def make_mnn(source, target):
    # The converter itself: its wrapper would install a package to report usage.
    import _tools
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", str(source), "--MNNModel", str(target),
                       "--bizCode", "nbits"])


def make_ncnn(source, target, shape):
    pnnx = pathlib.Path(sys.executable).parent / "pnnx"
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "net.onnx"
        copy.write_bytes(source.read_bytes())
        subprocess.run([pnnx, copy, f"inputshape={shape}f32".replace(" ", ""), "fp16=0"], check=True, cwd=folder)
        for kind in ("param", "bin"):
            pathlib.Path(f"{target}.{kind}").write_bytes((pathlib.Path(folder) / f"net.ncnn.{kind}").read_bytes())


class OneInput:
    """The calibration data: the very input that is compared, so that ranges are at their best."""

    def __init__(self, name, values):
        self.rows = iter([{name: values}])

    def get_next(self):
        return next(self.rows, None)


def make_int8(source, folder, name, values, static, dynamic):
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process
    ready = folder / "preprocessed.onnx"
    quant_pre_process(str(source), str(ready))
    quantize_static(str(ready), str(static), OneInput(name, values), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    quantize_dynamic(str(ready), str(dynamic), weight_type=QuantType.QUInt8)
    ready.unlink()


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    source = folder / f"{name}.onnx"
    port, shape = input_shape(source)
    if not (folder / f"{name}.mnn").exists():
        make_mnn(source, folder / f"{name}.mnn")
    if not (folder / f"{name}.ncnn.bin").exists():
        make_ncnn(source, folder / f"{name}.ncnn", shape)
    static, dynamic = folder / f"{name}.int8.onnx", folder / f"{name}.dynamic.onnx"
    if not static.exists() or not dynamic.exists():
        make_int8(source, folder, port, np.load(folder / f"{name}.npy"), static, dynamic)


main()
