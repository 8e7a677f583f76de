# SPDX-License-Identifier: Apache-2.0
"""Layers that move values without changing them, and those that make them from nothing."""
import math

import numpy as np

from fixture import Suite
from reference import indices

X = np.arange(1.0, 25).reshape(2, 3, 4)


def dynamic(suite, name, inputs, expected, build, shapes):
    """The case twice: with `shapes` as inputs of the network, which then has no fixed shapes, and as constants."""
    suite.add(name + "_at_run_time", inputs, expected, build)
    suite.add(name + "_constant", inputs, expected, build, constants=shapes)


def joins():
    suite = Suite("join")
    a, b = X, X[:, :1] * 10
    suite.add("concat_nd", {"a": a, "b": b}, {"y": np.concatenate([a, b], axis=1)},
              lambda net: net.add_concat_nd("layer", ["a", "b"], "y", 1))
    suite.add("concat_nd_negative_axis", {"a": a, "b": a[:, :, :1]}, {"y": np.concatenate([a, a[:, :, :1]], axis=2)},
              lambda net: net.add_concat_nd("layer", ["a", "b"], "y", -1))
    # The example of the specification.
    u, v = np.arange(1.0, 7).reshape(3, 2), np.arange(7.0, 13).reshape(3, 2)
    suite.add("concat_nd_interleaved", {"a": u, "b": v},
              {"y": [[1, 2], [7, 8], [3, 4], [9, 10], [5, 6], [11, 12]]},
              lambda net: net.add_concat_nd("layer", ["a", "b"], "y", 0, True))
    three = np.arange(12.0).reshape(3, 2, 2)
    suite.add("concat_channels", {"a": three, "b": three[:1]}, {"y": np.concatenate([three, three[:1]])},
              lambda net: net.add_elementwise("layer", ["a", "b"], "y", "CONCAT"))
    sequence = np.arange(6.0).reshape(2, 1, 3, 1, 1)
    suite.add("concat_sequences", {"a": sequence, "b": sequence + 9}, {"y": np.concatenate([sequence, sequence + 9])},
              lambda net: net.add_elementwise("layer", ["a", "b"], "y", "SEQUENCE_CONCAT"), rank5=True)
    for axis in (0, 1, 3, -1, -2):
        suite.add(f"stack_{axis}", {"a": X, "b": -X}, {"y": np.stack([X, -X], axis=axis)},
                  lambda net: net.add_stack("layer", ["a", "b"], "y", axis))
    suite.add("split_channels", {"x": np.arange(8.0).reshape(4, 2, 1)},
              {"u": np.arange(4.0).reshape(2, 2, 1), "v": np.arange(4.0, 8).reshape(2, 2, 1)},
              lambda net: net.add_split("layer", "x", ["u", "v"]))
    suite.add("split_nd_evenly", {"x": X}, {"u": X[:, :, :2], "v": X[:, :, 2:]},
              lambda net: net.add_split_nd("layer", "x", ["u", "v"], -1, 2))
    suite.add("split_nd_unevenly", {"x": X}, {"u": X[:, :1], "v": X[:, 1:]},
              lambda net: net.add_split_nd("layer", "x", ["u", "v"], 1, split_sizes=[1, 2]))
    # By number: the first parts are larger by one where it does not divide the extent.
    for count in (2, 3, 4, 5):
        parts = np.array_split(np.arange(18.0).reshape(9, 2), count)
        names = [f"part{i}" for i in range(count)]
        suite.add(f"split_nd_9_in_{count}", {"x": np.arange(18.0).reshape(9, 2)}, dict(zip(names, parts)),
                  lambda net: net.add_split_nd("layer", "x", names, -2, count))
    suite.add("sequence_repeat", {"x": sequence}, {"y": np.concatenate([sequence] * 3)},
              lambda net: net.add_sequence_repeat("layer", 3, "x", "y"), rank5=True)
    return suite


