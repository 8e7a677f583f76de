"""Convolution, pooling, resampling, padding in two and three dimensions; products."""
import math

import numpy as np

from fixture import Suite
from reference import (complete_output, convolve, deconvolve, grid, pool, resample, same_crops, same_pads)


def random(seed, *shape):
    return np.random.default_rng(seed).uniform(-1, 1, shape).round(3)


def add_convolution(b, weights, bias, stride, dilation, groups, inputs=("x",), **options):
    """`weights` as the specification has them: [O, C / groups, kh, kw], for a deconvolution [C, O / groups, kh, kw]."""
    deconvolution = options.get("is_deconv", False)
    outputs = weights.shape[1] * groups if deconvolution else weights.shape[0]
    channels = weights.shape[0] if deconvolution else weights.shape[1]
    options.setdefault("border_mode", "valid")
    b.add_convolution("layer", kernel_channels=channels, output_channels=outputs, height=weights.shape[2],
                      width=weights.shape[3], stride_height=stride[0], stride_width=stride[1], groups=groups,
                      W=None if len(inputs) > 1 else np.transpose(weights, (2, 3, 0, 1) if deconvolution else (2, 3, 1, 0)),
                      b=bias, has_bias=bias is not None, dilation_factors=list(dilation), input_name=list(inputs),
                      output_name="y", **options)


