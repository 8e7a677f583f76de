// SPDX-License-Identifier: Apache-2.0
// Windows over volumes.
#ifndef NBITS_GRAPH_OPS_VOLUME_H_
#define NBITS_GRAPH_OPS_VOLUME_H_

#include <array>
#include <cstdint>
#include <vector>

#include "graph/ops/common.h"

namespace nbits::graph {

// A window along one axis.
struct AxisWindow {
  int64_t kernel = 1, stride = 1, dilation = 1;
  int64_t pad_begin = 0, pad_end = 0;
};
using Volume = std::array<int64_t, 3>;  // Depth, height, width.
using VolumeWindow = std::array<AxisWindow, 3>;

// Input [B, C_in, D, H, W], output [B, C_out, output...]. Weights [C_out, C_in / groups, kd, kh,
// kw]; transposed [C_in, C_out / groups, kd, kh, kw] (the order in which coremltools writes them,
// whatever the schema's comment says), where pad_begin is what is cut from the start of the full
// result.
struct Convolution3d {
  VolumeWindow window;
  Volume output = {1, 1, 1};
  int64_t groups = 1, output_channels = 1;
  bool transposed = false;
  WeightId weight = kNoWeight;
  std::vector<float> bias;  // Empty or output_channels values.
};
struct Pool3d {
  bool maximum = true;  // Otherwise the average.
  VolumeWindow window;  // Dilations are 1.
  Volume output = {1, 1, 1};
  bool exclude_padding = false;  // Average: divide by the input values seen only.
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_VOLUME_H_
