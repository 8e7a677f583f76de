# SPDX-License-Identifier: Apache-2.0
"""Collects cases of ML Program operations: arguments, and the outputs that NumPy computes."""
import json

import numpy as np

rng = np.random.default_rng(16)
cases = []


def values(*shape, low=-2.0, high=2.0):
    """Random values with few digits, so that files stay short."""
    return np.round(rng.uniform(low, high, shape), 2).astype(np.float32)


def tensor(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "values": [float(f"{v:.7g}") for v in array.ravel()]}


def argument(value):
    """A text, a bool, whole numbers or floats, as the file has them; "$name" is an input."""
    if isinstance(value, str):
        return {"input": value[1:]} if value.startswith("$") else {"text": value}
    if isinstance(value, tuple):  # Several bindings.
        return {"many": [argument(v) for v in value]}
    array = np.asarray(value)
    kind = {"b": "bools", "i": "ints", "u": "ints", "f": "floats"}[array.dtype.kind]
    return {"kind": kind, **tensor(array)}


def case(op, inputs, arguments, outputs, opset=5, name="", integers=False, tolerance=1e-5):
    """`inputs`: arrays by name; `outputs`: arrays in the operation's order."""
    cases.append({
        "op": op, "opset": opset, "name": f"{op}{'_' if name else ''}{name}_{opset}",
        "inputs": {k: tensor(v) for k, v in inputs.items()},
        "arguments": {k: argument(v) for k, v in arguments.items()},
        "outputs": [tensor(v) for v in outputs],
        "integers": integers, "tolerance": tolerance})


def write(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    cases.clear()
