// SPDX-License-Identifier: Apache-2.0
// A convolution's weights as the block product wants them.
#ifndef NBITS_ENGINE_KERNELS_CONVOLUTION_BLOCK_WEIGHTS_H_
#define NBITS_ENGINE_KERNELS_CONVOLUTION_BLOCK_WEIGHTS_H_

#include <algorithm>
#include <cstdint>

#include "engine/kernels/common/kernel_lanes.h"

namespace nbits {

// Weights [output channels, input channels], 1 x 1.
class BlockWeights {
 public:
  // `scale` holds a factor of every output channel, padded to whole blocks.
  BlockWeights(const PackedTensor& weights, int64_t input_channels, const float* scale)
      : kernels_(weights, input_channels, 1),
        scale_(scale),
        input_blocks_(ChannelBlocks(input_channels)) {}

  // Pieces into which an output block is cut, each decoded by one call.
  int64_t pieces() const { return (input_blocks_ + kPieceBlocks - 1) / kPieceBlocks; }
  // Floats of the weights of one output block, and of scratch memory for decoding a piece.
  int64_t block_floats() const { return input_blocks_ * kChannelBlock * kChannelBlock; }
  int64_t input_blocks() const { return input_blocks_; }
  static int64_t ScratchFloats() { return kPieceBlocks * kChannelBlock * kChannelBlock; }

  // Decodes a piece of an output block to its place in to[input block][input channel][output
  // channel].
  void Decode(int64_t output_block, int64_t piece, float* to, float* scratch) const {
    const int64_t first = piece * kPieceBlocks;
    DecodeBlocks(output_block, first, std::min(kPieceBlocks, input_blocks_ - first),
                 to + first * kChannelBlock * kChannelBlock, scratch);
  }
  // Decodes input blocks [first, first + count) of an output block, at most kPieceBlocks.
  void DecodeBlocks(int64_t output_block, int64_t first, int64_t count, float* to,
                    float* scratch) const {
    kernels_.Read(output_block, first * kChannelBlock, count * kChannelBlock, scratch, to,
                  scale_ + output_block * kChannelBlock);
  }

  static constexpr int64_t kPieceBlocks = 16;  // 16 KB decoded: stays in the first-level cache.

 private:
  KernelLanes kernels_;
  const float* scale_;
  int64_t input_blocks_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_BLOCK_WEIGHTS_H_
