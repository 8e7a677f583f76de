// SPDX-License-Identifier: Apache-2.0
#include "nbits/npy.h"

#include <charconv>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/figures.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "nbits/packed_tensor.h"
#include "tensor/half.h"

namespace nbits {
namespace {

constexpr absl::string_view kMagic("\x93NUMPY", 6);
constexpr size_t kAlignment = 64;  // Of the values, by numpy's convention.

template <typename Stored>
float Convert(const char* bytes) {
  Stored value;
  std::memcpy(&value, bytes, sizeof(value));
  return static_cast<float>(value);
}

float ConvertHalf(const char* bytes) {
  uint16_t half;
  std::memcpy(&half, bytes, sizeof(half));
  return FloatFromHalf(half);
}

// Doubles beyond Float32's range become infinities, which a plain cast leaves undefined.
float ConvertDouble(const char* bytes) {
  double value;
  std::memcpy(&value, bytes, sizeof(value));
  constexpr double kLargest = 3.4028235677973366e38;  // Halfway between FLT_MAX and 2^128.
  if (value >= kLargest) return HUGE_VALF;
  return value <= -kLargest ? -HUGE_VALF : static_cast<float>(value);
}

struct ElementType {
  absl::string_view descr;
  size_t size;
  float (*convert)(const char* bytes);
};
constexpr ElementType kElementTypes[] = {
    {"<f4", 4, Convert<float>},    {"<f2", 2, ConvertHalf},       {"<f8", 8, ConvertDouble},
    {"|u1", 1, Convert<uint8_t>},  {"|i1", 1, Convert<int8_t>},   {"|b1", 1, Convert<uint8_t>},
    {"<i2", 2, Convert<int16_t>},  {"<u2", 2, Convert<uint16_t>}, {"<i4", 4, Convert<int32_t>},
    {"<u4", 4, Convert<uint32_t>}, {"<i8", 8, Convert<int64_t>},  {"<u8", 8, Convert<uint64_t>},
};

struct Header {
  const ElementType* type = nullptr;
  bool fortran_order = false;
  Shape shape;
};

// What stands after 'key': in the header's Python dictionary, without leading blanks.
absl::StatusOr<absl::string_view> ValueOf(absl::string_view dictionary, absl::string_view key) {
  const size_t at = dictionary.find(absl::StrCat("'", key, "'"));
  if (at == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("the .npy header has no ", key));
  }
  absl::string_view rest =
      absl::StripLeadingAsciiWhitespace(dictionary.substr(at + key.size() + 2));
  if (!absl::ConsumePrefix(&rest, ":")) {
    return absl::InvalidArgumentError(absl::StrCat("the .npy header is damaged at ", key));
  }
  return absl::StripLeadingAsciiWhitespace(rest);
}

absl::StatusOr<const ElementType*> ParseElementType(absl::string_view value) {
  const size_t end = value.empty() ? absl::string_view::npos : value.find('\'', 1);
  if (end == absl::string_view::npos || value.front() != '\'') {
    return absl::InvalidArgumentError("only plain .npy arrays can be read, no records");
  }
  const absl::string_view descr = value.substr(1, end - 1);
  for (const ElementType& type : kElementTypes) {
    if (type.descr == descr) return &type;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("element type ", descr, " is not supported (little-endian numbers are)"));
}

absl::StatusOr<Shape> ParseShape(absl::string_view value) {
  const size_t end = value.find(')');
  if (end == absl::string_view::npos || !absl::ConsumePrefix(&value, "(")) {
    return absl::InvalidArgumentError("the .npy header's shape is damaged");
  }
  Shape shape;
  for (absl::string_view text : absl::StrSplit(value.substr(0, end - 1), ',')) {
    text = absl::StripAsciiWhitespace(text);
    if (text.empty()) continue;  // "(3,)" and "()".
    int64_t extent = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc() || stop != text.data() + text.size() || extent < 0) {
      return absl::InvalidArgumentError("the .npy header's shape is damaged");
    }
    shape.push_back(extent);
  }
  if (shape.size() > 32) return absl::InvalidArgumentError("the array has more than 32 axes");
  return shape;
}

