# SPDX-License-Identifier: Apache-2.0
"""Up-sampling, resizing, and boxes cut out and resized."""
import numpy as np

from fixture import Suite, random
from reference import grid, resample


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
    for mode in ("ALIGN_CORNERS_TRUE", "ALIGN_CORNERS_FALSE"):
        for factors, out in (((1.66, 2.32), (4, 9)), ((2.98, 1.0), (8, 4))):
            suite.add(f"upsample_fractional_{mode}_{factors}", {"x": x},
                      {"y": resample(x, grid(mode, 3, out[0]), grid(mode, 4, out[1]))},
                      lambda b: b.add_upsample("layer", *factors, "x", "y", "BILINEAR", mode))
    five = random(6, 2, 1, 2, 2, 3)
    suite.add("upsample_of_rank_5", {"x": five}, {"y": five.repeat(3, axis=3).repeat(2, axis=4)},
              lambda b: b.add_upsample("layer", 3, 2, "x", "y", "NN"), rank5=True)
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
    for mode in MODES:
        for name in ("CORNERS_WIDTH_FIRST", "CENTER_SIZE_HEIGHT_FIRST"):
            values = height_first[name] / np.array([6, 5, 6, 5] if "WIDTH" in name else [5, 6, 5, 6])
            suite.add(f"crop_resize_normalized_{mode}_{name}", {"x": x, "b": values.reshape(3, 1, 4, 1, 1)},
                      {"y": expected(1, mode, (3, 2))},
                      lambda b: b.add_crop_resize("layer", ["x", "b"], "y", 3, 2, mode, True, name))
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


def suites():
    return [resampling()]
