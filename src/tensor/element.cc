// SPDX-License-Identifier: Apache-2.0
#include "tensor/element.h"

#include <cstring>

#include "tensor/channel_layout.h"
#include "tensor/half.h"

namespace nbits {
namespace {

template <typename Value>
Value ValueAt(const PackedTensor& tensor, int64_t index) {
  Value value;
  std::memcpy(&value, tensor.bytes.data() + index * static_cast<int64_t>(sizeof(value)),
              sizeof(value));
  return value;
}

// A code lies in one byte or in two that follow each other.
unsigned CodeAt(const PackedTensor& tensor, int64_t index) {
  const int64_t bit = index * tensor.bits;
  const auto at = [&](int64_t byte) {
    return byte * 8 < bit + tensor.bits ? std::to_integer<unsigned>(tensor.bytes[byte]) : 0u;
  };
  const unsigned first = at(bit / 8), second = at(bit / 8 + 1);
  const auto start = static_cast<unsigned>(bit % 8), bits = static_cast<unsigned>(tensor.bits);
  const unsigned code = tensor.bit_order == BitOrder::kMostSignificantFirst
                            ? (first << 8 | second) >> (16 - start - bits)
                            : (second << 8 | first) >> start;
  return code & ((1u << bits) - 1);
}

int64_t ChannelAt(const PackedTensor& tensor, int64_t index) {
  if (tensor.scale.size() <= 1) return 0;
  const int64_t elements = HasBlocks(tensor) ? ElementCount(tensor.shape).value_or(0) : index + 1;
  const ChannelLayout layout = ScaleLayoutOf(tensor, elements);
  return index / layout.inner % layout.channels;
}

// As DecodeElements rounds.
float OnGrid(const PackedTensor& tensor, int64_t index, double code) {
  const int64_t channel = ChannelAt(tensor, index);
  const double offset = tensor.offset.empty() ? 0.0 : tensor.offset[channel];
  const auto value = static_cast<float>(code * tensor.scale[channel] + offset);
  return tensor.half_values ? FloatFromHalf(HalfFromFloat(value)) : value;
}

}  // namespace

float DecodeElement(const PackedTensor& tensor, int64_t index) {
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      return ValueAt<float>(tensor, index);
    case Scheme::kFloat16:
      return FloatFromHalf(ValueAt<uint16_t>(tensor, index));
    case Scheme::kSignedLinear:
      return OnGrid(tensor, index, ValueAt<int8_t>(tensor, index));
    case Scheme::kLinear:
      return OnGrid(tensor, index, CodeAt(tensor, index));
    case Scheme::kLookupTable:
      return tensor.table[CodeAt(tensor, index)];
  }
  return 0;
}

}  // namespace nbits
