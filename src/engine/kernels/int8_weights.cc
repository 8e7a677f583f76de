#include "engine/kernels/int8_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/kernels/int8_codes.h"
#include "engine/kernels/kernel_lanes.h"
#include "quantize/bit_pack.h"

namespace nbits {

bool Int8Weights::CanRead(const PackedTensor& weights) {
  const bool has_codes = weights.scheme == Scheme::kLinear ||
                         weights.scheme == Scheme::kSignedLinear ||
                         weights.scheme == Scheme::kLookupTable;
  const bool by_output = weights.scale.size() <= 1 || weights.channel_axis == 0;
  return has_codes && weights.bits <= 8 && by_output;
}

Int8Weights::Int8Weights(const PackedTensor& weights, const std::vector<float>& factors,
                         int64_t input_channels, int64_t taps)
    : weights_(weights),
      factors_(factors),
      output_channels_(weights.shape[0]),
      input_channels_(input_channels),
      taps_(taps) {}

int64_t Int8Weights::scratch_bytes() const {
  // Sixteen rows in order, one as it is stored, in codes and in values.
  return block_bytes() + 2 * count();
}

// The codes of an output channel, in the file or in `scratch`.
const uint8_t* Int8Weights::CodesOf(int64_t channel, uint8_t* scratch) const {
  if (weights_.bits == 8) {
    return reinterpret_cast<const uint8_t*>(weights_.bytes.data()) + channel * count();
  }
  UnpackBits(weights_.bytes.data(), channel * count(), weights_.bits, weights_.bit_order,
             {scratch, static_cast<size_t>(count())});
  return scratch;
}

Int8Weights::Row Int8Weights::ReadLinear(int64_t channel, const uint8_t* codes,
                                         int8_t* values) const {
  const bool has_many = weights_.scale.size() > 1;
  const int middle = weights_.scheme == Scheme::kSignedLinear ? 0 : 1 << (weights_.bits - 1);
  Row row;
  row.scale = weights_.scale[has_many ? channel : 0];
  if (!weights_.offset.empty()) row.offset = weights_.offset[has_many ? channel : 0];
  row.offset += row.scale * static_cast<float>(middle);
  row.sum = CenterCodes(codes, count(), middle, values);
  return row;
}

Int8Weights::Row Int8Weights::ReadTable(const uint8_t* codes, int8_t* values) const {
  std::array<bool, 256> is_used = {};
  for (int64_t i = 0; i < count(); ++i) is_used[codes[i]] = true;
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (size_t i = 0; i < weights_.table.size(); ++i) {
    if (!is_used[i]) continue;
    low = std::min(low, weights_.table[i]);
    high = std::max(high, weights_.table[i]);
  }
  Row row{.scale = (high - low) / 255};
  row.offset = low + 128 * row.scale;
  std::array<uint8_t, 256> steps = {};
  for (size_t i = 0; i < weights_.table.size() && row.scale > 0; ++i) {
    // Values that the channel does not have may lie outside.
    const float step = std::nearbyint((weights_.table[i] - low) / row.scale);
    steps[i] = static_cast<uint8_t>(std::max(0.0f, std::min(255.0f, step)));
  }
  for (int64_t i = 0; i < count(); ++i) {
    values[i] = static_cast<int8_t>(steps[codes[i]] - 128);
    row.sum += values[i];
  }
  return row;
}

// From [input channel][tap] to [input block][tap][c].
void Int8Weights::Arrange(const int8_t* values, int8_t* row) const {
  for (int64_t first = 0; first < input_channels_; first += kChannelBlock) {
    const int64_t channels = std::min(kChannelBlock, input_channels_ - first);
    for (int64_t tap = 0; tap < taps_; ++tap, row += kChannelBlock) {
      for (int64_t c = 0; c < channels; ++c) row[c] = values[c * taps_ + tap];
    }
    values += channels * taps_;
  }
}

Int8WeightLanes Int8Weights::Read(int64_t block, std::byte* scratch, int8_t* to) const {
  const int64_t row_bytes = steps() * kChannelBlock;
  auto* rows = reinterpret_cast<int8_t*>(scratch);
  auto* codes = reinterpret_cast<uint8_t*>(rows + block_bytes());
  auto* values = rows + block_bytes() + count();
  Int8WeightLanes lanes = {};
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    const int64_t channel = block * kChannelBlock + k;
    int8_t* row = rows + k * row_bytes;
    if (channel >= output_channels_ || row_bytes > count()) std::fill_n(row, row_bytes, int8_t{0});
    if (channel >= output_channels_) continue;
    int8_t* target = taps_ == 1 ? row : values;
    const uint8_t* stored = CodesOf(channel, codes);
    const Row read = weights_.scheme == Scheme::kLookupTable ? ReadTable(stored, target)
                                                             : ReadLinear(channel, stored, target);
    if (target != row) Arrange(values, row);
    const float factor = factors_.empty() ? 1.0f : factors_[channel];
    lanes.scale[k] = read.scale * factor;
    lanes.offset[k] = read.offset * factor;
    lanes.sums[k] = read.sum;
  }
  // Four neighbours travel as one value of 32 bits.
  TransposeToLanes(reinterpret_cast<const float*>(rows), row_bytes / 4, row_bytes / 4,
                   reinterpret_cast<float*>(to));
  return lanes;
}

}  // namespace nbits
