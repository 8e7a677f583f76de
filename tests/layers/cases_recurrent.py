# SPDX-License-Identifier: Apache-2.0
"""Recurrent layers over sequences, with states going in and out."""
import numpy as np

from fixture import Suite, random
from reference import gru, lstm, simple_rnn

STEPS, BATCH, SIZE, HIDDEN = 3, 2, 4, 3


X = random(0, STEPS, BATCH, SIZE)
H, C = random(1, BATCH, HIDDEN), random(2, BATCH, HIDDEN)


def matrices(seed, gates):
    """W [gate][hidden, input], R [gate][hidden, hidden], b [gate][hidden]."""
    return (random(seed, gates, HIDDEN, SIZE), random(seed + 1, gates, HIDDEN, HIDDEN), random(seed + 2, gates, HIDDEN))


def five(values):
    """[steps, batch, channels] or [batch, channels] as the layers have it."""
    return values.reshape(-1, BATCH, values.shape[-1], 1, 1)


def add(suite, name, states, ys, finals, build, tolerance=1e-5):
    """`ys` are the outputs at the steps that the layer gives; states and finals by name."""
    inputs = {"x": five(X), **{key: five(value) for key, value in states.items()}}
    suite.add(name, inputs, {"y": five(ys), **{key: five(value) for key, value in finals.items()}}, build, rank5=True,
              tolerance=tolerance)


ALL = ("LINEAR", "SIGMOID", "TANH", "RELU", "SCALED_TANH", "SIGMOID_HARD")


def simple(suite):
    W, R, b = (m[0] for m in matrices(10, 1))
    zero = np.zeros((BATCH, HIDDEN))
    for activation in ALL:
        ys, last = simple_rnn(X, W, R, b, activation, H)
        add(suite, "simple_" + activation, {"h": H}, ys, {"h1": last},
            lambda net: net.add_simple_rnn("layer", R, W, b, HIDDEN, SIZE, activation, ["x", "h"], ["y", "h1"], True))
    for reverse in (False, True):
        ys, last = simple_rnn(X, W, R, 0, "TANH", zero, reverse)
        add(suite, f"simple_last_step_{reverse}", {}, last, {},
            lambda net: net.add_simple_rnn("layer", R, W, None, HIDDEN, SIZE, "TANH", ["x"], ["y"], False, reverse))
        add(suite, f"simple_all_steps_{reverse}", {}, ys, {},
            lambda net: net.add_simple_rnn("layer", R, W, None, HIDDEN, SIZE, "TANH", ["x"], ["y"], True, reverse))
    # Pre-activations far outside of [-50, 50] are limited to it.
    ys, last = simple_rnn(X, 100 * W, R, b, "LINEAR", H)
    add(suite, "simple_limited", {"h": H}, ys, {"h1": last},
        lambda net: net.add_simple_rnn("layer", R, 100 * W, b, HIDDEN, SIZE, "LINEAR", ["x", "h"], ["y", "h1"], True))


def gated(suite):
    W, R, b = matrices(20, 3)
    lists = [list(R), list(W), list(b)]
    for inner, outer, reverse in (("SIGMOID", "TANH", False), ("SIGMOID_HARD", "TANH", True), ("SIGMOID", "RELU", False),
                                  ("LINEAR", "SCALED_TANH", True), ("SCALED_TANH", "LINEAR", False)):
        ys, last = gru(X, W, R, b, inner, outer, H, reverse)
        for sequence in (False, True):
            add(suite, f"gru_{inner}_{outer}_{reverse}_{sequence}", {"h": H}, ys if sequence else last, {"h1": last},
                lambda net: net.add_gru("layer", *lists, HIDDEN, SIZE, ["x", "h"], ["y", "h1"], outer, inner, sequence,
                                        reverse))


def long_short(suite):
    W, R, b = matrices(30, 4)
    lists = [list(R), list(W), list(b)]
    names = [["x", "h", "c"], ["y", "h1", "c1"]]
    peephole = random(40, 3, HIDDEN)
    usual = ("SIGMOID", "TANH", "TANH")
    variants = {  # Options of the builder, of the reference, and biases.
        "plain": ({}, {}, b), "reverse": ({"reverse_input": True}, {"reverse": True}, b),
        "peephole": ({"peep": list(peephole)}, {"peephole": peephole}, b),
        "coupled": ({"coupled_input_forget_gate": True}, {"coupled": True}, b),
        "forget_bias": ({"forget_bias": True}, {}, b + np.array([0, 1, 0, 0]).reshape(4, 1)),
        "clipped": ({"cell_clip_threshold": 0.3}, {"clip": 0.3}, b)}
    for name, (built, expected, biases) in variants.items():
        ys, h, c = lstm(X, W, R, biases, usual, H, C, **expected)
        for sequence in (False, True):
            add(suite, f"lstm_{name}_{sequence}", {"h": H, "c": C}, ys if sequence else h, {"h1": h, "c1": c},
                lambda net: net.add_unilstm("layer", *lists, HIDDEN, SIZE, *names, output_all=sequence, **built))
    add_options_together(suite, W, R, b, lists, names, peephole)
    functions = ("SIGMOID_HARD", "RELU", "SCALED_TANH")
    ys, h, c = lstm(X, W, R, b, functions, H, C)
    add(suite, "lstm_other_functions", {"h": H, "c": C}, ys, {"h1": h, "c1": c},
        lambda net: net.add_unilstm("layer", *lists, HIDDEN, SIZE, *names, *functions, output_all=True))
    zero = np.zeros((BATCH, HIDDEN))
    ys, h, _ = lstm(X, W, R, np.zeros((4, 1)), usual, zero, zero)
    add(suite, "lstm_without_states_and_biases", {}, ys, {},
        lambda net: net.add_unilstm("layer", list(R), list(W), None, HIDDEN, SIZE, ["x"], ["y"], output_all=True))


