// SPDX-License-Identifier: Apache-2.0
// The three transforms of Winograd's convolution F(m x m, 3 x 3), m = 4 or 6, on blocks of 16
// channels. A tile of (m + 2) x (m + 2) input pixels gives m x m output pixels by (m + 2)^2
// products
// ("points") instead of 9 m^2: 4 (5.06) times fewer.
//
// Largest error against the direct sum in Float32, on normally distributed values and weights, as a
// share of the output's largest magnitude: 2.1e-6 at 19 input channels to 1.3e-5 at 512 (m = 4),
// 5.0e-6 at 16 to 1.3e-5 at 256 (m = 6). tests/engine/winograd_test.cc allows 2e-5.
#ifndef NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_TRANSFORM_H_
#define NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_TRANSFORM_H_

#include <cstdint>

#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/convolution/input_patch.h"
#include "graph/ops.h"

namespace nbits {

constexpr int64_t WinogradPoints(int64_t outputs) { return (outputs + 2) * (outputs + 2); }

// `tiles` tiles side by side, `outputs` (m) pixels apart:
// to[point * point_stride + tile * 16 + channel].
void TransformInput(int64_t outputs, const PatchView& patch, int64_t tiles, float* to,
                    int64_t point_stride);

// Kernels [channels][3 x 3][16 output channels], each output channel times its `scale`:
// to[point * point_stride + channel * 16 + output channel].
void TransformWeights(int64_t outputs, const float* kernels, const float* scale, int64_t channels,
                      float* to, int64_t point_stride);

// Tiles side by side whose first output pixel is (y, x); pixels of a tile stand `step` apart (the
// dilation).
struct OutputTiles {
  int64_t y = 0, x = 0, tiles = 0;
  graph::Pair step = {1, 1};
};
// Sums from[point * point_stride + tile * 16 + output channel] of one block of output channels, to
// the pixels that the output has.
void TransformOutput(int64_t outputs, const float* from, int64_t point_stride,
                     const OutputTiles& tiles, const BlockedOutput& output, int64_t block);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_TRANSFORM_H_
