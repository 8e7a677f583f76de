# SPDX-License-Identifier: Apache-2.0
"""Runs nbits and its peers on the same networks, in turns, and prints the tables of ratios.

    compare.py --nbits PROGRAM --folder FOLDER [--rounds N] [--runs N] [--only NAME]

Every turn is a process of its own: load, first output, then RUNS warm runs. A round gives each
contender one turn; the order of the turns is reversed in every other round. The time of a contender
is the median over all its warm runs, its memory the largest resident set of its process.

The two cores of a virtual machine share a third-level cache at one time and do not at another, which
some programs feel more than others. So FOLDER/core_distance (core_distance.cc) is asked before and after
every turn, and the ratios are also given for the turns of either kind alone.
"""
import argparse
import dataclasses
import json
import pathlib
import platform
import statistics
import subprocess
import sys

import numpy as np
from PIL import Image

from networks import NETWORKS

HERE = pathlib.Path(__file__).parent
# An output further than this from ONNX Runtime's (of its largest magnitude) is of another precision:
# nbits' own bound for its golden outputs.
TOLERANCE = 1e-3
# Between cores of one third-level cache a line takes some tens of nanoseconds, between others well above
# a hundred (45 and 185 on a Zen 5 EPYC).
SHARED_CACHE_NS = 100


@dataclasses.dataclass
class Contender:
    title: str
    command: list
    ours: bool = False
    times: list = dataclasses.field(default_factory=list)
    near: list = dataclasses.field(default_factory=list)  # Of the times, between cores of one cache,
    far: list = dataclasses.field(default_factory=list)   # and of two.
    load: list = dataclasses.field(default_factory=list)
    first: list = dataclasses.field(default_factory=list)
    memory: int = 0
    error: float = 0.0
    failure: str = ""

    def turn(self, distance):
        before = distance()
        result = subprocess.run(self.command, capture_output=True, text=True)
        after = distance()
        if result.returncode != 0:
            self.failure = (result.stderr.strip().splitlines() or ["failed"])[-1]
            return
        start = result.stdout.index("{")
        figures = json.loads(result.stdout[start:])
        self.times += figures["times_ms"]
        if max(before, after) < SHARED_CACHE_NS:
            self.near += figures["times_ms"]
        if min(before, after) >= SHARED_CACHE_NS:
            self.far += figures["times_ms"]
        self.load.append(figures["load_ms"])
        self.first.append(figures["first_ms"])
        self.memory = max(self.memory, figures["peak_memory_bytes"])

    def median(self):
        return statistics.median(self.times)


def peers(network, folder, runs):
    stem = str(folder / network.name)
    rows = [
        ("ONNX Runtime", "onnxruntime", stem + ".onnx"),
        ("OpenVINO, f32", "openvino", stem + ".onnx", "f32"),
        ("OpenVINO, bf16", "openvino", stem + ".onnx", "bf16"),
        ("ncnn, Float32", "ncnn", stem + ".ncnn", "float32"),
        ("ncnn, bf16 storage", "ncnn", stem + ".ncnn", "bf16"),
        ("MNN, precision high", "mnn", stem + ".mnn", "high", "normal"),
        ("MNN, precision low", "mnn", stem + ".mnn", "low", "normal"),
        ("ONNX Runtime, 8-bit dynamic", "onnxruntime", stem + ".dynamic.onnx"),
        ("ONNX Runtime, 8-bit static", "onnxruntime", stem + ".int8.onnx"),
        ("OpenVINO, 8-bit static", "openvino", stem + ".int8.onnx", "f32"),
    ]
    for title, runner, model, *settings in rows:
        output = folder / f"{network.name}.{title.replace(' ', '_').replace(',', '')}.npy"
        yield Contender(title, [sys.executable, HERE / "runners" / f"{runner}_runner.py", model, stem + ".npy",
                                output, str(runs), *settings]), output


def variants(network, folder, nbits):
    """(title, file, further arguments of nbits)."""
    for title, bits, mode in network.files:
        path = folder / f"{network.name}.mlmodel"
        if bits not in (0, 32):
            path = folder / f"{network.name}.{bits}.mlmodel"
            if not path.exists():
                mode_arguments = ["--mode", mode] if mode else []
                subprocess.run([nbits, "quantize", folder / f"{network.name}.mlmodel", "--bits", str(bits),
                                *mode_arguments, "-o", path], check=True, stdout=subprocess.DEVNULL)
        elif bits == 32 and network.files[0][1] == 0:
            path = folder / f"{network.name}.float32.mlmodel"
            if not path.exists():
                subprocess.run([nbits, "quantize", folder / f"{network.name}.mlmodel", "--mode", "dequantize",
                                "-o", path], check=True, stdout=subprocess.DEVNULL)
        yield title, path, []
        if bits == 8 and not network.int8:
            yield title + ", --memory lean", path, ["--memory", "lean"]
        if network.int8:
            yield title + ", --compute int8", path, ["--compute", "int8"]


