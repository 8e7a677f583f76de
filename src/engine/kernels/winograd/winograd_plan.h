// SPDX-License-Identifier: Apache-2.0
// How a 3x3 convolution is cut into pieces that stay in the caches.
#ifndef NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_PLAN_H_
#define NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_PLAN_H_

#include <cstdint>

#include "engine/format.h"
#include "engine/kernels/winograd/tile_grid.h"
#include "graph/ops.h"

namespace nbits {

// Either order of work keeps one operand of the products at hand and streams the other:
//   tiles first     all weights are transformed once (few of them, a large image); each thread
//                   takes blocks of tiles through all three stages.
//   weights first   the tiles of a band are transformed once for all threads (many weights, a
//                   small image); each thread takes groups of output channels, whose weights it
//                   transforms a chunk of input channels at a time.
enum class WinogradOrder : uint8_t { kTilesFirst, kWeightsFirst };

struct WinogradPlan {
  int64_t outputs = 4;  // m of F(m x m, 3 x 3).
  WinogradOrder order = WinogradOrder::kTilesFirst;
  int64_t input_blocks = 1, output_blocks = 1;
  int64_t tiles = 1;         // Of one batch entry.
  int64_t band_tiles = 1;    // Transformed at a time: by a thread, or (weights first) by all.
  int64_t unit_tiles = 1;    // Multiplied at a time by a thread.
  int64_t chunk_blocks = 1;  // Input blocks whose weights are transformed at a time.
  int64_t output_group = 1;  // Output blocks multiplied at a time.

  int64_t points() const { return (outputs + 2) * (outputs + 2); }
  // Floats from one point to the next of transformed input, weights and products. A vector is
  // added so that points do not meet in the same set of the first-level cache.
  int64_t input_stride() const { return input_blocks * band_tiles * kChannelBlock + kChannelBlock; }
  int64_t weight_stride() const;
  int64_t product_stride() const {
    return output_group * unit_tiles * kChannelBlock + kChannelBlock;
  }
};

// The plan whose estimated time on `threads` threads is the smaller, of F(4) and F(6), for a
// convolution with `input_channels`.
WinogradPlan PlanWinograd(const graph::Convolution& op, int64_t input_channels, int threads);

// The same for a given m: for tests and measurements.
WinogradPlan PlanWinograd(const graph::Convolution& op, int64_t input_channels, int threads,
                          int64_t outputs);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_PLAN_H_