def convolutions():
    suite = Suite("convolution")
    for height, width, kernel, stride, dilation, groups, outputs in (
            (5, 6, (3, 3), (1, 1), (1, 1), 1, 3), (7, 5, (3, 2), (2, 1), (1, 1), 2, 4), (6, 7, (2, 3), (2, 3), (1, 2), 1, 2),
            (5, 5, (1, 1), (2, 2), (1, 1), 4, 4), (8, 8, (4, 4), (2, 2), (2, 1), 4, 8)):
        x = random(height * 10 + width, 2, 4, height, width)
        weights = random(groups, outputs, 4 // groups, *kernel)
        bias = random(9, outputs)
        name = f"{height}x{width}_kernel_{kernel}_stride_{stride}_dilation_{dilation}_groups_{groups}"
        for heavy in (False, True):
            pads = same_pads((height, width), kernel, stride, dilation, heavy)
            mode = "TOP_LEFT_HEAVY" if heavy else "BOTTOM_RIGHT_HEAVY"
            suite.add(f"same_{mode}_{name}", {"x": x},
                      {"y": convolve(x, weights, stride, pads, dilation, groups, bias)},
                      lambda b: add_convolution(b, weights, bias, stride, dilation, groups, border_mode="same",
                                                same_padding_asymmetry_mode=mode))
        pads = [(0, 1), (2, 0)]
        suite.add(f"valid_{name}", {"x": x}, {"y": convolve(x, weights, stride, pads, dilation, groups)},
                  lambda b: add_convolution(b, weights, None, stride, dilation, groups, padding_bottom=1, padding_left=2))
    five = random(1, 2, 3, 2, 4, 4)
    weights = random(2, 3, 2, 3, 3)
    expected = convolve(five.reshape(6, 2, 4, 4), weights, (1, 1), [(0, 0)] * 2, (1, 1)).reshape(2, 3, 3, 2, 2)
    suite.add("of_rank_5", {"x": five}, {"y": expected},
              lambda b: add_convolution(b, weights, None, (1, 1), (1, 1), 1), rank5=True)
    x = five[0]
    for constant in ((), ("w",)):
        suite.add(f"weights_as_{'constant' if constant else 'input'}", {"x": x, "w": weights},
                  {"y": convolve(x, weights, (1, 1), [(0, 0)] * 2, (1, 1))},
                  lambda b: add_convolution(b, weights, None, (1, 1), (1, 1), 1, ("x", "w")), constants=constant)
    return suite


def deconvolutions():
    suite = Suite("deconvolution")
    for kernel, stride, groups, outputs in (((3, 3), (1, 1), 1, 2), ((3, 2), (2, 1), 2, 4), ((2, 4), (3, 2), 1, 3),
                                            ((4, 4), (2, 2), 4, 4)):
        x = random(kernel[0], 1, 4, 3, 4)
        weights = random(kernel[1], 4, outputs // groups, *kernel)
        bias = random(8, outputs)
        name = f"kernel_{kernel}_stride_{stride}_groups_{groups}"
        output = [3 * stride[0], 4 * stride[1]]
        for heavy in (False, True):
            crops = same_crops((3, 4), kernel, stride, output, heavy)
            mode = "TOP_LEFT_HEAVY" if heavy else "BOTTOM_RIGHT_HEAVY"
            suite.add(f"same_{mode}_{name}", {"x": x},
                      {"y": deconvolve(x, weights, stride, crops, groups, bias, output)},
                      lambda b: add_convolution(b, weights, bias, stride, (1, 1), groups, is_deconv=True,
                                                border_mode="same", same_padding_asymmetry_mode=mode))
        suite.add(f"valid_{name}", {"x": x}, {"y": deconvolve(x, weights, stride, [(1, 0), (0, 1)], groups)},
                  lambda b: add_convolution(b, weights, None, stride, (1, 1), groups, is_deconv=True, padding_top=1,
                                            padding_right=1))
    x, weights = random(5, 1, 2, 3, 3), random(6, 2, 3, 3, 3)
    suite.add("stated_output_shape", {"x": x},
              {"y": deconvolve(x, weights, (2, 2), [(1, 0), (1, 0)], output=[6, 6])},
              lambda b: add_convolution(b, weights, None, (2, 2), (1, 1), 1, is_deconv=True, output_shape=(6, 6),
                                        padding_top=1, padding_bottom=1, padding_left=1, padding_right=1))
    return suite


def add_pooling(b, kind, kernel, stride, padding, **options):
    b.add_pooling("layer", kernel[0], kernel[1], stride[0], stride[1], kind, padding, "x", "y", **options)


def poolings():
    suite = Suite("pooling")
    for height, width, kernel, stride in ((5, 6, (3, 3), (2, 2)), (6, 5, (2, 3), (1, 2)), (7, 7, (3, 3), (3, 1))):
        x = random(height, 1, 2, height, width)
        size = f"{height}x{width}_kernel_{kernel}_stride_{stride}"
        for kind in ("MAX", "AVERAGE", "L2"):
            for exclude in (False, True) if kind == "AVERAGE" else (False,):
                name = f"{kind}_{'excluding' if exclude else 'including'}_{size}"
                for heavy in (False, True):
                    pads = same_pads((height, width), kernel, stride, (1, 1), heavy)
                    mode = "TOP_LEFT_HEAVY" if heavy else "BOTTOM_RIGHT_HEAVY"
                    suite.add(f"same_{mode}_{name}", {"x": x}, {"y": pool(x, kind, kernel, stride, pads, exclude)},
                              lambda b: add_pooling(b, kind, kernel, stride, "SAME", exclude_pad_area=exclude,
                                                    same_padding_asymmetry_mode=mode))
                suite.add(f"valid_{name}", {"x": x},
                          {"y": pool(x, kind, kernel, stride, [(1, 0), (0, 1)], exclude)},
                          lambda b: add_pooling(b, kind, kernel, stride, "VALID", exclude_pad_area=exclude,
                                                padding_top=1, padding_right=1))
                output = complete_output((height, width), kernel, stride, (1, 1))
                suite.add(f"complete_{name}", {"x": x},
                          {"y": pool(x, kind, kernel, stride, [(1, 1), (1, 1)], exclude, output)},
                          lambda b: add_pooling(b, kind, kernel, stride, "INCLUDE_LAST_PIXEL", exclude_pad_area=exclude,
                                                padding_top=1, padding_bottom=1, padding_left=1, padding_right=1))
    x = random(3, 2, 3, 4, 5)
    for kind in ("MAX", "AVERAGE", "L2"):
        suite.add("global_" + kind, {"x": x}, {"y": pool(x, kind, (4, 5), (1, 1), [(0, 0)] * 2)},
                  lambda b: add_pooling(b, kind, (0, 0), (0, 0), "VALID", is_global=True))
    return suite


def add_convolution3d(b, weights, stride, dilation, groups, bias, **options):
    deconvolution = options.get("is_deconv", False)
    outputs = weights.shape[0] * groups if deconvolution else weights.shape[0]
    inputs = weights.shape[1] if deconvolution else weights.shape[1] * groups
    b.add_convolution3d("layer", inputs, outputs, *weights.shape[2:], weights, bias, bias is not None, groups, *stride,
                        dilation_depth=dilation[0], dilation_height=dilation[1], dilation_width=dilation[2],
                        input_name="x", output_name="y", **options)


def volumes():
    suite = Suite("volume")
    x = random(0, 1, 4, 4, 5, 6)
    for kernel, stride, dilation, groups, outputs in (((3, 3, 3), (1, 1, 1), (1, 1, 1), 1, 2),
                                                      ((2, 3, 1), (2, 1, 3), (1, 2, 1), 2, 4)):
        weights, bias = random(1, outputs, 4 // groups, *kernel), random(2, outputs)
        name = f"kernel_{kernel}_stride_{stride}_dilation_{dilation}_groups_{groups}"
        suite.add("convolution_valid_" + name, {"x": x},
                  {"y": convolve(x, weights, stride, [(0, 0)] * 3, dilation, groups, bias)},
                  lambda b: add_convolution3d(b, weights, stride, dilation, groups, bias))
        suite.add("convolution_same_" + name, {"x": x},
                  {"y": convolve(x, weights, stride, same_pads((4, 5, 6), kernel, stride, dilation), dilation, groups)},
                  lambda b: add_convolution3d(b, weights, stride, dilation, groups, None, padding_mode="same"))
        suite.add("convolution_custom_" + name, {"x": x},
                  {"y": convolve(x, weights, stride, [(1, 0), (0, 2), (1, 1)], dilation, groups)},
                  lambda b: add_convolution3d(b, weights, stride, dilation, groups, None, padding_mode="custom",
                                              padding_front=1, padding_bottom=2, padding_left=1, padding_right=1))
    small = random(3, 1, 4, 2, 3, 2)
    weights, stride = random(4, 2, 4, 2, 3, 2), (2, 1, 2)  # [O / groups, C, ...]
    turned = np.zeros((4, 2, 2, 3, 2))  # [C, O / groups, ...]
    for c in range(4):
        turned[c] = weights[:, c]
    suite.add("deconvolution_valid", {"x": small},
              {"y": deconvolve(small, turned, stride, [(0, 0)] * 3, 2, random(5, 4))},
              lambda b: add_convolution3d(b, weights, stride, (1, 1, 1), 2, random(5, 4), is_deconv=True))
    suite.add("deconvolution_custom", {"x": small},
              {"y": deconvolve(small, turned, stride, [(1, 0), (1, 1), (0, 1)], 2)},
              lambda b: add_convolution3d(b, weights, stride, (1, 1, 1), 2, None, is_deconv=True, padding_mode="custom",
                                          padding_front=1, padding_top=1, padding_bottom=1, padding_right=1))
    output = [4, 3, 4]
    suite.add("deconvolution_same", {"x": small},
              {"y": deconvolve(small, turned, stride, same_crops((2, 3, 2), (2, 3, 2), stride, output), 2, None, output)},
              lambda b: add_convolution3d(b, weights, stride, (1, 1, 1), 2, None, is_deconv=True, padding_mode="same"))
    add_volume_pools(suite, x)
    return suite


def add_volume_pools(suite, x):
    kernel, stride = (2, 3, 3), (1, 2, 2)
    for kind in ("MAX", "AVERAGE"):
        for exclude in (False, True):
            def build(b, mode, **padding):
                b.add_pooling3d("layer", "x", "y", kind, *kernel, *stride, padding_mode=mode,
                                average_pooling_count_excludes_padding=exclude, **padding)
            name = f"{kind}_{exclude}"
            suite.add("pool_valid_" + name, {"x": x}, {"y": pool(x, kind, kernel, stride, [(0, 0)] * 3, exclude)},
                      lambda b: build(b, "valid"))
            suite.add("pool_same_" + name, {"x": x},
                      {"y": pool(x, kind, kernel, stride, same_pads((4, 5, 6), kernel, stride, (1, 1, 1)), exclude)},
                      lambda b: build(b, "same"))
            suite.add("pool_custom_" + name, {"x": x},
                      {"y": pool(x, kind, kernel, stride, [(1, 0), (0, 1), (1, 2)], exclude)},
                      lambda b: build(b, "custom", custom_padding_front=1, custom_padding_bottom=1,
                                      custom_padding_left=1, custom_padding_right=2))
        suite.add("pool_global_" + kind, {"x": x}, {"y": pool(x, kind, (4, 5, 6), (1, 1, 1), [(0, 0)] * 3)},
                  lambda b: b.add_global_pooling3d("layer", "x", "y", kind))
    # The example of the specification.
    example = np.arange(1.0, 19).reshape(1, 1, 2, 3, 3)
    suite.add("pool_example", {"x": example}, {"y": np.reshape([14.0, 15, 17, 18], (1, 1, 1, 2, 2))},
              lambda b: b.add_pooling3d("layer", "x", "y", "MAX", 2, 2, 2, 1, 1, 1))


def add_upsampling(suite):
    x = random(1, 1, 2, 3, 4)
    suite.add("upsample_nearest", {"x": x}, {"y": x.repeat(2, axis=2).repeat(3, axis=3)},
              lambda b: b.add_upsample("layer", 2, 3, "x", "y", "NN"))
    for mode in ("DEFAULT", "ALIGN_CORNERS_TRUE", "ALIGN_CORNERS_FALSE"):
        for factors in ((2, 3), (1, 4)):
            out = (3 * factors[0], 4 * factors[1])
            suite.add(f"upsample_{mode}_{factors}", {"x": x},
                      {"y": resample(x, grid(mode, 3, out[0]), grid(mode, 4, out[1]))},
                      lambda b: b.add_upsample("layer", *factors, "x", "y", "BILINEAR", mode))
    suite.add("upsample_fractional", {"x": x},
              {"y": resample(x, grid("ALIGN_CORNERS_FALSE", 3, 4), grid("ALIGN_CORNERS_FALSE", 4, 10))},
              lambda b: b.add_upsample("layer", 1.5, 2.5, "x", "y", "BILINEAR", "ALIGN_CORNERS_FALSE"))
    column = random(2, 1, 1, 1, 3)
    suite.add("upsample_of_one_row", {"x": column},
              {"y": resample(column, grid("DEFAULT", 1, 2), grid("DEFAULT", 3, 6))},
              lambda b: b.add_upsample("layer", 2, 2, "x", "y", "BILINEAR", "DEFAULT"))


MODES = ("STRICT_ALIGN_ENDPOINTS_MODE", "ALIGN_ENDPOINTS_MODE", "UPSAMPLE_MODE", "ROI_ALIGN_MODE")


def add_resizing(suite):
    x = random(3, 1, 2, 4, 5)
    for mode in MODES:
        for out in ((6, 3), (1, 1), (4, 5)):
            suite.add(f"resize_{mode}_{out}", {"x": x}, {"y": resample(x, grid(mode, 4, out[0]), grid(mode, 5, out[1]))},
                      lambda b: b.add_resize_bilinear("layer", "x", "y", *out, mode))


def crop(x, box, out, mode):
    """`box`: first and last row, first and last column."""
    rows = grid(mode, x.shape[-2], out[0], box[0], box[1])
    columns = grid(mode, x.shape[-1], out[1], box[2], box[3])
    return resample(x, rows, columns)


def add_crop_resizing(suite):
    x = random(4, 1, 2, 3, 6, 7)  # Sequence, batch, channels, height, width.
    boxes = np.array([[1.0, 2, 4, 6], [0, 0, 5, 6], [2.5, 1.5, 3.5, 5]])  # Rows and columns, first then last.

    def expected(scale, mode, out=(2, 3)):
        return np.stack([crop(x[0], np.array([y1, y2, x1, x2]) * scale, out, mode) for y1, x1, y2, x2 in boxes])

    height_first = {"CORNERS_HEIGHT_FIRST": boxes,
                    "CENTER_SIZE_HEIGHT_FIRST": np.stack([[(a + c) / 2, (b + d) / 2, c - a, d - b] for a, b, c, d in boxes])}
    for name, values in list(height_first.items()):
        height_first[name.replace("HEIGHT", "WIDTH")] = values[:, [1, 0, 3, 2]]
    for mode in MODES:
        suite.add("crop_resize_" + mode, {"x": x, "b": boxes.reshape(3, 1, 4, 1, 1)}, {"y": expected(1, mode)},
                  lambda b: b.add_crop_resize("layer", ["x", "b"], "y", 2, 3, mode))
    for name, values in height_first.items():
        suite.add("crop_resize_" + name, {"x": x, "b": values.reshape(3, 1, 4, 1, 1)},
                  {"y": expected(0.5, MODES[0])},
                  lambda b: b.add_crop_resize("layer", ["x", "b"], "y", 2, 3, MODES[0], False, name, 0.5))
    normal = boxes / np.array([5, 6, 5, 6])
    suite.add("crop_resize_normalized", {"x": x, "b": normal.reshape(3, 1, 4, 1, 1)}, {"y": expected(1, MODES[0])},
              lambda b: b.add_crop_resize("layer", ["x", "b"], "y", 2, 3, MODES[0], True))
    chosen = np.array([1.0, 0, 1])
    picked = np.stack([crop(x[0, int(i)], [y1, y2, x1, x2], (2, 3), MODES[0])[None]
                       for i, (y1, x1, y2, x2) in zip(chosen, boxes)])
    suite.add("crop_resize_of_a_chosen_image",
              {"x": x, "b": np.column_stack([chosen, boxes]).reshape(3, 1, 5, 1, 1)}, {"y": picked},
              lambda b: b.add_crop_resize("layer", ["x", "b"], "y", 2, 3, MODES[0]))


def resampling():
    suite = Suite("resample")
    add_upsampling(suite)
    add_resizing(suite)
    add_crop_resizing(suite)
    return suite


def add_inner_products(suite):
    for shape, rows in (((6,), 1), ((3, 6), 3), ((2, 3, 6), 6), ((2, 2, 3, 1), 2), ((2, 2, 1, 2, 3), 4)):
        x, weights, bias = random(len(shape), *shape), random(7, 4, 6), random(8, 4)
        flat = np.array([[sum(w * v for w, v in zip(weights[o], row)) + bias[o] for o in range(4)]
                         for row in x.reshape(rows, 6)])
        out = {1: (4,), 2: (3, 4), 3: (2, 3, 4), 4: (2, 4, 1, 1), 5: (2, 2, 4, 1, 1)}[len(shape)]
        suite.add(f"inner_product_of_rank_{len(shape)}", {"x": x}, {"y": flat.reshape(out)},
                  lambda b: b.add_inner_product("layer", weights, bias, 6, 4, True, "x", "y"))
    x, weights = random(1, 2, 6), np.random.default_rng(2).integers(-127, 128, (4, 6)).astype(np.int8)
    suite.add("inner_product_of_8_bits_by_run_time", {"x": x}, {"y": x @ (weights * 0.01).T},
              lambda b: b.add_inner_product("layer", weights.tobytes(), None, 6, 4, False, "x", "y",
                                            int_8_dynamic_quantize=True, is_quantized_weight=True,
                                            quant_scale=np.array([0.01])))


def add_matrix_products(suite):
    for a, b, left, right in (((2, 3), (3, 4), False, False), ((3, 2), (3, 4), True, False), ((2, 3), (4, 3), False, True),
                              ((2, 1, 2, 3), (3, 3, 4), False, False), ((3,), (3, 4), False, False),
                              ((2, 3), (3,), False, False), ((3,), (3,), False, False)):
        u, v = random(1, *a), random(2, *b)
        m = u.reshape(1, -1) if len(a) == 1 else np.swapaxes(u, -1, -2) if left else u
        n = v.reshape(-1, 1) if len(b) == 1 else np.swapaxes(v, -1, -2) if right else v
        suite.add(f"matmul_{a}_{b}_{left}_{right}", {"a": u, "b": v}, {"y": np.matmul(m, n)},
                  lambda net: net.add_batched_mat_mul("layer", ["a", "b"], "y", left, right))
    weights, bias = random(3, 3, 4), random(4, 4)
    for shape in ((3,), (2, 3), (2, 2, 3)):
        x = random(5, *shape)
        suite.add(f"matmul_of_weights_{shape}", {"x": x}, {"y": x @ weights + bias},
                  lambda b: b.add_batched_mat_mul("layer", ["x"], "y", weight_matrix_rows=3, weight_matrix_columns=4,
                                                  W=weights, bias=bias))


def products():
    suite = Suite("product")
    add_inner_products(suite)
    add_matrix_products(suite)
    return suite


def suites():
    return [convolutions(), deconvolutions(), poolings(), volumes(), resampling(), products()]
