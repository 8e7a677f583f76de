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

enum class GridMode : uint8_t { kStrictAlignEndpoints, kAlignEndpoints, kUpsample, kRoiAlign };
// Inputs: image [..., B, C, H, W] and boxes [N, ..., 4 or 5 values]; output [N, B, C, h, w] (rank
// 5).
struct CropResize {
  Pair output = {1, 1};
  bool normalized = false;
  GridMode grid = GridMode::kStrictAlignEndpoints;
  bool center_size = false, width_first = false;
  float spatial_scale = 1;
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
