// SPDX-License-Identifier: Apache-2.0
#include "nbits/packed_tensor.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

// Indexed by Scheme.
constexpr std::array<SchemeTraits, 5> kTraits = {{
    {"float32", false, false, 32, 32},
    {"float16", false, false, 16, 16},
    {"linear", true, false, 1, 8},
    {"signed_linear", true, false, 8, 8},
    {"lut", false, true, 1, 8},
}};

constexpr int64_t kMaxElements = int64_t{1} << 40;

absl::Status ValidateScale(const PackedTensor& tensor) {
  const size_t count = tensor.scale.size();
  if (!tensor.offset.empty() && tensor.offset.size() != count) {
    return absl::InvalidArgumentError(
        absl::StrCat(tensor.offset.size(), " offsets for ", count, " scales"));
  }
  if (count == 1) return absl::OkStatus();
  const int rank = static_cast<int>(tensor.shape.size());
  if (tensor.channel_axis < 0 || tensor.channel_axis >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("channel axis ", tensor.channel_axis, " of a rank-", rank, " tensor"));
  }
  const int64_t channels = tensor.shape[tensor.channel_axis];
  if (static_cast<int64_t>(count) != channels) {
    return absl::InvalidArgumentError(
        absl::StrCat(count, " scales for ", channels, " channels (expected 1 or ", channels, ")"));
  }
  return absl::OkStatus();
}

}  // namespace

const SchemeTraits& TraitsOf(Scheme scheme) { return kTraits[static_cast<size_t>(scheme)]; }

absl::StatusOr<int64_t> ElementCount(const Shape& shape) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0) return absl::InvalidArgumentError(absl::StrCat("negative extent ", extent));
    if (__builtin_mul_overflow(count, extent, &count) || count > kMaxElements) {
      return absl::InvalidArgumentError("tensor of more than 2^40 elements");
    }
  }
  return count;
}

int64_t PackedByteCount(int64_t elements, int bits) { return (elements * bits + 7) / 8; }

absl::Status Validate(const PackedTensor& tensor) {
  const SchemeTraits& traits = TraitsOf(tensor.scheme);
  if (tensor.bits < traits.min_bits || tensor.bits > traits.max_bits) {
    return absl::InvalidArgumentError(absl::StrCat(tensor.bits, " bits in scheme ", traits.name));
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(tensor.shape));
  const int64_t expected = PackedByteCount(count, tensor.bits);
  if (static_cast<int64_t>(tensor.bytes.size()) != expected) {
    return absl::InvalidArgumentError(absl::StrCat(tensor.bytes.size(), " bytes for ", count,
                                                   " elements of ", tensor.bits, " bits (expected ",
                                                   expected, ")"));
  }
  if (traits.has_table && tensor.table.size() != size_t{1} << tensor.bits) {
    return absl::InvalidArgumentError(absl::StrCat("table of ", tensor.table.size(),
                                                   " entries for ", tensor.bits, " bits (expected ",
                                                   1 << tensor.bits, ")"));
  }
  return traits.has_scale ? ValidateScale(tensor) : absl::OkStatus();
}

}  // namespace nbits