FIVE = np.arange(125.0).reshape(5, 5, 5)
SLICES = {  # begin, begin masks, end, end masks, strides, squeeze masks, NumPy's index.
    "example": ([1, 2, 3], [1, 0, 1], [3, -3, 2], [0, 1, 1], [2, 2, 2], [0, 0, 0], np.s_[:3:2, 2::2, ::2]),
    "squeeze_example": ([1, 2, 3], [1, 0, 1], [3, -3, 2], [0, 1, 1], [2, 2, 2], [0, 1, 0], np.s_[:3:2, 2, ::2]),
    "backwards": ([4, -1, 3], [0, 0, 0], [0, 0, 1], [0, 1, 0], [-1, -2, -1], [0, 0, 0], np.s_[4:0:-1, ::-2, 3:1:-1]),
    "beyond_the_ends": ([-9, 1, 0], [0, 0, 0], [9, 99, 5], [0, 0, 0], [1, 1, 3], [0, 0, 0], np.s_[:, 1:, ::3]),
    "one_value": ([1, -1, 0], [0, 0, 0], [2, 5, 1], [0, 0, 0], [1, 1, 1], [1, 1, 1], np.s_[1:2, -1, 0])}


def add_slices(suite):
    for name, (begin, begins, end, ends, strides, squeeze, index) in SLICES.items():
        masks = [[bool(m) for m in mask] for mask in (begins, ends, squeeze)]
        expected = {"y": FIVE[index]}
        suite.add("static_" + name, {"x": FIVE}, expected,
                  lambda b: b.add_slice_static("layer", "x", "y", begin, end, strides, *masks))
        dynamic(suite, "dynamic_begin_" + name, {"x": FIVE, "begin": np.array(begin, float)}, expected,
                lambda b: b.add_slice_dynamic("layer", ["x", "begin"], "y", end, strides, *masks), ["begin"])
        inputs = {"x": FIVE, "begin": begin, "end": end, "strides": strides, "begins": begins, "ends": ends,
                  "squeeze": squeeze}
        inputs = {key: np.array(value, float) for key, value in inputs.items()}
        dynamic(suite, "dynamic_all_" + name, inputs, expected,
                lambda b: b.add_slice_dynamic("layer", list(inputs), "y"), list(inputs)[1:])


def add_slices_of_more_entries(suite):
    """Five entries whatever the rank, as coremltools writes for a begin that is computed."""
    begin, end, strides = [1, 1, 0, 7, -7], [2, 3, 4, 9, 9], [1, 1, 2, 3, -1]
    masks = [[False] * 5, [False, False, True, False, True], [True, False, False, True, False]]
    expected = {"y": X[1, 1:3, ::2]}
    suite.add("static_of_five_entries", {"x": X}, expected,
              lambda b: b.add_slice_static("layer", "x", "y", begin, end, strides, *masks))
    for entries in (3, 5):
        inputs = {"x": X, "begin": np.array(begin[:entries], float), "end": np.array(end[:entries], float)}
        dynamic(suite, f"dynamic_of_{entries}_and_five_entries", inputs, expected,
                lambda b: b.add_slice_dynamic("layer", ["x", "begin", "end"], "y", None, strides, *masks), ["begin", "end"])


