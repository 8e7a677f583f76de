// SPDX-License-Identifier: Apache-2.0
// Protocol Buffers wire format, one field at a time. Nothing is copied; every length is checked
// against the bytes that are there.
//
// Source: the encoding chapter of the Protocol Buffers documentation.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WIRE_WIRE_READER_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WIRE_WIRE_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"

namespace nbits {

using ByteSpan = std::span<const std::byte>;

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLengthDelimited = 2,
  kGroupBegin = 3,
  kGroupEnd = 4,
  kFixed32 = 5
};

struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t varint = 0;  // kVarint only.
  ByteSpan bytes;       // The whole field: tag, length, value; groups up to their end tag.
  ByteSpan payload;     // kLengthDelimited: what the length counts; fixed types: the 4 or 8 bytes.
};

class WireReader {
 public:
  explicit WireReader(ByteSpan bytes) : bytes_(bytes) {}

  bool done() const { return position_ == bytes_.size(); }
  size_t position() const { return position_; }

  // Reads the next field. InvalidArgument, without place, for a varint that does not end, a length
  // that leaves the bytes, field number 0, an unknown wire type or a group without its end.
  absl::Status Next(WireField& field);

 private:
  absl::Status ReadVarint(uint64_t& value);
  absl::Status ReadTag(WireField& field);
  absl::Status Take(uint64_t count, ByteSpan& taken);
  absl::Status ReadValue(WireField& field);
  absl::Status SkipGroup(uint32_t number);

  ByteSpan bytes_;
  size_t position_ = 0;
};

// Appends `value` in the shortest form.
void AppendVarint(uint64_t value, std::string& out);
size_t VarintSize(uint64_t value);
void AppendTag(uint32_t number, WireType type, std::string& out);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WIRE_WIRE_READER_H_
