# SPDX-License-Identifier: Apache-2.0
"""Operations on shapes and along axes, lookups and products."""
import itertools

import numpy as np

from case_maker import case, values


def reductions():
    x = values(2, 3, 4, low=0.2, high=2)
    table = {"reduce_l1_norm": lambda a, k: np.abs(x).sum(**k), "reduce_l2_norm": lambda a, k: np.sqrt((x**2).sum(**k)),
             "reduce_log_sum": lambda a, k: np.log(x.sum(**k)), "reduce_max": lambda a, k: x.max(**k),
             "reduce_log_sum_exp": lambda a, k: np.log(np.exp(x).sum(**k)), "reduce_mean": lambda a, k: x.mean(**k),
             "reduce_min": lambda a, k: x.min(**k), "reduce_prod": lambda a, k: x.prod(**k),
             "reduce_sum": lambda a, k: x.sum(**k), "reduce_sum_square": lambda a, k: (x**2).sum(**k)}
    for op, function in table.items():
        for name, axes, keep in (("one", (1,), False), ("two", (0, -1), True), ("all", None, False)):
            arguments = {"x": "$x", "keep_dims": np.bool_(keep)}
            if axes:
                arguments["axes"] = np.array(axes)
            case(op, {"x": x}, arguments, [function(axes, {"axis": axes, "keepdims": keep})], name=name, tolerance=1e-5)
    x = values(3, 4, 2)
    for op, function in (("reduce_argmax", np.argmax), ("reduce_argmin", np.argmin)):
        case(op, {"x": x}, {"x": "$x", "axis": np.int32(1), "keep_dims": np.bool_(True)},
             [np.expand_dims(function(x, 1), 1)], integers=True, name="kept")
        case(op, {"x": x}, {"x": "$x"}, [function(x, -1)], integers=True)
    for exclusive, reverse in itertools.product((False, True), repeat=2):
        y = np.flip(x, 1) if reverse else x
        y = np.cumsum(y, 1) - (y if exclusive else 0)
        case("cumsum", {"x": x}, {"x": "$x", "axis": np.int32(1), "exclusive": np.bool_(exclusive),
                                  "reverse": np.bool_(reverse)}, [np.flip(y, 1) if reverse else y],
             name=f"{int(exclusive)}{int(reverse)}")
    order = np.argsort(-x, 1, kind="stable")
    case("argsort", {"x": x}, {"x": "$x", "axis": np.int32(1)}, [order], integers=True)
    case("argsort", {"x": x}, {"x": "$x", "axis": np.int32(1), "ascending": np.bool_(True)},
         [np.argsort(x, 1, kind="stable")], integers=True, name="ascending")
    case("topk", {"x": x}, {"x": "$x", "k": np.int32(2), "axis": np.int32(1)},
         [np.take_along_axis(x, order[:, :2], 1), order[:, :2]])
    up = np.argsort(x, 1, kind="stable")
    case("topk", {"x": x}, {"x": "$x", "k": np.int32(-1), "axis": np.int32(1), "ascending": np.bool_(True),
                            "return_indices": np.bool_(False)}, [np.take_along_axis(x, up, 1)], 7)


