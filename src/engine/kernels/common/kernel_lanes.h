// SPDX-License-Identifier: Apache-2.0
// A convolution's packed weights, decoded piece by piece into blocks of 16 output channels.
#ifndef NBITS_ENGINE_KERNELS_COMMON_KERNEL_LANES_H_
#define NBITS_ENGINE_KERNELS_COMMON_KERNEL_LANES_H_

#include <cstddef>
#include <cstdint>

#include "engine/format.h"
#include "engine/kernels/common/code_lanes.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// Reads weights [output channels, input channels, taps] (taps: kernel height x width). The last two
// may be taken together: as many channels of one tap.
class KernelLanes {
 public:
  KernelLanes(const PackedTensor& weights, int64_t input_channels, int64_t taps);

  // Floats that `rows` of Read must hold.
  static int64_t RowFloats(int64_t channels, int64_t taps) {
    return channels * taps * kChannelBlock;
  }

  // to[c][tap][k] = weight of output channel 16 * block + k, input channel first + c, for
  // c < channels; zero beyond the last input or output channel. `rows` is scratch.
  // `scale`, if given, holds a factor of each of the 16 channels.
  void Read(int64_t block, int64_t first, int64_t channels, float* rows, float* to,
            const float* scale = nullptr) const;

 private:
  // Where the weights of a whole output block from input channel `first` on lie, if they are plain;
  // else null.
  const std::byte* InPlace(int64_t block, int64_t first) const;

  // What the codes of a whole output block stand for, times `scale`.
  LaneGrid GridOf(int64_t block, const float* scale) const;
  // Read, of a whole output block of codes on a grid of each output channel, from `start` on.
  void ReadCodes(int64_t block, int64_t start, int64_t present, int64_t stride, uint8_t* rows,
                 float* to, const float* scale) const;

  const PackedTensor& weights_;
  bool has_grid_;  // Codes are on one grid, or on one of each output channel.
  int64_t output_channels_, input_channels_, taps_;
};

// to[i * 16 + k] = from[k * stride + i] * scale[k] for i < count, k < 16, `from` being values of 32
// bits at any alignment. Without a scale they are moved bit by bit, whatever they stand for.
void TransposeToLanes(const std::byte* from, int64_t stride, int64_t count, float* to,
                      const float* scale = nullptr);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_KERNEL_LANES_H_
