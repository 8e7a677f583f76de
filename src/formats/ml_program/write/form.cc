// SPDX-License-Identifier: Apache-2.0
// The forms that tensors have in ML Programs.
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "formats/ml_program/blobs/value.h"
#include "formats/ml_program/write/encode.h"
#include "formats/ml_program/write/grid_codes.h"
#include "tensor/bit_pack.h"
#include "tensor/half.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

bool IsHalf(float value) { return FloatFromHalf(HalfFromFloat(value)) == value; }

absl::Status CheckFloats(const std::vector<float>& values, mil::DataType type, const char* what) {
  for (const float value : values) {
    if (!std::isfinite(value)) return BadProgram(absl::StrCat(what, " of ", value));
    if (type == mil::FLOAT16 && !IsHalf(value)) {
      return BadProgram(absl::StrCat(what, " of ", value, ", which Float16 does not hold"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckGrid(const PackedTensor& tensor, mil::DataType type, int version) {
  if (tensor.bits != 8 && !(tensor.bits == 4 && version >= kBlockwiseVersion)) {
    return BadProgram(
        absl::StrCat("a grid of ", tensor.bits, " bits in a model of version ", version));
  }
  NBITS_RETURN_IF_ERROR(CheckFloats(tensor.scale, type, "a scale"));
  const bool divides =
      !HasBlocks(tensor) ||
      (version >= kBlockwiseVersion && tensor.shape.size() > 1 &&
       tensor.shape[1] % (static_cast<int64_t>(tensor.scale.size()) / tensor.shape[0]) == 0);
  if (!divides) return BadProgram("blocks that the program has no operation for");
  if (tensor.scheme == Scheme::kSignedLinear && !tensor.offset.empty()) {
    return BadProgram("a grid of signed codes with an offset");
  }
  for (size_t c = 0; c < tensor.offset.size(); ++c) {
    const double zero = ZeroPoint(tensor, c);
    const bool fits = zero >= 0 && zero < (1 << tensor.bits) &&
                      tensor.offset[c] == -(tensor.scale[c] * static_cast<float>(zero));
    if (!fits) return BadProgram("a grid whose 0 is no code");
  }
  return absl::OkStatus();
}

absl::Status CheckTableBits(int bits, int version) {
  const bool fits = bits == 1 || bits == 2 || bits == 4 || bits == 6 || bits == 8 ||
                    (bits == 3 && version >= kBlockwiseVersion);
  if (fits) return absl::OkStatus();
  return BadProgram(absl::StrCat("a table of ", bits, " bits in a model of version ", version));
}

absl::StatusOr<PackedTensor> LeastSignificantFirst(PackedTensor tensor) {
  const bool as_is = tensor.bits >= 8 || tensor.bit_order == BitOrder::kLeastSignificantFirst;
  tensor.bit_order = BitOrder::kLeastSignificantFirst;
  if (as_is) return tensor;
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(tensor.shape));
  NBITS_RETURN_IF_ERROR(CheckMemory(count, "a weight's codes"));
  auto codes = std::make_shared<std::vector<uint8_t>>(static_cast<size_t>(count));
  UnpackBits(tensor.bytes.data(), 0, tensor.bits, BitOrder::kMostSignificantFirst, *codes);
  auto packed = std::make_shared<std::vector<std::byte>>(
      static_cast<size_t>(PackedByteCount(count, tensor.bits)));
  PackBits(*codes, tensor.bits, BitOrder::kLeastSignificantFirst, packed->data());
  tensor.bytes = *packed;
  tensor.owner = packed;
  return tensor;
}

// Plain values of the program's type.
absl::StatusOr<PackedTensor> PlainForm(const PackedTensor& tensor, mil::DataType type) {
  const bool is_half = tensor.scheme == Scheme::kFloat16;
  if (is_half || type == mil::FLOAT32) return tensor;
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(tensor.shape));
  NBITS_RETURN_IF_ERROR(CheckMemory(6 * count, "a weight in Float16"));
  std::vector<float> values(static_cast<size_t>(count));
  NBITS_RETURN_IF_ERROR(Dequantize(tensor, values));
  auto halves = std::make_shared<std::vector<uint16_t>>(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (LeavesHalfRange(values[i])) {
      return BadProgram(absl::StrCat("a value of ", values[i], " where Float16 is stored"));
    }
    (*halves)[i] = HalfFromFloat(values[i]);
  }
  PackedTensor half = tensor;
  half.scheme = Scheme::kFloat16;
  half.bits = 16;
  half.bytes = std::as_bytes(std::span<const uint16_t>(*halves));
  half.owner = halves;
  return half;
}

}  // namespace

double ZeroPoint(const PackedTensor& tensor, size_t channel) {
  if (tensor.offset.empty() || tensor.scale[channel] == 0) return 0;
  return std::nearbyint(-double{tensor.offset[channel]} / tensor.scale[channel]);
}

bool IsCentred(const PackedTensor& tensor) {
  const double centre = 1 << (tensor.bits - 1);
  if (tensor.offset.empty()) return false;
  for (size_t c = 0; c < tensor.scale.size(); ++c) {
    if (tensor.offset[c] != -(tensor.scale[c] * static_cast<float>(centre))) return false;
  }
  return true;
}

absl::StatusOr<PackedTensor> ProgramForm(const PackedTensor& tensor, mil::DataType type,
                                         int version) {
  version = std::max(version, kConstexprVersion);
  NBITS_RETURN_IF_ERROR(Validate(tensor));
  switch (tensor.scheme) {
    case Scheme::kFloat32:
    case Scheme::kFloat16:
      break;
    case Scheme::kLinear:
    case Scheme::kSignedLinear:
      NBITS_RETURN_IF_ERROR(CheckGrid(tensor, type, version));
      break;
    case Scheme::kLookupTable:
      NBITS_RETURN_IF_ERROR(CheckTableBits(tensor.bits, version));
      NBITS_RETURN_IF_ERROR(CheckFloats(tensor.table, type, "a table entry"));
      break;
  }
  if (tensor.scheme == Scheme::kFloat32 || tensor.scheme == Scheme::kFloat16) {
    return PlainForm(tensor, type);
  }
  NBITS_ASSIGN_OR_RETURN(PackedTensor form, LeastSignificantFirst(tensor));
  form.half_values = tensor.scheme != Scheme::kLookupTable && type == mil::FLOAT16;
  return form;
}

}  // namespace nbits
