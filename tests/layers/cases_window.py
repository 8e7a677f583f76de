# SPDX-License-Identifier: Apache-2.0
"""Convolution and pooling in two and three dimensions."""
import math

import numpy as np

from fixture import Suite, random
from reference import (complete_output, convolve, deconvolve, pool, same_crops, same_pads)


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


def add_dilated_deconvolutions(suite):
    """The format's comment says that the dilation is ignored; coremltools' converter tests expect it."""
    for kernel, stride, dilation, groups, outputs in (((3, 3), (1, 1), (2, 2), 1, 2), ((2, 3), (2, 1), (1, 3), 2, 4),
                                                      ((3, 2), (2, 3), (2, 2), 4, 4), ((2, 2), (3, 2), (2, 5), 1, 3)):
        x = random(kernel[0], 1, 4, 3, 4)
        weights, bias = random(kernel[1], 4, outputs // groups, *kernel), random(8, outputs)
        name = f"kernel_{kernel}_stride_{stride}_dilation_{dilation}_groups_{groups}"
        suite.add(f"valid_{name}", {"x": x},
                  {"y": deconvolve(x, weights, stride, [(0, 1), (1, 0)], groups, bias, dilation=dilation)},
                  lambda b: add_convolution(b, weights, bias, stride, dilation, groups, is_deconv=True,
                                            padding_bottom=1, padding_left=1))
        output = [3 * stride[0], 4 * stride[1]]
        crops = same_crops((3, 4), kernel, stride, output, False, dilation)
        suite.add(f"same_{name}", {"x": x},
                  {"y": deconvolve(x, weights, stride, crops, groups, bias, output, dilation)},
                  lambda b: add_convolution(b, weights, bias, stride, dilation, groups, is_deconv=True, border_mode="same"))
    x, weights = random(5, 1, 2, 3, 3), random(6, 2, 3, 3, 3)
    suite.add("stated_output_shape_dilated", {"x": x},
              {"y": deconvolve(x, weights, (2, 2), [(1, 0), (1, 0)], output=[8, 8], dilation=(2, 2))},
              lambda b: add_convolution(b, weights, None, (2, 2), (2, 2), 1, is_deconv=True, output_shape=(8, 8),
                                        padding_top=1, padding_bottom=1, padding_left=1, padding_right=1))


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
    add_dilated_deconvolutions(suite)
    x, weights = random(5, 1, 2, 3, 3), random(6, 2, 3, 3, 3)
    suite.add("stated_output_shape", {"x": x},
              {"y": deconvolve(x, weights, (2, 2), [(1, 0), (1, 0)], output=[6, 6])},
              lambda b: add_convolution(b, weights, None, (2, 2), (1, 1), 1, is_deconv=True, output_shape=(6, 6),
                                        padding_top=1, padding_bottom=1, padding_left=1, padding_right=1))
    return suite


def add_pooling(b, kind, kernel, stride, padding, **options):
    b.add_pooling("layer", kernel[0], kernel[1], stride[0], stride[1], kind, padding, "x", "y", **options)


def add_last_pixels(suite):
    """The last pixels included without padding, and with as much of it as there may be."""
    for extents, kernel, stride, padding in (((5, 8), (2, 3), (2, 2), (0, 0)), ((6, 5), (3, 4), (3, 4), (0, 0)),
                                             ((5, 6), (3, 3), (2, 3), (2, 2)), ((3, 3), (3, 2), (1, 1), (2, 1)),
                                             ((7, 4), (3, 4), (3, 3), (1, 0))):
        x = random(extents[0], 1, 2, *extents)
        output = complete_output(extents, kernel, stride, padding)
        for kind, exclude in (("MAX", True), ("AVERAGE", True), ("AVERAGE", False)):
            name = f"{kind}_{exclude}_{extents}_kernel_{kernel}_stride_{stride}_padding_{padding}"
            suite.add("last_pixels_" + name, {"x": x},
                      {"y": pool(x, kind, kernel, stride, [(p, p) for p in padding], exclude, output)},
                      lambda b: add_pooling(b, kind, kernel, stride, "INCLUDE_LAST_PIXEL", exclude_pad_area=exclude,
                                            padding_top=padding[0], padding_bottom=padding[0], padding_left=padding[1],
                                            padding_right=padding[1]))


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
    add_last_pixels(suite)
    five = random(4, 2, 1, 2, 5, 4)
    for kind in ("MAX", "AVERAGE", "L2"):
        pads = [(1, 0), (0, 1)]
        expected = pool(five[:, 0], kind, (2, 3), (2, 1), pads, True)[:, None]
        suite.add(f"of_rank_5_{kind}", {"x": five}, {"y": expected},
                  lambda b: add_pooling(b, kind, (2, 3), (2, 1), "VALID", padding_top=1, padding_right=1), rank5=True)
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


def suites():
    return [convolutions(), deconvolutions(), poolings(), volumes()]