def rearrangements():
    x, y = values(2, 3, 4), values(2, 1, 4)
    many = lambda *names: tuple(f"${n}" for n in names)
    case("concat", {"x": x, "y": y}, {"values": many("x", "y"), "axis": np.int32(-2)}, [np.concatenate([x, y], 1)])
    z = values(2, 3, 4)
    woven = np.stack([x, z], 2).reshape(2, 6, 4)
    case("concat", {"x": x, "z": z}, {"values": many("x", "z"), "axis": np.int32(1), "interleave": np.bool_(True)},
         [woven], name="interleave")
    case("stack", {"x": x, "z": z}, {"values": many("x", "z"), "axis": np.int32(-1)}, [np.stack([x, z], -1)])
    case("split", {"x": x}, {"x": "$x", "num_splits": np.int32(2), "axis": np.int32(-1)}, np.split(x, 2, -1))
    case("split", {"x": x}, {"x": "$x", "split_sizes": np.array([1, 2]), "axis": np.int32(1)}, [x[:, :1], x[:, 1:]],
         name="sizes")
    case("transpose", {"x": x}, {"x": "$x", "perm": np.array([-1, 0, 1])}, [x.transpose(2, 0, 1)])
    case("tile", {"x": x}, {"x": "$x", "reps": np.array([1, 2, 3])}, [np.tile(x, (1, 2, 3))])
    case("reverse", {"x": x}, {"x": "$x"}, [x[::-1, ::-1, ::-1]])
    case("reverse", {"x": x}, {"x": "$x", "axes": np.array([-1])}, [x[..., ::-1]], name="last")
    sequence, lengths = values(2, 4, 3), np.array([3, 1], np.float32)
    turned = sequence.copy()
    turned[0, :3] = sequence[0, :3][::-1]
    case("reverse_sequence", {"x": sequence}, {"x": "$x", "lengths": lengths.astype(np.int32), "seq_axis": np.int32(1)},
         [turned])
    for mode, kind in (("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge")):
        options = {"constant_values": 0.5} if mode == "constant" else {}
        case("pad", {"x": x}, {"x": "$x", "pad": np.array([2, 0, 1, 3]), "mode": mode, "constant_val": np.float32(0.5)},
             [np.pad(x, [(0, 0), (2, 0), (1, 3)], kind, **options)], name=mode)
    case("band_part", {"x": x}, {"x": "$x", "lower": np.int32(1), "upper": np.int32(0)},
         [np.where((np.subtract.outer(np.arange(3), np.arange(4)) <= 1)
                   & (np.subtract.outer(np.arange(3), np.arange(4)) >= 0), x, 0)])
    case("band_part", {"x": x}, {"x": "$x", "upper": np.int32(1)}, [np.triu(np.ones((3, 4))) * 0 + np.tril(x, 1)],
         name="lower")
    case("sliding_windows", {"x": x}, {"x": "$x", "axis": np.int32(2), "size": np.int32(2), "stride": np.int32(2)},
         [np.stack([x[:, :, 0:2], x[:, :, 2:4]], 2)])


