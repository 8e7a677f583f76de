# SPDX-License-Identifier: Apache-2.0
"""What every peer's runner does the same way.

A runner is a program: RUNNER MODEL INPUT.npy OUTPUT.npy RUNS SETTING...  It loads the model, runs it
once (the first output), then RUNS times, saves the output and prints one line of JSON with
milliseconds and the peak of its resident memory.
"""
import json
import pathlib
import re
import sys
import time

import numpy as np

THREADS = 2


def peak_memory_bytes():
    """The process's own high water mark; that of getrusage begins with the parent's."""
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def serve(load):
    """`load(path, settings)` returns a function from the input array to the output array."""
    model, input_path, output_path, runs, *settings = sys.argv[1:]
    values = np.load(input_path)
    start = time.perf_counter()
    run = load(model, settings)
    loaded = time.perf_counter()
    output = run(values)
    first = time.perf_counter()
    times = []
    for _ in range(int(runs)):
        begin = time.perf_counter()
        output = run(values)
        times.append(1000 * (time.perf_counter() - begin))
    np.save(output_path, np.asarray(output, np.float32))
    print(json.dumps({
        "load_ms": 1000 * (loaded - start),
        "first_ms": 1000 * (first - loaded),
        "times_ms": times,
        "peak_memory_bytes": peak_memory_bytes(),
    }))
