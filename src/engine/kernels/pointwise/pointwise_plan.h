// SPDX-License-Identifier: Apache-2.0
// How a pointwise convolution is cut into pieces that stay in the caches.
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_PLAN_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_PLAN_H_

#include <algorithm>
#include <cstdint>

namespace nbits {

// Blocks are of 16 channels.
struct PointwisePlan {
  int64_t input_blocks = 1, output_blocks = 1;
  int64_t chunk_blocks = 1;  // Output blocks whose weights are decoded at once.
  // Pixels that all output blocks of a chunk are computed of: tiles of this many at most, which
  // begin at multiples of the step.
  int64_t tiles = 1, tile_pixels = 1, tile_step = 1;
  bool strassen = false;  // Seven products of halves instead of eight: see strassen.h.
  // Whether every worker has room to decode a chunk for itself, instead of a part of it for all.
  bool may_own_weights = false;

  int64_t chunks() const { return (output_blocks + chunk_blocks - 1) / chunk_blocks; }
  // Where tile `index` of an image of `pixels` begins; that of the one after the last is its end.
  // Sizes differ by a step at most, so that neighbours share pixels out evenly.
  int64_t TileBegin(int64_t index, int64_t pixels) const {
    const int64_t steps = (pixels + tile_step - 1) / tile_step;
    return std::min(pixels, steps * index / tiles * tile_step);
  }
};

// For `pixels` output pixels of a batch entry, shared by `workers` threads.
PointwisePlan PlanPointwise(int64_t input_channels, int64_t output_channels, int64_t pixels,
                            int workers);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_PLAN_H_