def slices():
    suite = Suite("slice")
    add_slices(suite)
    add_slices_of_more_entries(suite)
    for letters, axis in (("channel", 0), ("height", 1), ("width", 2)):
        suite.add("older_" + letters, {"x": FIVE}, {"y": np.take(FIVE, [1, 3], axis=axis)},
                  lambda b: b.add_slice("layer", "x", "y", letters, 1, -1, 2))
    dynamic(suite, "by_size", {"x": X, "begin": np.array([1.0])}, {"y": X[:, 1:3]},
            lambda b: b.add_slice_by_size("layer", ["x", "begin"], "y", 1, 2), ["begin"])
    suite.add("crop", {"x": FIVE}, {"y": FIVE[:, 1:3, 2:4]},
              lambda b: b.add_crop("layer", 2, 1, 1, 2, [0, 0], ["x"], "y"))
    suite.add("crop_like", {"x": FIVE, "like": np.zeros((5, 2, 3))}, {"y": FIVE[:, 3:5, 1:4]},
              lambda b: b.add_crop("layer", 0, 0, 0, 0, [3, 1], ["x", "like"], "y"))
    suite.add("reverse", {"x": X}, {"y": X[::-1, :, ::-1]},
              lambda b: b.add_reverse("layer", "x", "y", [True, False, True]))
    # The examples of the specification.
    suite.add("reverse_sequence_rows", {"x": np.arange(8.0).reshape(2, 4), "n": np.array([3.0, 0])},
              {"y": [[2, 1, 0, 3], [4, 5, 6, 7]]},
              lambda b: b.add_reverse_sequence("layer", ["x", "n"], "y", 0, 1))
    suite.add("reverse_sequence_slices", {"x": np.arange(12.0).reshape(2, 3, 2), "n": np.array([2.0, 3])},
              {"y": [[[2, 3], [0, 1], [4, 5]], [[10, 11], [8, 9], [6, 7]]]},
              lambda b: b.add_reverse_sequence("layer", ["x", "n"], "y", 0, 1))
    for batch, sequence in ((-3, -1), (1, 0), (-1, -2)):
        moved = np.moveaxis(X, (batch, sequence), (0, 1)).copy()
        lengths = np.arange(1.0, moved.shape[0] + 1)
        for row, length in zip(moved, lengths.astype(int)):
            row[:length] = row[:length][::-1].copy()
        suite.add(f"reverse_sequence_axes_{batch}_{sequence}", {"x": X, "n": lengths},
                  {"y": np.moveaxis(moved, (0, 1), (batch, sequence))},
                  lambda b: b.add_reverse_sequence("layer", ["x", "n"], "y", batch, sequence))
    windows = np.stack([np.arange(0.0, 3) + 2 * i for i in range(3)])
    suite.add("sliding_windows", {"x": np.arange(8.0)}, {"y": windows},
              lambda b: b.add_sliding_windows("layer", "x", "y", 0, 3, 2))
    middle = np.stack([X[:, 0:2], X[:, 1:3]], axis=1)
    suite.add("sliding_windows_of_an_inner_axis", {"x": X}, {"y": middle},
              lambda b: b.add_sliding_windows("layer", "x", "y", -2, 2, 1))
    return suite


def add_older_reshapes(suite):
    x = np.arange(24.0).reshape(1, 1, 2, 3, 4)
    for target in ((4, 3, 2), (1, 24, 1), (1, 6, 2, 2)):
        for mode in (0, 1):
            shape = (1, 1, *target[-3:])
            y = x.reshape(shape)
            if mode == 1:  # Channels last in memory, before and after.
                flat = np.moveaxis(x[0, 0], 0, 2).ravel()
                c, h, w = target[-3:]
                y = np.moveaxis(flat.reshape(h, w, c), 2, 0).reshape(shape)
            suite.add(f"reshape_{target}_{mode}", {"x": x}, {"y": y[0, 0]},
                      lambda b: b.add_reshape("layer", "x", "y", target, mode), rank5=True)
    pairs = np.arange(8.0).reshape(2, 1, 4, 1, 1)
    suite.add("reshape_sequence", {"x": pairs}, {"y": pairs.reshape(4, 1, 2, 1, 1)},
              lambda b: b.add_reshape("layer", "x", "y", (4, 2, 1, 1), 0), rank5=True)
    for axes in ((0, 3, 1, 2), (0, 2, 3, 1), (3, 1, 2, 0)):
        places = [0, 2, 3, 4]
        order = [places[axes[0]], 1, *[places[a] for a in axes[1:]]]
        y = np.transpose(x, order)
        suite.add(f"permute_{axes}", {"x": x}, {"y": y[0, 0] if y.shape[:2] == (1, 1) else y},
                  lambda b: b.add_permute("layer", axes, "x", "y"), rank5=True)


