// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "nbits/packed_tensor.h"
#include "tensor/bit_pack.h"
#include "tensor/channel_layout.h"
#include "tensor/decode.h"
#include "tensor/kernels.h"
#include "tensor/packing.h"

namespace nbits {
namespace {

// Codes unpacked in one go: they stay in the first-level cache together with their floats.
constexpr int64_t kBlock = 2048;
// Shorter runs of one channel are decoded in place; a kernel call costs more than they do.
constexpr int64_t kShortRun = 16;

int64_t Elements(const PackedTensor& tensor) { return ElementCount(tensor.shape).value_or(0); }

float OffsetOf(const PackedTensor& tensor, int64_t channel) {
  return tensor.offset.empty() ? 0.0f : tensor.offset[channel];
}

// codes[i] belongs to element begin + i.
template <typename Code>
void DecodeRuns(const PackedTensor& tensor, const ChannelLayout& layout, int64_t begin,
                const Code* codes, std::span<float> out) {
  const auto end = begin + static_cast<int64_t>(out.size());
  ForEachRun(layout, begin, end, [&](int64_t channel, int64_t from, int64_t to) {
    const float scale = tensor.scale[channel], offset = OffsetOf(tensor, channel);
    const Code* run = codes + (from - begin);
    const std::span<float> target = out.subspan(from - begin, to - from);
    if (to - from >= kShortRun) {
      DecodeLinear(run, scale, offset, target);
    } else {
      reference::DecodeLinear(run, scale, offset, target);
    }
  });
}

ChannelLayout ScaleLayout(const PackedTensor& tensor) {
  return LayoutOf(tensor.shape, tensor.channel_axis, tensor.scale.size() > 1, Elements(tensor));
}

void DecodeBlock(const PackedTensor& tensor, const ChannelLayout& layout, int64_t begin,
                 std::span<float> out) {
  uint8_t buffer[kBlock];
  const uint8_t* codes = buffer;
  if (tensor.bits == 8) {
    codes = reinterpret_cast<const uint8_t*>(tensor.bytes.data()) + begin;
  } else {
    UnpackBits(tensor.bytes.data(), begin, tensor.bits, tensor.bit_order, {buffer, out.size()});
  }
  if (tensor.scheme == Scheme::kLookupTable) {
    DecodeTable(codes, tensor.table, out);
  } else {
    DecodeRuns(tensor, layout, begin, codes, out);
  }
}

void DecodeCodes(const PackedTensor& tensor, int64_t begin, std::span<float> out) {
  const bool is_table = tensor.scheme == Scheme::kLookupTable;
  const ChannelLayout layout = is_table ? ChannelLayout{} : ScaleLayout(tensor);
  const auto count = static_cast<int64_t>(out.size());
  for (int64_t i = 0; i < count; i += kBlock) {
    DecodeBlock(tensor, layout, begin + i, out.subspan(i, std::min(kBlock, count - i)));
  }
}

}  // namespace

void DecodeElements(const PackedTensor& tensor, int64_t begin, std::span<float> out) {
  if (out.empty()) return;
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      std::memcpy(out.data(), tensor.bytes.data() + 4 * begin, 4 * out.size());
      break;
    case Scheme::kFloat16:
      DecodeHalf(tensor.bytes.data() + 2 * begin, out);
      break;
    case Scheme::kSignedLinear:
      DecodeRuns(tensor, ScaleLayout(tensor), begin,
                 reinterpret_cast<const int8_t*>(tensor.bytes.data()) + begin, out);
      break;
    case Scheme::kLinear:
    case Scheme::kLookupTable:
      DecodeCodes(tensor, begin, out);
      break;
  }
}

void DecodeAll(const PackedTensor& tensor, std::span<float> out) {
  ForEachTile(static_cast<int64_t>(out.size()), [&](int64_t begin, int64_t end) {
    DecodeElements(tensor, begin, out.subspan(begin, end - begin));
  });
}

ValueErrors ErrorsOf(const PackedTensor& tensor, int64_t begin, std::span<const float> values) {
  float buffer[kBlock];
  ValueErrors errors;
  for (size_t at = 0; at < values.size(); at += kBlock) {
    const std::span<const float> block =
        values.subspan(at, std::min<size_t>(kBlock, values.size() - at));
    const std::span<float> decoded(buffer, block.size());
    DecodeElements(tensor, begin + static_cast<int64_t>(at), decoded);
    errors.Merge(CompareValues(block, decoded));
  }
  return errors;
}

absl::Status Dequantize(const PackedTensor& tensor, std::span<float> out) {
  const int64_t elements = Elements(tensor);
  if (static_cast<int64_t>(out.size()) != elements) {
    return absl::InvalidArgumentError(
        absl::StrCat("room for ", out.size(), " values of a tensor of ", elements));
  }
  DecodeAll(tensor, out);
  return absl::OkStatus();
}

absl::Status DequantizeRange(const PackedTensor& tensor, int64_t begin, std::span<float> out) {
  const int64_t elements = Elements(tensor);
  if (begin < 0 || begin > elements || static_cast<int64_t>(out.size()) > elements - begin) {
    return absl::InvalidArgumentError(
        absl::StrCat("elements ", begin, " and ", out.size(), " on, of a tensor of ", elements));
  }
  DecodeElements(tensor, begin, out);
  return absl::OkStatus();
}

}  // namespace nbits