def ours(network, folder, nbits, runs):
    picture = folder / f"{network.name}.png"
    for title, path, arguments in variants(network, folder, nbits):
        output = folder / f"{network.name}.nbits.{title.replace(' ', '_').replace(',', '')}"
        command = [nbits, "bench", path, "--json", "--runs", str(runs), "--threads", "2", *arguments]
        check = [nbits, "run", path, "--input", picture, "-o", output, "--threads", "2", *arguments]
        subprocess.run(check, check=True, stdout=subprocess.DEVNULL)
        yield Contender("nbits, " + title, command, ours=True), output / f"{network.output}.npy"


def error_of(network, path, reference):
    """Largest difference in parts of the reference's largest magnitude; of label maps, the share of
    pixels that differ."""
    values = np.load(path)
    if not network.labels:
        return float(np.abs(values.ravel() - reference.ravel()).max() / np.abs(reference).max())
    labels = values.reshape(reference.shape).argmax(1) if values.size == reference.size else values
    return float((labels.ravel() != reference.argmax(1).ravel()).mean())


def core_distance(folder):
    """Nanoseconds that a cache line takes between the two cores now."""
    return float(subprocess.run([folder / "core_distance"], check=True, capture_output=True).stdout)


def measure(network, folder, nbits, rounds, runs):
    Image.fromarray(network.pixels()).save(folder / f"{network.name}.png")
    pairs = [*ours(network, folder, nbits, runs), *peers(network, folder, runs)]
    for index in range(rounds):
        for contender, _ in pairs if index % 2 == 0 else reversed(pairs):
            if not contender.failure:
                contender.turn(lambda: core_distance(folder))
                print(f"round {index + 1}: {contender.title}: {contender.failure or contender.times[-1]}, "
                      f"{len(contender.near)} near, {len(contender.far)} far",
                      file=sys.stderr)
    reference = np.load(next(output for contender, output in pairs if contender.title == "ONNX Runtime"))
    for contender, output in pairs:
        if not contender.failure:
            contender.error = error_of(network, output, reference)
    return [contender for contender, _ in pairs]


def ratio_in(place, contender, best, exact):
    """Of the medians of the turns in one place, to the best peer's there; "-" where there were none."""
    ours, theirs = getattr(contender, place), [times for c in exact if (times := getattr(c, place))]
    if not ours or not getattr(best, place):
        return "-"
    return f"{statistics.median(ours) / min(map(statistics.median, theirs)):.2f}"


def table(network, contenders, rounds, runs):
    exact = [c for c in contenders if not c.ours and not c.failure and c.error <= TOLERANCE]
    best = min(exact, key=Contender.median)
    lean = min(exact, key=lambda c: c.memory)
    what = "pixels with another label" if network.labels else "largest difference"
    lines = [f"### {network.title}", "",
             f"{rounds} rounds of {runs} runs. Best peer within {TOLERANCE:g} of ONNX Runtime: {best.title} "
             f"({best.median():.0f} ms); leanest: {lean.title} ({lean.memory / 1e6:.0f} MB).", "",
             f"| | median ms | of the best peer's | ratio, one cache | ratio, two caches | spread | first output, ms | peak MB | {what} |",
             "|---|---|---|---|---|---|---|---|---|"]
    for c in contenders:
        if c.failure:
            lines.append(f"| {c.title} | failed: {c.failure[:80]} | | | | | | | |")
            continue
        quartiles = statistics.quantiles(c.times, n=4)
        first = statistics.median(a + b for a, b in zip(c.load, c.first))
        lines.append(f"| {c.title} | {c.median():.0f} | {c.median() / best.median():.2f} | "
                     f"{ratio_in('near', c, best, exact)} | {ratio_in('far', c, best, exact)} | "
                     f"{(quartiles[2] - quartiles[0]) / c.median():.0%} | {first:.0f} | {c.memory / 1e6:.0f} | "
                     f"{c.error:.1e} |")
    return "\n".join(lines) + "\n"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


def extensions():
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    return ", ".join(name for name, flag in (("AVX2", " avx2 "), ("AVX-512", " avx512f "), ("VNNI", "vnni"),
                                             ("BF16", "avx512_bf16")) if flag in flags)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nbits", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    arguments = parser.parse_args()
    print(f"Processor: {processor()} ({extensions()}), 2 threads.\n")
    for network in NETWORKS:
        if arguments.only and network.name not in arguments.only:
            continue
        contenders = measure(network, arguments.folder, arguments.nbits, arguments.rounds, arguments.runs)
        print(table(network, contenders, arguments.rounds, arguments.runs), flush=True)


main()