def reshapes():
    suite = Suite("reshape")
    add_older_reshapes(suite)
    four = X.reshape(1, 2, 3, 4)
    suite.add("flatten_channel_first", {"x": four}, {"y": four.reshape(1, 24, 1, 1)},
              lambda b: b.add_flatten("layer", 0, "x", "y"))
    suite.add("flatten_channel_last", {"x": four}, {"y": np.moveaxis(four, 1, 3).reshape(1, 24, 1, 1)},
              lambda b: b.add_flatten("layer", 1, "x", "y"))
    suite.add("static", {"x": X}, {"y": X.reshape(4, 6)}, lambda b: b.add_reshape_static("layer", "x", "y", (4, 6)))
    suite.add("static_with_an_open_extent", {"x": X}, {"y": X.reshape(4, 6)},
              lambda b: b.add_reshape_static("layer", "x", "y", (-1, 6)))
    suite.add("like", {"x": X, "z": np.zeros((6, 4))}, {"y": X.reshape(6, 4)},
              lambda b: b.add_reshape_like("layer", ["x", "z"], "y"))
    for target in ((4, 6), (2, -1)):
        dynamic(suite, f"dynamic_{target}", {"x": X, "shape": np.array(target, float)}, {"y": X.reshape(target)},
                lambda b: b.add_reshape_dynamic("layer", ["x", "shape"], "y"), ["shape"])
    # The examples of the specification.
    for shape, target, expected in (((20, 10), (5, -1), (5, 40)), ((20, 10, 5), (0, 2, 25), (20, 2, 25)),
                                    ((10, 3, 5), (25, 0, -1), (25, 3, 2))):
        x = np.arange(math.prod(shape) * 1.0).reshape(shape)
        suite.add(f"rank_preserving_{target}", {"x": x}, {"y": x.reshape(expected)},
                  lambda b: b.add_rank_preserving_reshape("layer", "x", "y", target))
    for shape, axes, expected in (((1, 1, 10, 5), (0, 1), (10, 5)), ((1, 10, 5, 1), (0, 3), (10, 5)),
                                  ((10, 5, 1, 1), (-2, -1), (10, 5)), ((1,), (0,), (1,))):
        x = np.arange(math.prod(shape) * 1.0).reshape(shape)
        suite.add(f"squeeze_{shape}_{axes}", {"x": x}, {"y": x.reshape(expected)},
                  lambda b: b.add_squeeze("layer", "x", "y", axes))
    suite.add("squeeze_all", {"x": X.reshape(1, 2, 1, 12)}, {"y": X.reshape(2, 12)},
              lambda b: b.add_squeeze("layer", "x", "y", squeeze_all=True))
    for axes, expected in (((0, 1), (1, 1, 10, 5)), ((0, 2), (1, 10, 1, 5)), ((-2, -1), (10, 5, 1, 1))):
        x = np.arange(50.0).reshape(10, 5)
        suite.add(f"expand_dims_{axes}", {"x": x}, {"y": x.reshape(expected)},
                  lambda b: b.add_expand_dims("layer", "x", "y", axes))
    for shape, axis, expected in (((3,), -1, (1, 3)), ((3,), 1, (3, 1)), ((4, 3), -1, (4, 3)), ((5, 2), 0, (1, 10)),
                                  ((5, 5, 3), -2, (5, 15)), ((2, 3, 2), -1, (6, 2))):
        x = np.arange(math.prod(shape) * 1.0).reshape(shape)
        suite.add(f"flatten_to_2d_{shape}_{axis}", {"x": x}, {"y": x.reshape(expected)},
                  lambda b: b.add_flatten_to_2d("layer", "x", "y", axis))
    for axes in ((2, 0, 1), (1, 0, 2)):
        suite.add(f"transpose_{axes}", {"x": X}, {"y": np.transpose(X, axes)},
                  lambda b: b.add_transpose("layer", axes, "x", "y"))
    return suite


def add_tiles(suite):
    x = np.arange(16.0).reshape(2, 4, 2)
    for reps in ((1, 2, 6), (2, 1, 1)):
        suite.add(f"tile_{reps}", {"x": x}, {"y": np.tile(x, reps)}, lambda b: b.add_tile("layer", "x", "y", reps))
        dynamic(suite, f"tile_dynamic_{reps}", {"x": x, "reps": np.array(reps, float)}, {"y": np.tile(x, reps)},
                lambda b: b.add_tile("layer", ["x", "reps"], "y"), ["reps"])

    def few(builder):
        builder.add_tile("layer", "x", "y", [1, 1, 6])
        builder.spec.neuralNetwork.layers[-1].tile.reps[:] = [6]

    suite.add("tile_of_the_last_axis", {"x": x}, {"y": np.tile(x, (1, 1, 6))}, few)


