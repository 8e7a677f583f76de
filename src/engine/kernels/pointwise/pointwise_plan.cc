// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pointwise/pointwise_plan.h"

#include <algorithm>

#include "engine/format.h"
#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/pointwise/strassen.h"

namespace nbits {
namespace {

// Decoded weights of a chunk, in Float32: they stay in a shared cache while all pixels pass by.
constexpr int64_t kMostChunkBytes = int64_t{8} << 20;
// Input of a tile: it stays in a core's second-level cache (512 KB and more) while the weights pass
// by.
constexpr int64_t kMostTileBytes = int64_t{384} << 10;
// Above, the sums of a tile would not stay in the first-level cache.
constexpr int64_t kMostTilePixels = 144;
// Below, reading the weights costs more than multiplying them.
constexpr int64_t kLeastTilePixels = 24;

// Blocks of input and output channels from which on a saved product in eight is worth the sums that
// it takes. On a Zen 5 core pair 128 -> 128 channels gained 9 %, 256 -> 256 8 %, 728 -> 728 5 % and
// 1536 -> 2048 6 % (layers of DeepLabV3+ Xception by nbits run --profile).
constexpr int64_t kStrassenBlocks = 8;
// Pixels that are worth the sums of the weights; not measured below 33 x 33.
constexpr int64_t kStrassenPixels = 512;

// Pixels of a worker that are worth decoding all weights for, where its core is far from the
// others. Of 33 x 33 pixels two workers gain 7 %; fewer were not measured.
constexpr int64_t kOwnWeightsPixels = 400;
constexpr int64_t kMostOwnBytes = 2 * kMostChunkBytes;  // Of all workers' decoded weights.

int64_t RoundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

bool IsWorthStrassen(const PointwisePlan& plan, int64_t pixels) {
  const bool is_even = plan.input_blocks % 2 == 0 && plan.output_blocks % 2 == 0;
  return is_even && std::min(plan.input_blocks, plan.output_blocks) >= kStrassenBlocks &&
         pixels >= kStrassenPixels;
}

}  // namespace

PointwisePlan PlanPointwise(int64_t input_channels, int64_t output_channels, int64_t pixels,
                            int workers) {
  PointwisePlan plan;
  plan.input_blocks = ChannelBlocks(input_channels);
  plan.output_blocks = ChannelBlocks(output_channels);
  plan.strassen = IsWorthStrassen(plan, pixels);
  int64_t block_bytes = plan.input_blocks * kChannelBlock * kChannelBlock * 4;
  if (plan.strassen) block_bytes = block_bytes * kStrassenWeights / 4;  // Of quarters.
  // The product takes output blocks in pairs.
  const int64_t fitting = std::max<int64_t>(2, kMostChunkBytes / block_bytes / 2 * 2);
  const int64_t chunks = (plan.output_blocks + fitting - 1) / fitting;
  plan.chunk_blocks =
      std::min(plan.output_blocks, RoundUp((plan.output_blocks + chunks - 1) / chunks, 2));
  plan.may_own_weights = workers > 1 && pixels / workers >= kOwnWeightsPixels &&
                         workers * plan.chunk_blocks * block_bytes <= kMostOwnBytes;
  const int64_t most = std::clamp(kMostTileBytes / (plan.input_blocks * kChannelBlock * 4),
                                  kLeastTilePixels, kMostTilePixels);
  plan.tile_step = (plan.strassen ? 2 : 1) * kProductRowMultiple;
  const int64_t steps = (pixels + plan.tile_step - 1) / plan.tile_step;
  const int64_t most_steps = most / plan.tile_step;
  // As many tiles for each worker.
  plan.tiles = RoundUp((steps + most_steps - 1) / most_steps, workers);
  plan.tiles = std::min(plan.tiles, std::max<int64_t>(1, pixels / kLeastTilePixels));
  plan.tile_pixels = (steps + plan.tiles - 1) / plan.tiles * plan.tile_step;
  return plan;
}

}  // namespace nbits
