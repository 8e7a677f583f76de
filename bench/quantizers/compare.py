#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nbits quantize, cp and coremltools side by side on one model: time, ratio to cp, peak memory.

    compare.py MODEL.mlmodel --nbits build/release/nbits [--coremltools PYTHON ...] [--runs 7]

PYTHON is an interpreter that has coremltools (give it once for 9.0, once for 7.2); without one, a
virtual environment with coremltools 9.0 is made in a temporary folder. All candidates run in turns,
each in a process of its own; times are medians. coremltools needs minutes below 8 bits, so that it
runs once there, and only with --slow.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

COREMLTOOLS = """
import sys, coremltools as ct
from coremltools.models.neural_network.quantization_utils import quantize_weights
model = ct.models.MLModel(sys.argv[1], skip_model_load=True)
quantize_weights(model, int(sys.argv[3]), sys.argv[4]).save(sys.argv[2])
"""


def measure(command):
    """(wall seconds, processor seconds, peak memory in MB)"""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit("failed: " + " ".join(command))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def version_of(python):
    code = "import coremltools; print(coremltools.__version__)"
    return subprocess.run([python, "-c", code], check=True, capture_output=True,
                          text=True).stdout.strip().splitlines()[-1]


def make_environment(folder):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = os.path.join(folder, "bin", "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "coremltools==9.0"], check=True)
    return python


def candidates(options, output, pythons):
    """(name, command, most runs)"""
    yield "cp", ["cp", options.model, output], options.runs
    for bits, mode in ((16, "linear"), (8, "linear"), (4, "linear"), (1, "linear"),
                       (4, "kmeans_lut"), (8, "kmeans_lut")):
        command = [options.nbits, "quantize", options.model, "-o", output, "--bits", str(bits)]
        name = "nbits float16" if bits == 16 else "nbits %s %d" % (mode, bits)
        yield name, command + ([] if bits == 16 else ["--mode", mode]), options.runs
    for python in pythons:
        for bits in (8, 4) if options.slow else (8,):
            command = [python, "-c", COREMLTOOLS, options.model, output, str(bits), "linear"]
            name = "coremltools %s linear %d" % (version_of(python), bits)
            yield name, command, 3 if bits == 8 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--nbits", required=True)
    parser.add_argument("--coremltools", action="append", default=[], metavar="PYTHON")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--slow", action="store_true")
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    try:
        pythons = options.coremltools or [make_environment(os.path.join(folder, "venv"))]
        output = os.path.join(folder, "output.mlmodel")
        rows = list(candidates(options, output, pythons))
        results = {name: [] for name, _, _ in rows}
        for run in range(options.runs):
            for name, command, most in rows:
                if run < most:
                    results[name].append(measure(command))
                    os.remove(output)
    finally:
        shutil.rmtree(folder)
    size = os.path.getsize(options.model) / 2**20
    copy = statistics.median(wall for wall, _, _ in results["cp"])
    print("| | seconds | processor seconds | x cp | peak MB | x file |\n|---|---|---|---|---|---|")
    for name, runs in results.items():
        wall, processor, peak = (statistics.median(column) for column in zip(*runs))
        print("| %s | %.3f | %.3f | %.1f | %.0f | %.2f |"
              % (name, wall, processor, wall / copy, peak, peak / size))


if __name__ == "__main__":
    main()
