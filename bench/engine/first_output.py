#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long after its start a process has its first output, in warm runs of the same process.

    bench/engine/first_output.py build/release/nbits isnet-8-linear.mlmodel [--rounds 7]

First output: load_ms + first_ms of `nbits bench`, a process of its own in every round; medians. First
with a pause before each process, then each right after a process that touched and freed twice the
memory: on a virtual machine, memory that nobody touched lately is not there until the host supplies
it, page by page.
"""
import argparse
import json
import mmap
import statistics
import subprocess
import sys
import time


def touch(size):
    """Enters `size` bytes of fresh memory, in huge pages if the system has them."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    for offset in range(0, size, mmap.PAGESIZE):
        memory[offset] = 1


def bench(arguments):
    command = [arguments.nbits, "bench", arguments.model, "--threads", "2", "--runs", "5", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nbits", nargs="?")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--touch", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.touch:
        touch(arguments.touch)
        return
    size = bench(arguments)["activation_bytes"]

    def touch_elsewhere():
        subprocess.run([sys.executable, __file__, "--touch", str(2 * size)], check=True)

    print("memory        first output ms   warm run ms   ratio")
    for name, prepare in (("after a pause", lambda: time.sleep(3)), ("touched", touch_elsewhere)):
        rows = []
        for _ in range(arguments.rounds):
            prepare()
            result = bench(arguments)
            first = result["load_ms"] + result["first_ms"]
            rows.append((first, result["median_ms"], first / result["median_ms"]))
        first, warm, ratio = (statistics.median(column) for column in zip(*rows))
        print(f"{name:13} {first:15.1f} {warm:13.1f} {ratio:7.3f}", flush=True)


if __name__ == "__main__":
    main()
