# SPDX-License-Identifier: Apache-2.0
"""The networks that are compared, and how a picture becomes the ONNX file's input."""
import dataclasses
import pathlib

import numpy as np
from PIL import Image

PICTURES = pathlib.Path(__file__).parents[2] / "samples/pictures"


@dataclasses.dataclass
class Network:
    name: str        # The files' stem.
    title: str
    side: int        # Pixels, both ways.
    scale: float     # ONNX input = scale * pixel + shift; the Core ML file does this inside.
    shift: float
    output: str      # The Core ML output to compare.
    labels: bool     # That output is the argmax of the ONNX output.
    files: tuple     # (variant, bits, mode): what nbits quantizes and runs.
    int8: bool = False

    def pixels(self):
        """A portrait of the samples, scaled: something to segment, always the same."""
        picture = Image.open(PICTURES / "astronaut.png").convert("RGB")
        return np.asarray(picture.resize((self.side, self.side), Image.BICUBIC))

    def values(self):
        pixels = self.pixels().astype(np.float32).transpose(2, 0, 1)[None]
        return (self.scale * pixels + self.shift).astype(np.float32)


LINEAR = (("Float32", 32, None), ("16 bits", 16, None), ("8 bits", 8, "linear"), ("4 bits", 4, "linear"))
NETWORKS = (
    Network("isnet", "ISNet, 1024 x 1024, 160 GMAC", 1024, 1 / 256, -0.5, "matte", False, LINEAR),
    Network("deeplab_xception", "DeepLabV3+ Xception-65, 513 x 513, 54 GMAC", 513, 1 / 127.5, -1.0, "scores",
            False, LINEAR, int8=True),
    Network("deeplab_mobilenet", "DeepLabV3 MobileNetV2, 513 x 513", 513, 1 / 127.5, -1.0, "semanticPredictions", True,
            (("8-bit table, as the file is", 0, None), ("Float32", 32, None)), int8=True),
)