def blocks():
    n, c, h, w, b = 1, 8, 2, 3, 2
    x = values(n, c, h, w)
    case("depth_to_space", {"x": x}, {"x": "$x", "block_size": np.int32(b)},
         [x.reshape(n, b, b, c // 4, h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, c // 4, h * b, w * b)])
    case("pixel_shuffle", {"x": x}, {"x": "$x", "upscale_factor": np.int32(b)},
         [x.reshape(n, c // 4, b, b, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // 4, h * b, w * b)])
    x = values(2, 3, 4, 6)
    apart = x.reshape(2, 3, 2, 2, 3, 2)
    case("space_to_depth", {"x": x}, {"x": "$x", "block_size": np.int32(2)},
         [apart.transpose(0, 3, 5, 1, 2, 4).reshape(2, 12, 2, 3)])
    case("pixel_unshuffle", {"x": x}, {"x": "$x", "downscale_factor": np.int32(2)},
         [apart.transpose(0, 1, 3, 5, 2, 4).reshape(2, 12, 2, 3)], 6)
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (0, 2)])
    y = padded.reshape(2, 3, 3, 2, 4, 2).transpose(3, 5, 0, 1, 2, 4).reshape(8, 3, 3, 4)
    case("space_to_batch", {"x": x}, {"x": "$x", "block_shape": np.array([2, 2]),
                                      "paddings": np.array([[1, 1], [0, 2]])}, [y])
    case("batch_to_space", {"x": y}, {"x": "$x", "block_shape": np.array([2, 2]), "crops": np.array([[1, 1], [0, 2]])},
         [x])


def slices():
    x = values(4, 5, 6)
    case("slice_by_index", {"x": x}, {"x": "$x", "begin": np.array([1, -4, 0]), "end": np.array([3, -1, 6]),
                                      "stride": np.array([1, 2, 3])}, [x[1:3, -4:-1:2, 0:6:3]])
    case("slice_by_index", {"x": x},
         {"x": "$x", "begin": np.array([-1, 0, 4]), "end": np.array([0, 0, 0]), "stride": np.array([1, -1, -2]),
          "begin_mask": np.array([False, True, False]), "end_mask": np.array([False, True, True]),
          "squeeze_mask": np.array([True, False, False])}, [x[-1, ::-1, 4::-2]], name="masks")
    case("slice_by_index", {"x": x}, {"x": "$x", "begin": np.array([1, 2, 3]), "end": np.array([0, 0, 0]),
                                      "squeeze_mask": np.array([True, True, True])}, [x[1, 2, 3]], name="scalar")
    case("slice_by_size", {"x": x}, {"x": "$x", "begin": np.array([1, 0, 2]), "size": np.array([2, -1, 3])},
         [x[1:3, :, 2:5]])
    image = values(1, 2, 5, 6)
    case("crop", {"x": image}, {"x": "$x", "crop_height": np.array([1, 2]), "crop_width": np.array([0, 3])},
         [image[:, :, 1:3, :3]])
    update, y = values(2, 5, 3), x.copy()
    y[1:3, :, ::2] = update
    case("slice_update", {"x": x, "u": update}, {"x": "$x", "update": "$u", "begin": np.array([1, 0, 0]),
                                                 "end": np.array([3, 5, 6]), "stride": np.array([1, 1, 2])}, [y], 8)
    row, z = values(6), x.copy()
    z[2, -1] = row
    case("slice_update", {"x": x, "u": row},
         {"x": "$x", "update": "$u", "begin": np.array([2, -1, 0]), "end": np.array([0, 0, 6]),
          "squeeze_mask": np.array([True, True, False])}, [z], 8, "squeezed")


def reshapes():
    x = values(2, 3, 4)
    case("reshape", {"x": x}, {"x": "$x", "shape": np.array([0, -1, 2])}, [x.reshape(2, 6, 2)])
    y = values(2, 50)
    case("reshape", {"x": y}, {"x": "$x", "shape": np.array([1, 0, -1, 0])}, [y.reshape(1, 1, 2, 50)], 7)
    case("reshape_like", {"x": x, "a": values(6, 5), "b": values(7, 2, 2)},
         {"x": "$x", "ref_tensors": ("$a", "$b"), "begins": (np.int32(0), np.int32(-2)),
          "ends": (np.int32(1), np.int32(0)), "end_masks": (np.bool_(False), np.bool_(True))}, [x.reshape(6, 2, 2)], 6)
    thin = values(1, 3, 1, 2)
    case("squeeze", {"x": thin}, {"x": "$x"}, [thin.reshape(3, 2)])
    case("squeeze", {"x": thin}, {"x": "$x", "axes": np.array([-2, 1])}, [thin.reshape(1, 3, 2)], name="named")
    case("expand_dims", {"x": x}, {"x": "$x", "axes": np.array([-1, 1])}, [x.reshape(2, 1, 3, 4, 1)])
    case("flatten2d", {"x": x}, {"x": "$x", "axis": np.int32(2)}, [x.reshape(6, 4)])
    case("shape", {"x": x}, {"x": "$x"}, [np.array([2, 3, 4])], integers=True)
    case("fill", {}, {"shape": np.array([2, 3]), "value": np.float32(1.5)}, [np.full((2, 3), 1.5)])
    case("fill_like", {"x": x}, {"ref_tensor": "$x", "value": np.float32(-1)}, [np.full((2, 3, 4), -1)], 6)
    case("range_1d", {}, {"start": np.float32(1), "end": np.float32(2.5), "step": np.float32(0.5)}, [[1, 1.5, 2]])
    holes = np.array([[0, 1, 0], [2, 0, 3]], np.float32)
    case("non_zero", {"x": holes}, {"x": "$x"}, [np.argwhere(holes)], integers=True)


def lookups():
    x, indices = values(4, 5, 3), np.array([[3, 0], [-1, 2]])
    case("gather", {"x": x}, {"x": "$x", "indices": indices, "axis": np.int32(1)}, [x[:, indices]])
    case("gather", {"x": x}, {"x": "$x", "indices": np.int32(2)}, [x[2]], name="scalar")
    own = np.array([[0, 4], [1, 1], [2, 3], [3, -1]])
    case("gather", {"x": x}, {"x": "$x", "indices": own, "axis": np.int32(1), "batch_dims": np.int32(1)},
         [np.stack([x[i, own[i]] for i in range(4)])], 6, "batches")
    third = np.array([[0, 2], [1, 1], [2, 0], [1, 2]])
    case("gather", {"x": x}, {"x": "$x", "indices": third, "axis": np.int32(2), "batch_dims": np.int32(1)},
         [np.stack([x[i][:, third[i]] for i in range(4)])], 6, "batches_behind")
    along = np.array([[[0, 1, 2]], [[4, 4, 3]], [[2, 0, 0]], [[1, 2, 3]]])
    case("gather_along_axis", {"x": x}, {"x": "$x", "indices": along, "axis": np.int32(1)},
         [np.take_along_axis(x, along, 1)])
    places = np.array([[0, 1], [3, 4], [2, 0]])
    case("gather_nd", {"x": x}, {"x": "$x", "indices": places}, [x[places[:, 0], places[:, 1]]])
    rows = np.array([[[1], [4]], [[0], [2]], [[3], [3]], [[2], [1]]])
    case("gather_nd", {"x": x}, {"x": "$x", "indices": rows, "batch_dims": np.int32(1)},
         [np.stack([x[i, rows[i, :, 0]] for i in range(4)])], 6, "batches")
    case("one_hot", {"i": np.array([1, 0, 2], np.float32)},
         {"indices": "$i", "one_hot_vector_size": np.int32(4), "axis": np.int32(0), "on_value": np.float32(2),
          "off_value": np.float32(-1)}, [np.where(np.eye(4)[[1, 0, 2]].T > 0, 2, -1)])
    case("one_hot", {"i": np.array([1, 0], np.float32)}, {"indices": "$i", "one_hot_vector_size": np.int32(3)},
         [np.eye(3)[[1, 0]]], name="defaults")
    combine = {"update": lambda a, b: b, "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
               "max": np.maximum, "min": np.minimum}
    data, rows = values(4, 3), np.array([2, 0])
    updates = values(2, 3, low=0.5)
    for mode, function in combine.items():
        y = data.copy()
        for i, row in enumerate(rows):
            y[row] = function(y[row], updates[i])
        case("scatter", {"d": data, "u": updates}, {"data": "$d", "indices": rows, "updates": "$u", "mode": mode}, [y],
             name=mode)
        z, columns = data.copy(), np.array([[1, 2, 0], [3, 2, 1]])
        for i, j in np.ndindex(2, 3):
            z[columns[i, j], j] = function(z[columns[i, j], j], updates[i, j])
        case("scatter_along_axis", {"d": data, "u": updates},
             {"data": "$d", "indices": columns, "updates": "$u", "mode": mode}, [z], name=mode)
        w, spots = data.copy(), np.array([[0, 1], [3, 2], [0, 1]])
        for spot, value in zip(spots, updates.ravel()):
            w[tuple(spot)] = function(w[tuple(spot)], value)
        case("scatter_nd", {"d": data, "u": updates.ravel()[:3]},
             {"data": "$d", "indices": spots, "updates": "$u", "mode": mode}, [w], name=mode)
    y = data.copy()
    y[rows] += updates
    case("scatter", {"d": data, "u": updates}, {"data": "$d", "indices": rows, "updates": "$u"}, [y], name="default")


def products():
    x, w, b = values(2, 3, 4), values(5, 4), values(5)
    case("linear", {"x": x}, {"x": "$x", "weight": w, "bias": b}, [x @ w.T + b])
    case("linear", {"x": x}, {"x": "$x", "weight": w}, [x @ w.T], name="plain")
    y = values(2, 4, 5)
    case("matmul", {"x": x, "y": y}, {"x": "$x", "y": "$y"}, [x @ y])
    case("matmul", {"x": x}, {"x": "$x", "y": w, "transpose_y": np.bool_(True)}, [x @ w.T], name="layer")
    case("matmul", {"x": x}, {"x": "$x", "y": w.T.copy()}, [x @ w.T], name="constant")
    z = values(3, 1, 3, 5)
    case("matmul", {"x": x, "y": z}, {"x": "$x", "y": "$y", "transpose_x": np.bool_(True)},
         [np.swapaxes(x, 1, 2) @ z], name="broadcast")
    v = values(4)
    case("matmul", {"x": x, "y": v}, {"x": "$x", "y": "$y"}, [x @ v], name="vector")
    u = values(3)
    case("matmul", {"x": u, "y": x}, {"x": "$x", "y": "$y"}, [u @ x], name="row")
    a, c = values(2, 3, 4, 5), values(2, 5, 4, 6)
    case("einsum", {"a": a, "b": c}, {"values": ("$a", "$b"), "equation": "nchw,nwhu->nchu"},
         [np.einsum("nchw,nwhu->nchu", a, c)])
    a, c = values(3, 4, 5), values(5, 4, 2)
    case("einsum", {"a": a, "b": c}, {"values": ("$a", "$b"), "equation": "chw,whr->chr"},
         [np.einsum("chw,whr->chr", a, c)], name="three")
    q, k, v, mask = values(2, 3, 4), values(2, 5, 4), values(2, 5, 6), values(3, 5)

    def attention(bias):
        s = q @ np.swapaxes(k, 1, 2) / 2 + bias
        e = np.exp(s - s.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True) @ v
    inputs, arguments = {"q": q, "k": k, "v": v}, {"query": "$q", "key": "$k", "value": "$v"}
    case("scaled_dot_product_attention", inputs, arguments, [attention(0)], 8)
    case("scaled_dot_product_attention", inputs, {**arguments, "attn_mask": mask}, [attention(mask)], 8, "mask")
    allowed = np.array([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 1, 0]]) > 0
    case("scaled_dot_product_attention", inputs, {**arguments, "attn_mask": allowed},
         [attention(np.where(allowed, 0, -1e9))], 8, "truth")


def make():
    reductions()
    rearrangements()
    blocks()
    slices()
    reshapes()
    lookups()
    products()
