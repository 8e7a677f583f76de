// SPDX-License-Identifier: Apache-2.0
#include "compress/trouble.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "tensor/bit_pack.h"
#include "tensor/channel_layout.h"
#include "tensor/half.h"

namespace nbits {
namespace {

constexpr float kLargestHalf = 65504;
constexpr float kHalfOfSmallestHalf = 0x1p-25f;  // Up to here, halves round to 0.

// Counts values for which `is_trouble` holds; the worst is the one of largest magnitude, NaN first.
template <typename Test>
TroubleCount Count(Trouble trouble, std::span<const float> values, Test is_trouble) {
  TroubleCount result{trouble, 0, static_cast<int64_t>(values.size()), 0};
  for (const float value : values) {
    if (!is_trouble(value)) continue;
    ++result.count;
    if (std::isnan(result.worst)) continue;
    if (std::isnan(value) || std::abs(value) > std::abs(result.worst)) result.worst = value;
  }
  return result;
}

// Whether all codes of the channel are the same. Most channels show a second one at once.
bool HasOneCode(const PackedTensor& packed, const ChannelLayout& layout, int64_t channel,
                int64_t elements) {
  constexpr int64_t kBlock = 64;
  std::array<uint8_t, kBlock> codes;
  const int64_t stride = layout.channels * layout.inner;
  int first = -1;
  for (int64_t run = channel * layout.inner; run < elements; run += stride) {
    for (int64_t begin = run; begin < run + layout.inner; begin += kBlock) {
      const auto count = static_cast<size_t>(std::min(kBlock, run + layout.inner - begin));
      UnpackBits(packed.bytes.data(), begin, packed.bits, packed.bit_order,
                 std::span(codes.data(), count));
      if (first < 0) first = codes[0];
      const auto differs = [first](uint8_t code) { return code != first; };
      if (std::any_of(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(count), differs)) {
        return false;
      }
    }
  }
  return true;
}

float ValueOfFirst(const PackedTensor& packed, int64_t element, int64_t channel) {
  uint8_t code = 0;
  UnpackBits(packed.bytes.data(), element, packed.bits, packed.bit_order, std::span(&code, 1));
  const double offset = packed.offset.empty() ? 0 : packed.offset[static_cast<size_t>(channel)];
  return static_cast<float>(packed.scale[static_cast<size_t>(channel)] * static_cast<double>(code) +
                            offset);
}

const char* Words(Trouble trouble) {
  switch (trouble) {
    case Trouble::kNotFinite:
      return "weights are infinite or not a number";
    case Trouble::kAboveFloat16:
      return "weights are beyond Float16's range";
    case Trouble::kBelowFloat16:
      return "weights become 0, being below Float16's smallest number";
    case Trouble::kConstantChannels:
      return "channels are stored as a single value";
    case Trouble::kUnusedTableEntries:
      return "table entries are not used";
    case Trouble::kQuantizedBefore:
      return "weights were quantized already, and lose a second time";
    case Trouble::kOtherForm:
      return "does not get the form that was asked for";
  }
  return "weights are in trouble";
}

}  // namespace

TroubleCount CountNotFinite(std::span<const float> values) {
  return Count(Trouble::kNotFinite, values, [](float value) { return !std::isfinite(value); });
}

TroubleCount CountAboveFloat16(std::span<const float> values) {
  return Count(Trouble::kAboveFloat16, values, LeavesHalfRange);
}

TroubleCount CountBelowFloat16(std::span<const float> values) {
  return Count(Trouble::kBelowFloat16, values,
               [](float value) { return value != 0 && std::abs(value) <= kHalfOfSmallestHalf; });
}

TroubleCount CountConstantChannels(const PackedTensor& packed) {
  const auto channels = static_cast<int64_t>(packed.scale.size());
  TroubleCount result{Trouble::kConstantChannels, 0, channels, 0};
  const int64_t elements = ElementCount(packed.shape).value_or(0);
  if (packed.scheme != Scheme::kLinear || elements <= channels) return result;
  const ChannelLayout layout = LayoutOf(packed.shape, packed.channel_axis, channels > 1, elements);
  for (int64_t c = 0; c < channels; ++c) {
    if (packed.scale[c] != 0 && !HasOneCode(packed, layout, c, elements)) continue;
    ++result.count;
    const float value = ValueOfFirst(packed, c * layout.inner, c);
    if (std::abs(value) > std::abs(result.worst)) result.worst = value;
  }
  return result;
}

TroubleCount CountUnusedEntries(const PackedTensor& packed, int64_t used) {
  const int64_t total = std::min<int64_t>(used, static_cast<int64_t>(packed.table.size()));
  TroubleCount result{Trouble::kUnusedTableEntries, 0, total, 0};
  if (packed.scheme != Scheme::kLookupTable) return result;
  constexpr int64_t kBlock = 4096;
  std::array<bool, 256> seen{};
  std::array<uint8_t, kBlock> codes;
  const int64_t elements = ElementCount(packed.shape).value_or(0);
  int64_t unseen = total;
  for (int64_t begin = 0; begin < elements && unseen > 0; begin += kBlock) {
    const auto count = static_cast<size_t>(std::min(kBlock, elements - begin));
    UnpackBits(packed.bytes.data(), begin, packed.bits, packed.bit_order,
               std::span(codes.data(), count));
    for (size_t i = 0; i < count; ++i) {
      unseen -= !seen[codes[i]] && codes[i] < total;
      seen[codes[i]] = true;
    }
  }
  result.count = unseen;
  for (int64_t i = 0; i < total; ++i) {
    if (!seen[i] && std::abs(packed.table[i]) > std::abs(result.worst)) {
      result.worst = packed.table[i];
    }
  }
  return result;
}

std::vector<float> Clamped(std::span<const float> values, Mode mode) {
  float limit = kLargestHalf;
  if (mode != Mode::kFloat16) {
    limit = 0;
    for (const float value : values) {
      if (std::isfinite(value)) limit = std::max(limit, std::abs(value));
    }
  }
  std::vector<float> clamped(values.begin(), values.end());
  for (float& value : clamped) value = std::isnan(value) ? 0 : std::clamp(value, -limit, limit);
  return clamped;
}

std::string FindingText(const Finding& finding) {
  if (finding.trouble == Trouble::kOtherForm) {
    return absl::StrCat(finding.path, ": ", finding.detail);
  }
  if (finding.trouble == Trouble::kQuantizedBefore) {
    return absl::StrCat(finding.path, ": ", finding.total, " ", Words(finding.trouble), " (",
                        finding.worst, " bits)");
  }
  return absl::StrCat(finding.path, ": ", finding.count, " of ", finding.total, " ",
                      Words(finding.trouble), ", worst ", finding.worst);
}

}  // namespace nbits
