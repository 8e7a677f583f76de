// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd/winograd_plan.h"

#include <algorithm>

#include "engine/kernels/convolution/block_product.h"

namespace nbits {
namespace {

// Transformed weights kept whole: what streams from a third-level cache.
constexpr int64_t kMostWeightBytes = int64_t{6} << 20;
// Transformed tiles of a band: what the process can spare, and a third-level cache holds.
constexpr int64_t kBandBytes = int64_t{8} << 20;
constexpr int64_t kChunkBlocks = 4;
// Tiles that one thread takes through all stages: whole groups of rows of the product. Measured
// times hardly change from 24 to 64.
constexpr int64_t kTilesAtOnce = 36;
constexpr int64_t kLeastTiles = 24;

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

void PlanTilesFirst(WinogradPlan& plan, int threads) {
  // At least two blocks a thread, so that none waits long for the other.
  const int64_t shared = DivideUp(plan.tiles, int64_t{2} * threads);
  plan.band_tiles = plan.unit_tiles = PaddedRows(std::min(kTilesAtOnce, shared));
  plan.chunk_blocks = plan.input_blocks;
}

void PlanWeightsFirst(WinogradPlan& plan, int threads) {
  const int64_t tile_bytes = plan.points() * plan.input_blocks * kChannelBlock * 4;
  const int64_t fitting = std::max(kBandBytes / tile_bytes, kLeastTiles);
  const int64_t bands = DivideUp(plan.tiles, fitting);
  plan.band_tiles = PaddedRows(DivideUp(plan.tiles, bands));
  const int64_t groups = DivideUp(plan.output_blocks, plan.output_group);
  const int64_t parts = std::clamp<int64_t>(DivideUp(threads, groups), 1,
                                            std::max<int64_t>(1, plan.band_tiles / kLeastTiles));
  plan.unit_tiles = PaddedRows(DivideUp(plan.band_tiles, parts));
  plan.chunk_blocks = std::min(plan.input_blocks, kChunkBlocks);
}

// Cycles of one core with AVX-512, estimated from the number of operations and not measured one by
// one: a tile's transform of 16 channels in and out, that of 16 x 16 kernels with their decoding,
// and what one vector of products takes. They only rank F(4) against F(6).
struct Costs {
  double input, output, weights;
};
Costs CostsOf(int64_t outputs) {
  return outputs == 4 ? Costs{100, 100, 3500} : Costs{220, 200, 6000};
}
constexpr double kCyclesPerProduct = 0.55;

double EstimatedCycles(const WinogradPlan& plan) {
  const Costs costs = CostsOf(plan.outputs);
  const double tiles = static_cast<double>(plan.tiles);
  const double in = static_cast<double>(plan.input_blocks);
  const double out = static_cast<double>(plan.output_blocks);
  const double rounds = plan.order == WinogradOrder::kTilesFirst
                            ? 1
                            : static_cast<double>(DivideUp(plan.tiles, plan.band_tiles));
  const double products = static_cast<double>(plan.points()) * tiles * in * out * kChannelBlock;
  return products * kCyclesPerProduct + tiles * (in * costs.input + out * costs.output) +
         rounds * in * out * costs.weights;
}

}  // namespace

int64_t WinogradPlan::weight_stride() const {
  const int64_t kept = order == WinogradOrder::kTilesFirst ? output_blocks : output_group;
  return kept * chunk_blocks * kChannelBlock * kChannelBlock + kChannelBlock;
}

WinogradPlan PlanWinograd(const graph::Convolution& op, int64_t input_channels, int threads,
                          int64_t outputs) {
  WinogradPlan plan{.outputs = outputs};
  plan.input_blocks = ChannelBlocks(input_channels);
  plan.output_blocks = ChannelBlocks(op.output_channels);
  plan.tiles = TileGrid(outputs, op.output, op.window.dilation).count();
  plan.output_group = std::min(plan.output_blocks, OutputBlocksTogether());
  const int64_t weight_bytes =
      plan.points() * plan.input_blocks * plan.output_blocks * kChannelBlock * kChannelBlock * 4;
  if (weight_bytes <= kMostWeightBytes) {
    plan.order = WinogradOrder::kTilesFirst;
    PlanTilesFirst(plan, threads);
  } else {
    plan.order = WinogradOrder::kWeightsFirst;
    PlanWeightsFirst(plan, threads);
  }
  return plan;
}

WinogradPlan PlanWinograd(const graph::Convolution& op, int64_t input_channels, int threads) {
  const WinogradPlan small = PlanWinograd(op, input_channels, threads, 4);
  const WinogradPlan large = PlanWinograd(op, input_channels, threads, 6);
  return EstimatedCycles(large) < EstimatedCycles(small) ? large : small;
}

}  // namespace nbits
