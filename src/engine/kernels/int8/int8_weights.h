// SPDX-License-Identifier: Apache-2.0
// A convolution's packed weights as signed 8-bit values in the order of the product of bytes.
//
// A weight is scale[k] * q + offset[k], k its output channel. Linear codes of 8 bits or fewer are
// taken as they are, less the middle of their range. Values of a lookup table are rounded to equal
// steps from the channel's smallest to its largest. A table of 6 bits or fewer gets 256 of them: an
// error of at most 1 / 510 of the channel's range, an eighth of a 6-bit table's own step. A larger
// one gets 65536, in two terms of 8 bits that are multiplied one after the other.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_WEIGHTS_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "engine/format.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// What the values of a block of 16 output channels mean: the sum of scale * q over the terms, and
// offset.
struct Int8WeightLanes {
  struct Term {
    float scale[kChannelBlock];
    int32_t sums[kChannelBlock];  // Of the values of a channel.
  };
  Term terms[2];
  float offset[kChannelBlock];
};

class Int8Weights {
 public:
  // Whether weights are stored so that they can be read as 8-bit values.
  static bool CanRead(const PackedTensor& weights);

  // Weights [output channels, input channels, taps]. `factors`: of the output channels, or empty.
  Int8Weights(const PackedTensor& weights, const std::vector<float>& factors,
              int64_t input_channels, int64_t taps);

  int64_t steps() const { return ChannelBlocks(input_channels_) * taps_; }
  int64_t terms() const;
  // Bytes of a term of a block of 16 output channels.
  int64_t block_bytes() const { return steps() * kChannelBlock * kChannelBlock; }
  // Bytes of scratch that Read needs.
  int64_t scratch_bytes() const;

  // to[term][input block][tap][c / 4][k][c % 4]; zero beyond the last channel.
  Int8WeightLanes Read(int64_t block, std::byte* scratch, int8_t* to) const;

 private:
  // What a channel's values mean.
  struct Row {
    float scale = 0, offset = 0;
    int32_t sum = 0;
  };
  struct Span {
    float low, high;
  };
  Span SpanOf(const uint8_t* codes) const;
  int64_t count() const { return input_channels_ * taps_; }
  const uint8_t* CodesOf(int64_t channel, uint8_t* scratch) const;
  Row ReadLinear(int64_t channel, const uint8_t* codes, int8_t* values) const;
  Row ReadTable(const uint8_t* codes, int64_t term, int8_t* values) const;
  void ReadTerm(int64_t block, int64_t term, std::byte* scratch, int8_t* to,
                Int8WeightLanes& lanes) const;
  void Arrange(const int8_t* values, int8_t* row) const;

  const PackedTensor& weights_;
  const std::vector<float>& factors_;
  int64_t output_channels_, input_channels_, taps_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_WEIGHTS_H_
