# SPDX-License-Identifier: Apache-2.0
"""Small programs that coremltools' converter turns into networks: layers in the combinations that real models have, with
flexible shapes, loops over states and conditions."""
import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import get_new_symbol

from fixture import Suite
from reference import convolve, deconvolve, grid, gru, lstm, pool, resample, suppress

RANDOM = np.random.default_rng(0)


def random(*shape):
    return RANDOM.uniform(-1, 1, shape).round(3).astype(np.float32)


def convert(program, inputs, flexible):
    """`program` takes variables named as `inputs`; of those in `flexible` the first axis has no fixed extent."""
    shapes = [(get_new_symbol(), *v.shape[1:]) if k in flexible else v.shape for k, v in inputs.items()]
    arguments = ", ".join(inputs)
    # The converter takes the names of the inputs from the function's signature.
    scope = {"program": program}
    exec(f"def main({arguments}):\n    return program({arguments})", scope)  # pylint: disable=exec-used
    main = mb.program(input_specs=[mb.TensorSpec(shape=shape) for shape in shapes])(scope["main"])
    types = [ct.TensorType(k, ct.Shape((ct.RangeDim(1, 16, default=v.shape[0]), *v.shape[1:])) if k in flexible
                           else v.shape) for k, v in inputs.items()]
    options = {"inputs": types} if flexible else {}
    return ct.convert(main, source="milinternal", convert_to="neuralnetwork", **options).get_spec()


def add(suite, name, inputs, expected, program, flexible=(), tolerance=1e-5):
    """`expected`: the outputs in the program's order."""
    spec = convert(program, inputs, flexible)
    names = [feature.name for feature in spec.description.output]
    assert len(names) == len(expected), (name, names)
    suite.add_spec(name, spec, inputs, dict(zip(names, expected)), tolerance)


def control(suite):
    x, n = random(2, 3), np.array([3.0], np.float32)

    def grow(a, b):
        return mb.while_loop(
            _cond=lambda a, b: mb.less(x=mb.reduce_sum(x=a, axes=[0, 1], keep_dims=False), y=np.float32(30)),
            _body=lambda a, b: (mb.add(x=a, y=np.float32(2)), mb.add(x=b, y=np.float32(1))), loop_vars=(a, b))

    a, b = x, n
    while a.sum() < 30:
        a, b = a + 2, b + 1
    add(suite, "while_loop", {"a": x, "b": n}, [a, b], grow)

    def choose(a, b):
        return mb.cond(pred=mb.greater(x=mb.squeeze(x=b), y=np.float32(2)),
                       _true_fn=lambda: mb.mul(x=a, y=np.float32(2)), _false_fn=lambda: mb.add(x=a, y=np.float32(1)))

    add(suite, "condition_holds", {"a": x, "b": n}, [x * 2], choose)
    add(suite, "condition_fails", {"a": x, "b": n - 2}, [x + 1], choose)


def shapes(suite):
    x = random(2, 3)

    def chosen(a):
        places = mb.non_zero(x=mb.cast(x=mb.greater(x=a, y=np.float32(0)), dtype="fp32"))
        return mb.gather_nd(x=a, indices=mb.cast(x=places, dtype="int32"))

    add(suite, "values_above_0", {"a": x}, [x[x > 0]], chosen)

    def flattened(a):
        rows = mb.slice_by_index(x=mb.shape(x=a), begin=[0], end=[1])
        return mb.reshape(x=a, shape=mb.concat(values=[mb.mul(x=rows, y=np.int32(3)), np.array([1], np.int32)], axis=0))

    for rows in (2, 5):
        y = random(rows, 3)
        add(suite, f"reshape_by_the_shape_of_{rows}_rows", {"a": y}, [y.reshape(-1, 1)], flattened, ("a",))

    def numbered(a):
        rows = mb.squeeze(x=mb.slice_by_index(x=mb.shape(x=a), begin=[0], end=[1]))
        numbers = mb.range_1d(start=np.int32(0), end=rows, step=np.int32(1))
        return mb.add(x=a, y=mb.expand_dims(x=mb.cast(x=numbers, dtype="fp32"), axes=[1]))

    add(suite, "row_numbers", {"a": x}, [x + np.arange(2)[:, None]], numbered, ("a",))

    def reversed_tail(a):
        return mb.slice_by_index(x=a, begin=[-1, 0], end=[0, 2], stride=[-1, 1])

    y = random(4, 3)
    add(suite, "slice_from_the_end", {"a": y}, [y[:0:-1, :2]], reversed_tail, ("a",))


def recurrence(suite):
    x, zero = random(4, 2, 3), np.zeros((2, 5), np.float32)
    W, R, b = random(20, 3), random(20, 5), random(20)
    ys, h, c = lstm(x, W.reshape(4, 5, 3), R.reshape(4, 5, 5), b.reshape(4, 5), ("SIGMOID", "TANH", "TANH"), zero, zero)
    add(suite, "lstm", {"a": x}, [ys, h, c],
        lambda a: mb.lstm(x=a, initial_h=zero, initial_c=zero, weight_ih=W, weight_hh=R, bias=b, direction="forward",
                          output_sequence=True))
    W, R, b = random(15, 3), random(15, 5), random(15)  # Gates r, o, z.
    turn = [2, 0, 1]  # As the reference has them: z, r, o.
    ys, h = gru(x, W.reshape(3, 5, 3)[turn], R.reshape(3, 5, 5)[turn], b.reshape(3, 5)[turn], "SIGMOID", "TANH", zero)
    add(suite, "gru", {"a": x}, [ys, h],
        lambda a: mb.gru(x=a, initial_h=zero, weight_ih=W, weight_hh=R, bias=b, direction="forward",
                         output_sequence=True))