def add_paddings(suite):
    x = np.arange(1.0, 13).reshape(1, 3, 4)  # The example of the specification.
    expected = {"constant": np.pad(x, ((0, 0), (2, 0), (2, 0))),
                "reflection": [[[11, 10, 9, 10, 11, 12], [7, 6, 5, 6, 7, 8], [3, 2, 1, 2, 3, 4], [7, 6, 5, 6, 7, 8],
                                [11, 10, 9, 10, 11, 12]]],
                "replication": [[[1, 1, 1, 2, 3, 4], [1, 1, 1, 2, 3, 4], [1, 1, 1, 2, 3, 4], [5, 5, 5, 6, 7, 8],
                                 [9, 9, 9, 10, 11, 12]]]}
    for kind, y in expected.items():
        suite.add("padding_" + kind, {"x": x}, {"y": y},
                  lambda b: b.add_padding("layer", left=2, top=2, input_name="x", output_name="y", padding_type=kind))
    suite.add("padding_constant_value_on_all_sides", {"x": x},
              {"y": np.pad(x, ((0, 0), (1, 2), (3, 4)), constant_values=-1.5)},
              lambda b: b.add_padding("layer", 3, 4, 1, 2, -1.5, "x", "y"))
    suite.add("padding_reflection_at_the_end", {"x": x}, {"y": np.pad(x, ((0, 0), (1, 2), (0, 3)), mode="reflect")},
              lambda b: b.add_padding("layer", 0, 3, 1, 2, 0, "x", "y", "reflection"))
    suite.add("padding_replication_at_the_end", {"x": x}, {"y": np.pad(x, ((0, 0), (1, 2), (0, 3)), mode="edge")},
              lambda b: b.add_padding("layer", 0, 3, 1, 2, 0, "x", "y", "replication"))
    amounts = [1, 0, 0, 2, 3, 1]
    y = np.pad(X, ((1, 0), (0, 2), (3, 1)), constant_values=7)
    suite.add("constant_pad", {"x": X}, {"y": y}, lambda b: b.add_constant_pad("layer", ["x"], "y", 7, False, amounts))
    dynamic(suite, "constant_pad_dynamic", {"x": X, "amounts": np.array(amounts, float)}, {"y": y},
            lambda b: b.add_constant_pad("layer", ["x", "amounts"], "y", 7), ["amounts"])
    suite.add("constant_pad_to_size", {"x": X}, {"y": np.pad(X, ((0, 0), (0, 2), (3, 0)))},
              lambda b: b.add_constant_pad("layer", ["x"], "y", 0, True, [0, 1, 0, 5, 7, 0]))


def add_reorganizing(suite):
    # The examples of the specification.
    x = np.arange(1.0, 17).reshape(8, 1, 2)
    depth = [[[1, 5, 2, 6], [9, 13, 10, 14]], [[3, 7, 4, 8], [11, 15, 12, 16]]]
    shuffle = [[[1, 3, 2, 4], [5, 7, 6, 8]], [[9, 11, 10, 12], [13, 15, 14, 16]]]
    suite.add("depth_to_space", {"x": x}, {"y": depth},
              lambda b: b.add_reorganize_data("layer", "x", "y", "DEPTH_TO_SPACE", 2))
    suite.add("space_to_depth", {"x": np.array(depth, float)}, {"y": x},
              lambda b: b.add_reorganize_data("layer", "x", "y", "SPACE_TO_DEPTH", 2))
    for block in (2, 3):
        for rank in (3, 4, 5):
            lead = (2, 1)[5 - rank:] if rank == 4 else (1, 2)[:rank - 3]
            full = np.arange(math.prod(lead) * block**2 * 2 * 2.0 * 3).reshape(*lead, block**2 * 2, 2, 3)
            split = full.reshape(*lead, block, block, 2, 2, 3)  # Row in the block, column, channel, height, width.
            n = len(lead)
            depth = np.transpose(split, (*range(n), n + 2, n + 3, n, n + 4, n + 1)).reshape(*lead, 2, 2 * block, 3 * block)
            suite.add(f"depth_to_space_{block}_of_rank_{rank}", {"x": full}, {"y": depth},
                      lambda b: b.add_reorganize_data("layer", "x", "y", "DEPTH_TO_SPACE", block))
            suite.add(f"space_to_depth_{block}_of_rank_{rank}", {"x": depth}, {"y": full},
                      lambda b: b.add_reorganize_data("layer", "x", "y", "SPACE_TO_DEPTH", block))
            split = full.reshape(*lead, 2, block, block, 2, 3)  # Channel, row in the block, column, height, width.
            pixels = np.transpose(split, (*range(n), n, n + 3, n + 1, n + 4, n + 2)).reshape(depth.shape)
            suite.add(f"pixel_shuffle_{block}_of_rank_{rank}", {"x": full}, {"y": pixels},
                      lambda b: b.add_reorganize_data("layer", "x", "y", "PIXEL_SHUFFLE", block))
    suite.add("pixel_shuffle", {"x": x}, {"y": shuffle},
              lambda b: b.add_reorganize_data("layer", "x", "y", "PIXEL_SHUFFLE", 2))


