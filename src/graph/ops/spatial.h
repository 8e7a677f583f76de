// SPDX-License-Identifier: Apache-2.0
// Resampling and regrouping of images.
#ifndef NBITS_GRAPH_OPS_SPATIAL_H_
#define NBITS_GRAPH_OPS_SPATIAL_H_

#include <array>
#include <cstdint>

#include "graph/ops/common.h"

namespace nbits::graph {

// Output row i samples input row start + i * step, clamped to the input.
struct Resize {
  bool bilinear = false;  // Otherwise the row at floor(start + i * step).
  Pair output = {1, 1};
  std::array<double, 2> start = {0, 0}, step = {1, 1};
};

enum class GridMode : uint8_t {
  kStrictAlignEndpoints,
  kAlignEndpoints,
  kUpsample,
  kRoiAlign,
  kHalfPixel,  // (i + 0.5) * input / output - 0.5
};
// Inputs: image [..., B, C, H, W] and boxes [N, ..., 4 or 5 values]; output [N, B, C, h, w] (rank
// 5).
struct CropResize {
  Pair output = {1, 1};
  bool normalized = false;
  GridMode grid = GridMode::kStrictAlignEndpoints;
  bool center_size = false, width_first = false;
  float spatial_scale = 1;
  bool pads = false;  // Samples outside of the image are `pad_value`; otherwise its nearest.
  float pad_value = 0;
};

// Inputs: image [B, C, H, W] and coordinates [B, h, w, 2], each (x, y); output [B, C, h, w]: the
// image between its pixels, or (not `bilinear`) at the nearest one, halves going to the even one.
struct GridSample {
  enum class Border : uint8_t {
    kConstant,   // `value` outside.
    kEdge,       // The nearest pixel.
    kReflect,    // Mirrored at the centres of the outermost pixels.
    kSymmetric,  // Mirrored at the image's outline.
  };
  // Units of the coordinates: pixels, -1 to 1 or 0 to 1 for the whole image.
  enum class Units : uint8_t { kPixels, kMinusOneToOne, kZeroToOne };
  bool bilinear = true;
  Border border = Border::kConstant;
  Units units = Units::kPixels;
  float value = 0;
  // The ends of the units are the centres of the outermost pixels, otherwise the image's outline.
  bool align_corners = true;
};
struct Reorganize {
  enum class Mode : uint8_t {
    kSpaceToDepth,
    kDepthToSpace,
    kPixelShuffle
  } mode = Mode::kSpaceToDepth;
  int64_t block = 1;
};
struct SlidingWindows {
  int axis = 0;
  int64_t size = 1, step = 1;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_SPATIAL_H_