absl::StatusOr<Header> ParseHeader(absl::string_view dictionary) {
  Header header;
  NBITS_ASSIGN_OR_RETURN(const auto descr, ValueOf(dictionary, "descr"));
  NBITS_ASSIGN_OR_RETURN(const auto order, ValueOf(dictionary, "fortran_order"));
  NBITS_ASSIGN_OR_RETURN(const auto shape, ValueOf(dictionary, "shape"));
  NBITS_ASSIGN_OR_RETURN(header.type, ParseElementType(descr));
  NBITS_ASSIGN_OR_RETURN(header.shape, ParseShape(shape));
  header.fortran_order = absl::StartsWith(order, "True");
  return header;
}

// Takes the magic number, the version and the header off `bytes`.
absl::StatusOr<Header> TakeHeader(absl::string_view& bytes) {
  if (!absl::ConsumePrefix(&bytes, kMagic) || bytes.size() < 4) {
    return absl::InvalidArgumentError("not a .npy file");
  }
  const int version = static_cast<uint8_t>(bytes[0]);
  if (version < 1 || version > 3) {
    return absl::InvalidArgumentError(absl::StrCat("unknown .npy version ", version));
  }
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (bytes.size() < 2 + length_bytes) return absl::InvalidArgumentError("the file ends early");
  size_t length = 0;
  for (size_t i = length_bytes; i-- > 0;) length = length << 8 | static_cast<uint8_t>(bytes[2 + i]);
  bytes.remove_prefix(2 + length_bytes);
  if (length > bytes.size()) return absl::InvalidArgumentError("the file ends early");
  const absl::string_view dictionary = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return ParseHeader(dictionary);
}

// For each element in C order, its place in Fortran order, counted up axis by axis.
std::vector<float> FromFortranOrder(const std::vector<float>& values, const Shape& shape) {
  Shape index(shape.size(), 0), stride(shape.size(), 1);
  for (size_t axis = 1; axis < shape.size(); ++axis)
    stride[axis] = stride[axis - 1] * shape[axis - 1];
  std::vector<float> result(values.size());
  int64_t from = 0;
  for (float& value : result) {
    value = values[from];
    for (size_t axis = shape.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

absl::StatusOr<Tensor> DecodeArray(absl::string_view bytes) {
  NBITS_ASSIGN_OR_RETURN(const Header header, TakeHeader(bytes));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(header.shape));
  const uint64_t expected = static_cast<uint64_t>(count) * header.type->size;
  if (bytes.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("an array of shape ", ShapeText(header.shape),
                                                   " takes ", expected, " bytes, the file has ",
                                                   bytes.size()));
  }
  Tensor tensor{header.shape, std::vector<float>(static_cast<size_t>(count))};
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    tensor.values[i] = header.type->convert(bytes.data() + i * header.type->size);
  }
  if (header.fortran_order) tensor.values = FromFortranOrder(tensor.values, tensor.shape);
  return tensor;
}

}  // namespace

absl::StatusOr<Tensor> DecodeNpy(absl::string_view bytes, absl::string_view name) {
  absl::StatusOr<Tensor> tensor = DecodeArray(bytes);
  if (tensor.ok()) return tensor;
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", tensor.status().message()));
}

absl::StatusOr<Tensor> ReadNpy(const std::string& path) {
  NBITS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeNpy(bytes, path);
}

std::string EncodeNpy(const Tensor& tensor) {
  std::string shape = absl::StrJoin(tensor.shape, ", ");
  if (tensor.shape.size() == 1) shape += ",";
  std::string header =
      absl::StrCat("{'descr': '<f4', 'fortran_order': False, 'shape': (", shape, "), }");
  const size_t used = kMagic.size() + 4 + header.size() + 1;
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes +=
      {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * 4);
  return bytes;
}

absl::Status WriteNpy(const std::string& path, const Tensor& tensor) {
  return WriteFileAtomically(path, EncodeNpy(tensor));
}

}  // namespace nbits