def pictures(suite):
    x = random(1, 2, 4, 5)
    mode = "STRICT_ALIGN_ENDPOINTS_MODE"
    add(suite, "resize", {"a": x}, [resample(x, grid(mode, 4, 7), grid(mode, 5, 8))],
        lambda a: mb.resize_bilinear(x=a, target_size_height=7, target_size_width=8,
                                     sampling_mode="STRICT_ALIGN_CORNERS"))
    mode = "ALIGN_CORNERS_FALSE"
    add(suite, "upsample", {"a": x}, [resample(x, grid(mode, 4, 8), grid(mode, 5, 10))],
        lambda a: mb.upsample_bilinear(x=a, scale_factor_height=2.0, scale_factor_width=2.0, align_corners=False))
    normal = (x - x.mean((2, 3), keepdims=True)) / np.sqrt(x.var((2, 3), keepdims=True) + 1e-3)
    add(suite, "instance_norm", {"a": x}, [normal], lambda a: mb.instance_norm(x=a, epsilon=np.float32(1e-3)),
        tolerance=3e-5)


def windows(suite):
    x, w = random(1, 2, 3, 3), random(2, 3, 3, 3)  # [C, O, ...]
    add(suite, "deconvolution_with_output_padding", {"a": x},
        [deconvolve(x, w, (2, 2), [(1, 0), (1, 0)], output=[6, 6])],
        lambda a: mb.conv_transpose(x=a, weight=w, strides=[2, 2], pad_type="custom", pad=[1, 1, 1, 1],
                                    output_shape=[1, 3, 6, 6]))
    x, w = random(1, 4, 2, 3, 2), random(4, 2, 2, 3, 2)
    add(suite, "deconvolution_3d_in_groups", {"a": x}, [deconvolve(x, w, (2, 1, 2), [(0, 0)] * 3, 2)],
        lambda a: mb.conv_transpose(x=a, weight=w, strides=[2, 1, 2], pad_type="valid", groups=2))
    x, w = random(1, 2, 5, 6), random(6, 2, 3, 3)
    add(suite, "convolution_with_computed_weights", {"a": x, "b": w},
        [convolve(x, w * 2, (2, 1), [(1, 1), (0, 0)], (1, 1))],
        lambda a, b: mb.conv(x=a, weight=mb.mul(x=b, y=np.float32(2)), strides=[2, 1], pad_type="custom",
                             pad=[1, 1, 0, 0]))
    for exclude in (False, True):
        add(suite, f"average_pool_{exclude}", {"a": x},
            [pool(x, "AVERAGE", (3, 3), (2, 2), [(1, 1), (0, 1)], exclude)],
            lambda a: mb.avg_pool(x=a, kernel_sizes=[3, 3], strides=[2, 2], pad_type="custom", pad=[1, 1, 0, 1],
                                  exclude_padding_from_average=exclude))


def indexed(suite):
    x = random(2, 4)
    add(suite, "cumulative_sum", {"a": x}, [np.cumsum(x[:, ::-1], axis=1)[:, ::-1]],
        lambda a: mb.cumsum(x=a, axis=1, reverse=True))
    add(suite, "pad_by_reflection", {"a": x[None, None]}, [np.pad(x[None, None], [(0, 0)] * 2 + [(1, 1), (2, 1)], "reflect")],
        lambda a: mb.pad(x=a, pad=[1, 1, 2, 1], mode="reflect"))
    added = x.copy()
    added[1] += x[0]
    add(suite, "scatter", {"a": x, "b": x[:1]}, [added],
        lambda a, b: mb.scatter(data=a, indices=np.array([1], np.int32), updates=b, axis=0, mode="add"))
    add(suite, "one_hot", {"a": np.array([2.0, 0], np.float32)}, [np.eye(3)[[2, 0]]],
        lambda a: mb.one_hot(indices=mb.cast(x=a, dtype="int32"), one_hot_vector_size=3))
    turned = np.stack([x[0][[1, 0, 2, 3]], x[1][::-1]])
    add(suite, "reverse_sequence", {"a": x}, [turned],
        lambda a: mb.reverse_sequence(x=a, lengths=np.array([2, 4], np.int32), seq_axis=1, batch_axis=0))
    boxes = np.concatenate([RANDOM.uniform(0, 6, (1, 9, 2)), RANDOM.uniform(1, 5, (1, 9, 2))], 2).astype(np.float32)
    scores = RANDOM.uniform(0, 1, (1, 9, 2)).astype(np.float32)
    kept = suppress(boxes[0], scores[0], 0.3, 0.2, 9, False)[:3]
    add(suite, "non_maximum_suppression", {"a": boxes, "b": scores}, [boxes[:, kept], scores[:, kept], [kept], [3]],
        lambda a, b: mb.non_maximum_suppression(boxes=a, scores=b, iou_threshold=0.3, score_threshold=0.2, max_boxes=3,
                                                per_class_suppression=False))


def suites():
    suite = Suite("converted")
    windows(suite)
    indexed(suite)
    control(suite)
    shapes(suite)
    recurrence(suite)
    pictures(suite)
    return [suite]