def add_options_together(suite, W, R, b, lists, names, peephole):
    """Options that are rarely met in one layer."""
    usual = ("SIGMOID", "TANH", "TANH")
    mixed = ("SIGMOID_HARD", "SCALED_TANH", "LINEAR")
    built = {"peep": list(peephole), "coupled_input_forget_gate": True, "cell_clip_threshold": 0.4, "reverse_input": True}
    expected = {"peephole": peephole, "coupled": True, "clip": 0.4, "reverse": True}
    for name, functions in (("usual", usual), ("mixed", mixed)):
        ys, h, c = lstm(X, W, R, b, functions, H, C, **expected)
        for sequence in (False, True):
            add(suite, f"lstm_all_options_{name}_{sequence}", {"h": H, "c": C}, ys if sequence else h,
                {"h1": h, "c1": c},
                lambda net: net.add_unilstm("layer", *lists, HIDDEN, SIZE, *names, *functions, output_all=sequence, **built))
    # The bias of the forget gate is 1 more, also where there are no biases.
    one = np.array([0, 1.0, 0, 0]).reshape(4, 1)
    for kind, biases, given in (("with", b + one, lists[2]), ("without", np.zeros((4, HIDDEN)) + one, None)):
        ys, h, c = lstm(X, W, R, biases, usual, H, C, peephole, reverse=True)
        add(suite, f"lstm_forget_bias_{kind}_biases_reversed", {"h": H, "c": C}, ys, {"h1": h, "c1": c},
            lambda net: net.add_unilstm("layer", lists[0], lists[1], given, HIDDEN, SIZE, *names, peep=list(peephole),
                                        forget_bias=True, output_all=True, reverse_input=True))


def both_directions(suite):
    W, R, b = matrices(50, 4)
    U, S, d = matrices(60, 4)
    usual = ("SIGMOID", "TANH", "TANH")
    peep, peep_back = random(70, 3, HIDDEN), random(71, 3, HIDDEN)
    names = [["x", "h", "c", "hb", "cb"], ["y", "h1", "c1", "hb1", "cb1"]]
    hb, cb = random(72, BATCH, HIDDEN), random(73, BATCH, HIDDEN)
    for peepholes in (False, True):
        forward = lstm(X, W, R, b, usual, H, C, peep if peepholes else None)
        backward = lstm(X, U, S, d, usual, hb, cb, peep_back if peepholes else None, reverse=True)
        finals = {"h1": forward[1], "c1": forward[2], "hb1": backward[1], "cb1": backward[2]}
        extra = {"peep": list(peep), "peep_back": list(peep_back)} if peepholes else {}
        for sequence in (False, True):
            # Both directions' steps come in the order of the input.
            ys = (np.concatenate([forward[0], backward[0][::-1]], axis=-1) if sequence
                  else np.concatenate([forward[1], backward[1]], axis=-1))
            add(suite, f"bidirectional_{peepholes}_{sequence}", {"h": H, "c": C, "hb": hb, "cb": cb}, ys, finals,
                lambda net: net.add_bidirlstm("layer", list(R), list(W), list(b), list(S), list(U), list(d), HIDDEN, SIZE,
                                              *names, output_all=sequence, **extra))


def both_directions_with_options(suite):
    W, R, b = matrices(80, 4)
    U, S, d = matrices(90, 4)
    functions = ("SIGMOID_HARD", "SCALED_TANH", "RELU")
    names = [["x", "h", "c", "hb", "cb"], ["y", "h1", "c1", "hb1", "cb1"]]
    one = np.array([0, 1.0, 0, 0]).reshape(4, 1)
    options = {"coupled": False, "clip": 0.5}
    for coupled in (False, True):
        options["coupled"] = coupled
        forward = lstm(X, W, R, b + one, functions, H, C, **options)
        backward = lstm(X, U, S, d + one, functions, C, H, reverse=True, **options)
        finals = {"h1": forward[1], "c1": forward[2], "hb1": backward[1], "cb1": backward[2]}
        ys = np.concatenate([forward[0], backward[0][::-1]], axis=-1)
        add(suite, f"bidirectional_options_coupled_{coupled}", {"h": H, "c": C, "hb": C, "cb": H}, ys, finals,
            lambda net: net.add_bidirlstm("layer", list(R), list(W), list(b), list(S), list(U), list(d), HIDDEN, SIZE,
                                          *names, *functions, output_all=True, forget_bias=True,
                                          coupled_input_forget_gate=coupled, cell_clip_threshold=0.5))


def suites():
    suite = Suite("recurrent")
    simple(suite)
    gated(suite)
    long_short(suite)
    both_directions(suite)
    both_directions_with_options(suite)
    return [suite]