def add_bands(suite):
    x = np.arange(1.0, 41).reshape(2, 4, 5)
    for lower, upper in ((1, 0), (-1, 1), (0, -1), (2, 3)):
        y = np.zeros(x.shape)
        for i, m, n in indices(x.shape):
            if (lower < 0 or m - n <= lower) and (upper < 0 or n - m <= upper):
                y[i, m, n] = x[i, m, n]
        suite.add(f"matrix_band_part_{lower}_{upper}", {"x": x}, {"y": y},
                  lambda b: b.add_matrix_band_part("layer", "x", "y", lower, upper))
    for k in (-1, 0, 2):
        suite.add(f"lower_triangular_{k}", {"x": x}, {"y": np.tril(x, k)},
                  lambda b: b.add_lower_triangular("layer", "x", "y", k))
        suite.add(f"upper_triangular_{k}", {"x": x}, {"y": np.triu(x, k)},
                  lambda b: b.add_upper_triangular("layer", "x", "y", k))


def extents():
    suite = Suite("extent")
    add_tiles(suite)
    add_paddings(suite)
    add_reorganizing(suite)
    add_bands(suite)
    return suite


def add_ranges(suite):
    for start, end, step in ((0, 5, 1), (1.5, 4, 0.5), (5, 0, -2)):
        y = np.arange(start, end, step)
        suite.add(f"range_static_{start}_{end}_{step}", {}, {"y": y},
                  lambda b: b.add_range_static("layer", "y", None, end, start, step))
        inputs = {"end": [end], "start": [start], "step": [step]}
        inputs = {key: np.array(value, float) for key, value in inputs.items()}
        for count in (1, 2, 3):
            used = dict(list(inputs.items())[:count])
            dynamic(suite, f"range_dynamic_{start}_{end}_{step}_of_{count}", used, {"y": y},
                    lambda b: b.add_range_dynamic("layer", list(used), "y", start, step), list(used))


def constants():
    suite = Suite("constant")
    suite.add("load_constant", {"x": np.zeros((2, 3, 4))}, {"y": X.reshape(1, 1, 2, 3, 4)},
              lambda b: b.add_load_constant("layer", "y", X, (2, 3, 4)))
    suite.add("load_constant_nd", {"x": X}, {"y": X}, lambda b: b.add_load_constant_nd("layer", "y", X, X.shape))
    suite.add("fill_like", {"x": X}, {"y": np.full(X.shape, 2.5)}, lambda b: b.add_fill_like("layer", "x", "y", 2.5))
    suite.add("fill_static", {}, {"y": np.full((2, 3), -1.0)}, lambda b: b.add_fill_static("layer", "y", (2, 3), -1))
    dynamic(suite, "fill_dynamic", {"shape": np.array([2.0, 3])}, {"y": np.full((2, 3), 4.0)},
            lambda b: b.add_fill_dynamic("layer", "shape", "y", 4), ["shape"])
    add_ranges(suite)
    row = np.array([1.0, 2, 3])
    suite.add("broadcast_to_like", {"x": row, "z": np.zeros((2, 3))}, {"y": np.broadcast_to(row, (2, 3))},
              lambda b: b.add_broadcast_to_like("layer", ["x", "z"], "y"))
    suite.add("broadcast_to_static", {"x": row.reshape(3, 1)}, {"y": np.broadcast_to(row.reshape(3, 1), (2, 3, 4))},
              lambda b: b.add_broadcast_to_static("layer", "x", "y", (2, 3, 4)))
    dynamic(suite, "broadcast_to_dynamic", {"x": row, "shape": np.array([2.0, 3])},
            {"y": np.broadcast_to(row, (2, 3))},
            lambda b: b.add_broadcast_to_dynamic("layer", ["x", "shape"], "y"), ["shape"])
    suite.add("get_shape", {"x": X}, {"y": [2, 3, 4]}, lambda b: b.add_get_shape("layer", "x", "y"))
    return suite


def suites():
    return [joins(), slices(), reshapes(), extents(), constants()]
