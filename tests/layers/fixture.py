# SPDX-License-Identifier: Apache-2.0
"""Collects cases: a small model made by coremltools, its inputs, and the outputs that a reference expects."""
import base64
import json

import numpy as np
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder


def layer_kinds(layers):
    """Types of the layers, nested ones included."""
    kinds = set()
    for layer in layers:
        kind = layer.WhichOneof("layer")
        kinds.add(kind)
        nested = []
        if kind == "branch":
            nested = [layer.branch.ifBranch, layer.branch.elseBranch]
        if kind == "loop":
            nested = [layer.loop.conditionNetwork, layer.loop.bodyNetwork]
        for network in nested:
            kinds |= layer_kinds(network.layers)
    return kinds


def random(seed, *shape):
    """Values between -1 and 1 of three digits."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).round(3)


def as_json(array):
    array = np.asarray(array, np.float32)
    # Nine digits give a Float32 back exactly.
    return {"shape": list(array.shape), "values": [float(f"{v:.9g}") for v in array.ravel()]}


class Suite:
    """The cases of one family of layers, written to one file."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def add(self, name, inputs, expected, build, rank5=False, tolerance=1e-5, constants=()):
        """`inputs` and `expected`: arrays by name. `build` adds the layers to a builder. With `rank5` the network
        maps arrays as those of specification version 3: inputs have the axes [sequence, batch, C, H, W]. Inputs
        named in `constants` become constants of the network. `tolerance`: error over 1 + |expected|."""
        fed = {key: value for key, value in inputs.items() if key not in constants}
        if not fed:
            fed["unused"] = np.zeros(1)  # A model has an input.
        builder = self._builder(fed, expected, rank5)
        for key in constants:
            value = np.asarray(inputs[key], np.float64)
            builder.add_load_constant_nd(key, key, value, value.shape)
        build(builder)
        for feature in builder.spec.description.output:
            feature.type.multiArrayType.ClearField("shape")
        self.add_spec(name, builder.spec, fed, expected, tolerance)

    def add_spec(self, name, spec, inputs, expected, tolerance):
        """A whole model."""
        self.cases.append({
            "name": name, "layers": sorted(layer_kinds(spec.neuralNetwork.layers)), "tolerance": tolerance,
            "model": base64.b64encode(spec.SerializeToString()).decode(),
            "inputs": {k: as_json(v) for k, v in inputs.items()},
            "outputs": {k: as_json(v) for k, v in expected.items()}})

    @staticmethod
    def _builder(inputs, outputs, rank5):
        def shape_of(array):
            shape = np.shape(array)
            return shape[2:] if rank5 else shape
        features = [(k, datatypes.Array(*shape_of(v))) for k, v in inputs.items()]
        return NeuralNetworkBuilder(features, [(k, None) for k in outputs], disable_rank5_shape_mapping=not rank5)

    def write(self, folder):
        for case in self.cases:
            for tensor in case["outputs"].values():
                assert np.all(np.isfinite(tensor["values"])), case["name"]
        names = [case["name"] for case in self.cases]
        assert len(names) == len(set(names)), [n for n in names if names.count(n) > 1]
        with open(f"{folder}/{self.name}.json", "w") as file:
            rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in self.cases)
            file.write("[\n" + rows + "\n]\n")
        print(self.name, len(self.cases))
