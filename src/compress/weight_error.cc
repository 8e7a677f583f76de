// SPDX-License-Identifier: Apache-2.0
#include "compress/weight_error.h"

#include <algorithm>
#include <span>

#include "base/files/file.h"
#include "base/status_macros.h"
#include "nbits/quantize.h"

namespace nbits {
namespace {

// Elements decoded at once: two blocks of floats take half of a 32 KB first-level cache.
constexpr int64_t kBlock = 2048;

// The whole bytes that elements [begin, end) take.
std::span<const std::byte> BytesOf(const PackedTensor& tensor, int64_t begin, int64_t end) {
  const auto first = static_cast<size_t>(begin * tensor.bits / 8);
  const auto count = static_cast<size_t>((end - begin) * tensor.bits / 8);
  return tensor.bytes.subspan(first, count);
}

}  // namespace

absl::StatusOr<ValueErrors> CompareElements(const PackedTensor& original,
                                            const PackedTensor& stored, int64_t begin,
                                            int64_t end) {
  float originals[kBlock], stored_values[kBlock];
  ValueErrors error;
  for (int64_t at = begin; at < end; at += kBlock) {
    const auto count = static_cast<size_t>(std::min(kBlock, end - at));
    NBITS_RETURN_IF_ERROR(DequantizeRange(original, at, std::span(originals, count)));
    NBITS_RETURN_IF_ERROR(DequantizeRange(stored, at, std::span(stored_values, count)));
    error.Merge(CompareValues(std::span(originals, count), std::span(stored_values, count)));
  }
  MappedFile::ReleasePages(BytesOf(original, begin, end));  // A file larger than memory fits.
  MappedFile::ReleasePages(BytesOf(stored, begin, end));
  return error;
}

}  // namespace nbits
