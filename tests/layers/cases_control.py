# SPDX-License-Identifier: Apache-2.0
"""Branches and loops."""
import numpy as np
from coremltools.models.neural_network import NeuralNetworkBuilder

from fixture import Suite


def nested(network):
    return NeuralNetworkBuilder(nn_spec=network, disable_rank5_shape_mapping=True)


def add_step(builder, blob, amount):
    """blob += amount"""
    builder.add_activation("step_" + blob, "LINEAR", blob, blob + "_next", [1, amount])
    builder.add_copy("copy_" + blob, blob + "_next", blob)


def branches(suite):
    def build(b):
        layer = b.add_branch("branch", "if")
        nested(layer.branch.ifBranch).add_activation("then", "LINEAR", "x", "y", [2, 0])
        nested(layer.branch.elseBranch).add_activation("else", "LINEAR", "x", "y", [1, 10])

    x = np.array([1.0, -2.0])
    for condition in (1.0, 0.0, 1e-7):
        expected = x * 2 if abs(condition) > 1e-6 else x + 10
        for constant in ((), ("if",)):
            suite.add(f"branch_{condition}_{len(constant)}", {"x": x, "if": np.array([condition])}, {"y": expected}, build,
                      constants=constant)


def loops(suite):
    def count(b, **options):
        b.add_copy("start", "x", "y")
        return b.add_loop("loop", **options)

    def fixed(b):
        add_step(nested(count(b, max_iterations=4).loop.bodyNetwork), "y", 1.5)

    def counted(b):
        add_step(nested(count(b, input_name="n").loop.bodyNetwork), "y", 1.5)

    def conditional(b, limit=None):
        layer = count(b, condition="go", max_iterations=limit)
        nested(layer.loop.conditionNetwork).add_less_than("test", ["y"], "go", alpha=10)
        add_step(nested(layer.loop.bodyNetwork), "y", 4)

    def leaving(b):
        b.add_load_constant_nd("zero", "i", np.zeros(1), (1,))
        body = nested(count(b, max_iterations=10).loop.bodyNetwork)
        add_step(body, "i", 1)
        body.add_equal("is3", ["i"], "is3", alpha=3)
        nested(body.add_branch("skip", "is3").branch.ifBranch).add_loop_continue("continue")
        body.add_greater_than("over", ["i"], "over", alpha=5)
        nested(body.add_branch("stop", "over").branch.ifBranch).add_loop_break("break")
        body.add_add_broadcastable("sum", ["y", "i"], "sum")
        body.add_copy("keep", "sum", "y")

    x = np.array([1.0])
    suite.add("loop_of_4", {"x": x}, {"y": [7]}, fixed)
    for constant in ((), ("n",)):
        suite.add(f"loop_of_n_{len(constant)}", {"x": x, "n": np.array([2.0])}, {"y": [4]}, counted, constants=constant)
    suite.add("loop_while", {"x": x}, {"y": [13]}, conditional)
    suite.add("loop_while_at_most_2", {"x": x}, {"y": [9]}, lambda b: conditional(b, 2))
    suite.add("loop_with_break_and_continue", {"x": x}, {"y": [1 + 1 + 2 + 4 + 5], "i": [6]}, leaving)


def suites():
    suite = Suite("control")
    branches(suite)
    loops(suite)
    return [suite]
