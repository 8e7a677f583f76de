# SPDX-License-Identifier: Apache-2.0
"""check.py PACKAGES SAMPLES NBITS: how far the samples, run by nbits, are from the plain interpreter's outputs, and that
interpreter from the runners that the files were made for, on every sample picture. Fails beyond the bounds below.

MediaPipe runs the selfie segmentation itself; TensorFlow Lite runs the pose network, but not MediaPipe's own operator
in the other. Both compute in Float32, the interpreter in double.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation
from PIL import Image

from interpret import interpret
from make import expected_outputs, read_picture
from samples import SAMPLES
from tflite_graph import read_graph

# Of the largest value of an output. Most differ by 1e-5 or less; but the pose network's mask has values up to 1800,
# which Float32 knows to 0.9 at best after so many layers, and the matte is their sigmoid.
BOUND = 2e-3


def difference(actual, expected):
    """The largest, as a share of the largest value."""
    return np.abs(actual.ravel() - expected.ravel()).max() / np.abs(expected).max()


def run_nbits(nbits, model, picture, names):
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(picture).save(f"{folder}/picture.png")
        command = [nbits, "run", model, "-i", f"image={folder}/picture.png", "-o", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return {name: np.load(f"{folder}/{name}.npy") for name in names}


def run_selfie_segmentation(path, picture):
    with SelfieSegmentation(model_selection=0) as runner:
        return [runner.process(picture).segmentation_mask]


def run_lite(path, picture):
    # The reference kernels, not the fast ones.
    runner = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], (picture / np.float32(255))[np.newaxis])
    runner.invoke()
    return [runner.get_tensor(output["index"]) for output in runner.get_output_details()]


RUNNERS = {"selfie_segmentation": run_selfie_segmentation, "pose_landmark": run_lite}


def check(sample, packages, samples, nbits):
    graph = read_graph(packages / sample.source)
    worst = 0
    for path in sorted((samples / "pictures").iterdir()):
        picture = read_picture(path)
        own = list(interpret(graph, picture / 255).values())
        others = RUNNERS[sample.name](packages / sample.source, picture)
        judged = max(difference(other, mine) for other, mine in zip(others, own))
        expected = expected_outputs(sample, graph, picture)
        actual = run_nbits(nbits, samples / f"{sample.name}.mlmodel", picture, expected)
        ran = max(difference(actual[name], expected[name]) for name in expected)
        print(f"{sample.name}, {path.name}: nbits {ran:.1e}, the source's runner {judged:.1e}")
        worst = max(worst, judged, ran)
    return worst


def main(packages, samples, nbits):
    worst = max(check(sample, packages, samples, nbits) for sample in SAMPLES)
    if worst > BOUND:
        sys.exit(f"the largest difference is {worst:.1e} of the largest value (at most {BOUND} was expected)")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:3]), sys.argv[3])
