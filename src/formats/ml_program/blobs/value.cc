// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/blobs/value.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "nbits/packed_tensor.h"
#include "tensor/half.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

// Numbers of the message's own width, stored anew in that of the value.
template <typename Stored, typename Values>
ByteSpan Store(const Values& values, ProgramValue& value) {
  auto storage = std::make_shared<std::vector<Stored>>();
  storage->reserve(static_cast<size_t>(values.size()));
  for (const auto& each : values) storage->push_back(static_cast<Stored>(each));
  value.owner = storage;
  return std::as_bytes(std::span<const Stored>(*storage));
}

// Where the message holds them as they are to be.
template <typename Values>
ByteSpan View(const Values& values) {
  return std::as_bytes(std::span(values.data(), static_cast<size_t>(values.size())));
}

absl::StatusOr<ByteSpan> NumberBytes(const mil::TensorValue& tensor, ProgramValue& value) {
  const mil::DataType type = value.type->type;
  switch (tensor.value_case()) {
    case mil::TensorValue::kFloats:
      if (type == mil::FLOAT32) return View(tensor.floats().values());
      break;
    case mil::TensorValue::kDoubles:
      if (type == mil::FLOAT64) return View(tensor.doubles().values());
      break;
    case mil::TensorValue::kInts:
      if (type == mil::INT32 || type == mil::UINT32) return View(tensor.ints().values());
      if (type == mil::INT16) return Store<int16_t>(tensor.ints().values(), value);
      if (type == mil::UINT16) return Store<uint16_t>(tensor.ints().values(), value);
      if (type == mil::INT8) return Store<int8_t>(tensor.ints().values(), value);
      if (type == mil::UINT8) return Store<uint8_t>(tensor.ints().values(), value);
      break;
    case mil::TensorValue::kLongInts:
      if (type == mil::INT64 || type == mil::UINT64) return View(tensor.longints().values());
      break;
    case mil::TensorValue::kBools:
      if (type == mil::BOOL) return Store<uint8_t>(tensor.bools().values(), value);
      break;
    case mil::TensorValue::kBytes:
      if (type != mil::BOOL) return std::as_bytes(std::span(tensor.bytes().values()));
      break;
    default:
      // Writers leave out a message without elements, and protobuf one of zeros alone does not.
      if (value.count == 0) return ByteSpan();
      break;
  }
  return BadProgram(absl::StrCat("a value of type ", std::string(value.type->name),
                                 " is written as numbers of another type"));
}

absl::Status ReadTensor(const mil::TensorValue& tensor, ProgramValue& value) {
  if (value.type->kind == NumberKind::kText) {
    const auto& texts = tensor.strings().values();
    value.texts.assign(texts.begin(), texts.end());
    if (static_cast<int64_t>(value.texts.size()) == value.count) return absl::OkStatus();
    return BadProgram(absl::StrCat(value.texts.size(), " texts (expected ", value.count, ")"));
  }
  NBITS_ASSIGN_OR_RETURN(value.bytes, NumberBytes(tensor, value));
  return absl::OkStatus();
}

absl::Status ReadBlob(const mil::Value::BlobFileValue& source, BlobStore& blobs,
                      ProgramValue& value) {
  NBITS_ASSIGN_OR_RETURN(Blob blob, blobs.Find(source.filename(), source.offset()));
  const auto refuse = [&](const std::string& reason) {
    return BadProgram(
        absl::StrCat("'", source.filename(), "', blob at ", source.offset(), ": ", reason));
  };
  // A stream of bits below 8 may lie in a blob of plain bytes.
  const bool same =
      blob.type == value.type || (blob.type->kind == NumberKind::kUnsigned &&
                                  blob.type->bits == 8 && value.type->type == mil::BOOL);
  if (!same) {
    return refuse(absl::StrCat("holds ", std::string(blob.type->name), " where the program says ",
                               std::string(value.type->name)));
  }
  const int bits = value.type->bits;
  const auto expected = static_cast<uint64_t>(PackedByteCount(value.count, bits));
  if (bits < 8 && blob.padding_bits != expected * 8 - static_cast<uint64_t>(value.count * bits)) {
    return refuse(absl::StrCat("says that ", blob.padding_bits, " bits of its end are unused"));
  }
  if (blob.bytes.size() != expected) {
    return refuse(absl::StrCat("has ", blob.bytes.size(), " bytes (expected ", expected, ")"));
  }
  value.bytes = blob.bytes;
  value.owner = std::move(blob.owner);
  value.blob = &source;
  return absl::OkStatus();
}

// Bits of an element narrower than a byte; it may lie across two.
uint32_t BitsAt(ByteSpan bytes, int64_t index, int bits) {
  const int64_t first = index * bits;
  const auto at = static_cast<size_t>(first / 8);
  uint32_t window = std::to_integer<uint32_t>(bytes[at]);
  if (at + 1 < bytes.size()) window |= std::to_integer<uint32_t>(bytes[at + 1]) << 8;
  return window >> (first % 8) & ((1u << bits) - 1);
}

template <typename Number>
double Load(ByteSpan bytes, int64_t index) {
  Number number;
  std::memcpy(&number, bytes.data() + index * static_cast<int64_t>(sizeof(number)), sizeof(number));
  return static_cast<double>(number);
}

template <typename Number>
absl::Status CheckNumbers(const ProgramValue& value) {
  if (value.type->kind == NumberKind::kText) return BadProgram("text where numbers are expected");
  return CheckMemory(value.count * static_cast<int64_t>(sizeof(Number)), "a constant");
}

}  // namespace

