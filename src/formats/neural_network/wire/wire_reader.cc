// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/wire/wire_reader.h"

#include <limits>
#include <vector>

#include "base/status_macros.h"

namespace nbits {
namespace {

constexpr int kMaxVarintBytes = 10;
constexpr size_t kMaxGroupDepth = 100;

absl::Status Malformed(const char* reason) { return absl::InvalidArgumentError(reason); }

}  // namespace

absl::Status WireReader::ReadVarint(uint64_t& value) {
  value = 0;
  for (int i = 0; i < kMaxVarintBytes; ++i) {
    if (done()) return Malformed("it ends within a number");
    const uint64_t byte = static_cast<uint64_t>(bytes_[position_++]);
    value |= (byte & 0x7F) << (7 * i);  // Bits beyond the 64th are lost, as in every decoder.
    if (byte < 0x80) return absl::OkStatus();
  }
  return Malformed("a number of more than 10 bytes");
}

absl::Status WireReader::ReadTag(WireField& field) {
  uint64_t tag;
  NBITS_RETURN_IF_ERROR(ReadVarint(tag));
  if (tag > std::numeric_limits<uint32_t>::max() || tag >> 3 == 0) {
    return Malformed("no valid field number");
  }
  if ((tag & 7) > 5) return Malformed("an unknown wire type");
  field.number = static_cast<uint32_t>(tag >> 3);
  field.type = static_cast<WireType>(tag & 7);
  return absl::OkStatus();
}

absl::Status WireReader::Take(uint64_t count, ByteSpan& taken) {
  if (count > bytes_.size() - position_) return Malformed("a length beyond its end");
  taken = bytes_.subspan(position_, count);
  position_ += count;
  return absl::OkStatus();
}

absl::Status WireReader::ReadValue(WireField& field) {
  switch (field.type) {
    case WireType::kVarint:
      return ReadVarint(field.varint);
    case WireType::kFixed64:
      return Take(8, field.payload);
    case WireType::kFixed32:
      return Take(4, field.payload);
    case WireType::kLengthDelimited: {
      uint64_t length;
      NBITS_RETURN_IF_ERROR(ReadVarint(length));
      return Take(length, field.payload);
    }
    case WireType::kGroupBegin:
      return SkipGroup(field.number);
    case WireType::kGroupEnd:
      return Malformed("the end of a group that never began");
  }
  return Malformed("an unknown wire type");
}

// Iterative, so that nesting costs no stack.
absl::Status WireReader::SkipGroup(uint32_t number) {
  std::vector<uint32_t> open = {number};
  while (!open.empty()) {
    WireField field;
    NBITS_RETURN_IF_ERROR(ReadTag(field));
    if (field.type == WireType::kGroupBegin) {
      if (open.size() >= kMaxGroupDepth) return Malformed("groups nested too deeply");
      open.push_back(field.number);
    } else if (field.type == WireType::kGroupEnd) {
      if (field.number != open.back()) return Malformed("groups that overlap");
      open.pop_back();
    } else {
      NBITS_RETURN_IF_ERROR(ReadValue(field));
    }
  }
  return absl::OkStatus();
}

absl::Status WireReader::Next(WireField& field) {
  const size_t begin = position_;
  field = WireField();
  NBITS_RETURN_IF_ERROR(ReadTag(field));
  NBITS_RETURN_IF_ERROR(ReadValue(field));
  field.bytes = bytes_.subspan(begin, position_ - begin);
  return absl::OkStatus();
}

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7F) | 0x80));
  out.push_back(static_cast<char>(value));
}

size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void AppendTag(uint32_t number, WireType type, std::string& out) {
  AppendVarint(uint64_t{number} << 3 | static_cast<uint64_t>(type), out);
}

}  // namespace nbits
