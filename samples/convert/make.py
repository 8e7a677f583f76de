# SPDX-License-Identifier: Apache-2.0
"""make.py PACKAGES SAMPLES GOLDEN: converts the networks of the installed package mediapipe, and copies the pictures,
into the folder SAMPLES; writes what they give, as the plain interpreter computes it, into the folder GOLDEN.

PACKAGES is the site-packages folder of the Python that has them (see ../../scripts/make-samples).
"""
import pathlib
import shutil
import sys

import numpy as np
from PIL import Image

from interpret import interpret
from samples import PICTURES, SAMPLES, SIDE
from tflite_graph import read_graph

# The picture that the stored outputs belong to.
GOLDEN_PICTURE = "astronaut.png"


def read_picture(path):
    """RGB bytes of the networks' size."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX))


def expected_outputs(sample, graph, picture):
    """Arrays by output, from bytes."""
    results = interpret(graph, picture / 255)
    return {name: finish(results[graph.outputs[index]]) for name, (index, finish) in sample.outputs.items()}


def write_golden(path, sample, graph, picture):
    outputs = expected_outputs(sample, graph, picture)
    np.savez_compressed(path, **{f"out:{name}": values.astype(np.float32) for name, values in outputs.items()})


def main(packages, samples, golden):
    (samples / "pictures").mkdir(parents=True, exist_ok=True)
    for source in PICTURES:
        shutil.copy(packages / source, samples / "pictures")
    picture = read_picture(samples / "pictures" / GOLDEN_PICTURE)
    golden.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(golden / "image.png")
    for sample in SAMPLES:
        graph = read_graph(packages / sample.source)
        (samples / f"{sample.name}.mlmodel").write_bytes(sample.convert(graph).to_bytes())
        write_golden(golden / f"{sample.name}.npz", sample, graph, picture)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
