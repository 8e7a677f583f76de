# SPDX-License-Identifier: Apache-2.0
"""How much longer a run takes beside programs that use the processors: nbits and its peers.

For each network: the median of RUNS runs in a row, of one process, alone and beside 2 and 4 processes that
only compute. A round takes every contender in turn at every load; the order of the turns is reversed in
every other round. The table gives each contender's median of the rounds' medians on the idle machine, and,
beside others, every round's median and the worst of them over the idle time.
"""
import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
NETWORKS = ("squeezenet", "small_unet", "mobilenet_v2", "lstm")  # networks.py makes them.
LOADS = (0, 2, 4)
# At most this much longer beside 2 and 4 processes on two processors, and than the better peer.
BOUNDS, PEER_BOUND = {2: 3.0, 4: 4.5}, 1.2
# Ends by itself should this program be killed.
BUSY = "import signal\nsignal.alarm(1800)\nwhile True: pass"


@dataclasses.dataclass
class Contender:
    title: str
    command: list
    ours: bool
    medians: dict = dataclasses.field(default_factory=lambda: {load: [] for load in LOADS})

    def turn(self, load):
        done = subprocess.run(self.command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{self.title}: {done.stderr.strip()[-300:]}")
        times = json.loads(done.stdout[done.stdout.index("{"):])["times_ms"]
        self.medians[load].append(statistics.median(times))
        print(f"  beside {load}: {self.title}: {self.medians[load][-1]:.2f} ms", file=sys.stderr, flush=True)

    def idle(self):
        return statistics.median(self.medians[0])

    def worst(self, load):
        return max(self.medians[load])

    def ratio(self, load):
        return self.worst(load) / self.idle()


@contextlib.contextmanager
def busy(count):
    processes = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def contenders(name, arguments):
    model = arguments.folder / f"{name}.mlmodel"
    for program in arguments.nbits:
        title, _, path = program.rpartition("=")
        command = [path, "bench", model, "--runs", str(arguments.runs), "--json"]
        if arguments.threads:
            command += ["--threads", str(arguments.threads)]
        yield Contender(title or "nbits", command, True)
    if arguments.no_peers:
        return
    for title, engine in (("ONNX Runtime", "onnxruntime"), ("OpenVINO", "openvino")):
        for label, threads in (("", 0), (f", {os.cpu_count()} threads", os.cpu_count())):
            yield Contender(title + label, [arguments.python, HERE / "peer.py", engine, model.with_suffix(".onnx"),
                                            str(arguments.runs), str(threads)], False)


def measure(name, arguments):
    rows = list(contenders(name, arguments))
    for index in range(arguments.rounds):
        print(f"{name}, round {index + 1} of {arguments.rounds}", file=sys.stderr, flush=True)
        for load in LOADS:
            with busy(load):
                for row in rows if index % 2 == 0 else reversed(rows):
                    row.turn(load)
    return rows


def table(name, rows):
    lines = [f"**{name}**", "",
             "| | alone, ms | beside 2, ms | worst / alone | beside 4, ms | worst / alone |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = [row.title, f"{row.idle():.2f}"]
        for load in LOADS[1:]:
            cells += [" / ".join(f"{median:.1f}" for median in row.medians[load]), f"{row.ratio(load):.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def misses(name, rows):
    """What of nbits is out of bounds, a line each."""
    peers = [row for row in rows if not row.ours]
    for row in (row for row in rows if row.ours):
        for load, bound in BOUNDS.items():
            if row.ratio(load) > bound:
                yield f"{row.title}, {name}: {row.ratio(load):.1f} x its idle time beside {load} (bound {bound:g})"
            best = min((peer.worst(load) for peer in peers), default=float("inf"))
            if row.worst(load) > PEER_BOUND * best:
                yield (f"{row.title}, {name}: {row.worst(load):.1f} ms beside {load}, the better peer "
                       f"{best:.1f} ms (bound {PEER_BOUND:g} x)")


def parse():
    parser = argparse.ArgumentParser(prog="bench/busy/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nbits", action="append", metavar="[NAME=]PROGRAM",
                        help="the program, or several to compare (default: build/release/nbits)")
    parser.add_argument("--threads", type=int, help="nbits' threads (default: its own default)")
    parser.add_argument("--only", action="append", choices=NETWORKS, help="a network; may be repeated")
    parser.add_argument("--no-peers", action="store_true", help="nbits alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--models", metavar="FOLDER",
                        help="holds SqueezeNetFP16.mlmodel and small_unet.mlmodel, to be taken in place of made ones")
    parser.add_argument("--python", help=argparse.SUPPRESS)  # One that has the peers.
    arguments = parser.parse_args()
    arguments.nbits = arguments.nbits or ["build/release/nbits"]
    arguments.folder = pathlib.Path("build/busy") / ("given" if arguments.models else "made")
    return arguments


def make_networks(arguments):
    if (arguments.folder / "lstm.onnx").exists():
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    program = [arguments.python, HERE / "networks.py", arguments.folder, *filter(None, [arguments.models])]
    done = subprocess.run(program, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)


def main():
    arguments = parse()
    make_networks(arguments)
    print(f"{os.cpu_count()} processors; {arguments.rounds} rounds of {arguments.runs} runs.\n", flush=True)
    missed = []
    for name in arguments.only or NETWORKS:
        rows = measure(name, arguments)
        print(table(name, rows), flush=True)
        missed += misses(name, rows)
    print("\n".join(missed) or "nbits keeps every bound.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