absl::StatusOr<TensorTypeOf> FixedType(const mil::ValueType& type) {
  if (!type.has_tensortype()) return BadProgram("no tensor");
  const mil::TensorType& tensor = type.tensortype();
  TensorTypeOf fixed{FindDataType(tensor.datatype()), {}};
  if (fixed.type == nullptr) {
    return BadProgram(
        absl::StrCat("elements of unknown type ", static_cast<int>(tensor.datatype())));
  }
  if (tensor.rank() != tensor.dimensions_size()) {
    return BadProgram(
        absl::StrCat("rank ", tensor.rank(), " with ", tensor.dimensions_size(), " extents"));
  }
  for (const mil::Dimension& dimension : tensor.dimensions()) {
    if (!dimension.has_constant()) return BadProgram("a value of unknown extent");
    const uint64_t extent = dimension.constant().size();
    if (extent > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return BadProgram(absl::StrCat("an extent of ", extent));
    }
    fixed.shape.push_back(static_cast<int64_t>(extent));
  }
  return fixed;
}

absl::StatusOr<ProgramValue> ReadValue(const mil::Value& source, BlobStore& blobs) {
  NBITS_ASSIGN_OR_RETURN(TensorTypeOf type, FixedType(source.type()));
  ProgramValue value;
  value.type = type.type;
  value.shape = std::move(type.shape);
  NBITS_ASSIGN_OR_RETURN(value.count, ElementCount(value.shape));
  if (source.has_blobfilevalue()) {
    NBITS_RETURN_IF_ERROR(ReadBlob(source.blobfilevalue(), blobs, value));
    return value;
  }
  if (!source.immediatevalue().has_tensor()) return BadProgram("no tensor");
  NBITS_RETURN_IF_ERROR(ReadTensor(source.immediatevalue().tensor(), value));
  const auto expected = static_cast<uint64_t>(PackedByteCount(value.count, value.type->bits));
  if (value.bytes.size() == expected) return value;
  return BadProgram(absl::StrCat(value.bytes.size(), " bytes of ", std::string(value.type->name),
                                 " (expected ", expected, ")"));
}

double NumberAt(const ProgramValue& value, int64_t index) {
  const ByteSpan bytes = value.bytes;
  const int bits = value.type->bits;
  if (bits < 8) {
    const uint32_t code = BitsAt(bytes, index, bits);
    const bool negative = value.type->kind == NumberKind::kSigned && code >> (bits - 1) != 0;
    return negative ? static_cast<double>(code) - (1 << bits) : static_cast<double>(code);
  }
  switch (value.type->type) {
    case schema::mil::FLOAT16: {
      uint16_t half;
      std::memcpy(&half, bytes.data() + 2 * index, sizeof(half));
      return FloatFromHalf(half);
    }
    case schema::mil::FLOAT32:
      return Load<float>(bytes, index);
    case schema::mil::FLOAT64:
      return Load<double>(bytes, index);
    case schema::mil::INT8:
      return Load<int8_t>(bytes, index);
    case schema::mil::INT16:
      return Load<int16_t>(bytes, index);
    case schema::mil::INT32:
      return Load<int32_t>(bytes, index);
    case schema::mil::INT64:
      return Load<int64_t>(bytes, index);
    case schema::mil::UINT16:
      return Load<uint16_t>(bytes, index);
    case schema::mil::UINT32:
      return Load<uint32_t>(bytes, index);
    case schema::mil::UINT64:
      return Load<uint64_t>(bytes, index);
    default:
      return Load<uint8_t>(bytes, index);
  }
}

absl::StatusOr<std::vector<float>> FloatsOf(const ProgramValue& value) {
  NBITS_RETURN_IF_ERROR(CheckNumbers<float>(value));
  std::vector<float> floats(static_cast<size_t>(value.count));
  for (int64_t i = 0; i < value.count; ++i) floats[i] = static_cast<float>(NumberAt(value, i));
  return floats;
}

absl::StatusOr<std::vector<int64_t>> IntegersOf(const ProgramValue& value) {
  NBITS_RETURN_IF_ERROR(CheckNumbers<int64_t>(value));
  std::vector<int64_t> integers(static_cast<size_t>(value.count));
  for (int64_t i = 0; i < value.count; ++i) {
    const double number = NumberAt(value, i);
    // 2^53: up to here every whole number is a double.
    if (!(std::abs(number) <= 0x1p53)) return BadProgram(absl::StrCat("the number ", number));
    integers[i] = static_cast<int64_t>(number);
  }
  return integers;
}

absl::StatusOr<std::vector<std::string>> TextsOf(const mil::Value& source, BlobStore& blobs) {
  std::vector<std::string> texts;
  if (source.immediatevalue().has_list()) {
    for (const mil::Value& each : source.immediatevalue().list().values()) {
      if (each.immediatevalue().has_list()) return BadProgram("a list of lists");
      NBITS_ASSIGN_OR_RETURN(const std::vector<std::string> more, TextsOf(each, blobs));
      texts.insert(texts.end(), more.begin(), more.end());
    }
    return texts;
  }
  NBITS_ASSIGN_OR_RETURN(ProgramValue value, ReadValue(source, blobs));
  if (value.type->kind == NumberKind::kText) return std::move(value.texts);
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> integers, IntegersOf(value));
  for (const int64_t integer : integers) texts.push_back(absl::StrCat(integer));
  return texts;
}

}  // namespace nbits
