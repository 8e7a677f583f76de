// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_weights.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/kernels/common/kernel_lanes.h"
#include "engine/kernels/int8/int8_codes.h"
#include "tensor/bit_pack.h"

namespace nbits {
namespace {

constexpr int64_t kTableSize = 256;  // At most.

}  // namespace

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

// The smallest and largest of the table's values that a channel has.
Int8Weights::Span Int8Weights::SpanOf(const uint8_t* codes) const {
  Span span{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
  const auto include = [&](float value) {
    span.low = std::min(span.low, value);
    span.high = std::max(span.high, value);
  };
  if (count() < kTableSize) {
    for (int64_t i = 0; i < count(); ++i) include(weights_.table[codes[i]]);
    return span;
  }
  std::array<bool, kTableSize> is_used = {};
  for (int64_t i = 0; i < count(); ++i) is_used[codes[i]] = true;
  for (size_t i = 0; i < weights_.table.size(); ++i) {
    if (is_used[i]) include(weights_.table[i]);
  }
  return span;
}

Int8Weights::Row Int8Weights::ReadTable(const uint8_t* codes, int64_t term, int8_t* values) const {
  const Span span = SpanOf(codes);
  // Steps are 256 * first term + second term, or the first alone.
  const bool is_high = terms() == 2 && term == 0;
  const float last = terms() == 2 ? 65535.0f : 255.0f, step = (span.high - span.low) / last;
  const float inverse = step > 0 ? 1 / step : 0;
  const auto part_of = [&](float value) {
    // Values that the channel does not have may lie outside.
    const float steps = std::max(0.0f, std::min(last, (value - span.low) * inverse));
    const int whole = static_cast<int>(steps + 0.5f);
    return static_cast<int8_t>((is_high ? whole / 256 : whole % 256) - 128);
  };
  if (count() < kTableSize) {
    for (int64_t i = 0; i < count(); ++i) values[i] = part_of(weights_.table[codes[i]]);
  } else {
    std::array<int8_t, kTableSize> parts = {};
    std::ranges::transform(weights_.table, parts.begin(), part_of);
    for (int64_t i = 0; i < count(); ++i) values[i] = parts[codes[i]];
  }
  Row row{.scale = is_high ? 256 * step : step};
  row.offset = (term == 0 ? span.low : 0.0f) + 128 * row.scale;
  for (int64_t i = 0; i < count(); ++i) row.sum += values[i];
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

void Int8Weights::ReadTerm(int64_t block, int64_t term, std::byte* scratch, int8_t* to,
                           Int8WeightLanes& lanes) const {
  const int64_t row_bytes = steps() * kChannelBlock;
  auto* rows = reinterpret_cast<int8_t*>(scratch);
  auto* codes = reinterpret_cast<uint8_t*>(rows + block_bytes());
  auto* values = rows + block_bytes() + count();
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    const int64_t channel = block * kChannelBlock + k;
    int8_t* row = rows + k * row_bytes;
    if (channel >= output_channels_ || row_bytes > count()) std::fill_n(row, row_bytes, int8_t{0});
    if (channel >= output_channels_) continue;
    int8_t* target = taps_ == 1 ? row : values;
    const uint8_t* stored = CodesOf(channel, codes);
    const Row read = weights_.scheme == Scheme::kLookupTable ? ReadTable(stored, term, target)
                                                             : ReadLinear(channel, stored, target);
    if (target != row) Arrange(values, row);
    const float factor = factors_.empty() ? 1.0f : factors_[channel];
    lanes.terms[term].scale[k] = read.scale * factor;
    lanes.terms[term].sums[k] = read.sum;
    lanes.offset[k] += read.offset * factor;
  }
  // Four neighbours travel as one value of 32 bits.
  TransposeToLanes(reinterpret_cast<const std::byte*>(rows), row_bytes / 4, row_bytes / 4,
                   reinterpret_cast<float*>(to));
}

int64_t Int8Weights::terms() const {
  constexpr int kMostOneTermBits = 6;
  return weights_.scheme == Scheme::kLookupTable && weights_.bits > kMostOneTermBits ? 2 : 1;
}

Int8WeightLanes Int8Weights::Read(int64_t block, std::byte* scratch, int8_t* to) const {
  Int8WeightLanes lanes = {};
  for (int64_t term = 0; term < terms(); ++term) {
    ReadTerm(block, term, scratch, to + term * block_bytes(), lanes);
  }
  return lanes;
}

}  // namespace nbits
