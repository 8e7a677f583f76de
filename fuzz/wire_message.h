// SPDX-License-Identifier: Apache-2.0
// A protocol buffer without its schema, as a list of fields that can be changed and written again.
#ifndef NBITS_FUZZ_WIRE_MESSAGE_H_
#define NBITS_FUZZ_WIRE_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nbits::fuzz {

struct WireField {
  uint32_t number = 1;
  int type = 0;         // 0 varint, 1 eight bytes, 2 with a length, 5 four bytes.
  uint64_t varint = 0;  // Type 0.
  std::string bytes;    // The others; without the length.
};

using WireMessage = std::vector<WireField>;

// nullopt when `bytes` are no sequence of whole fields.
std::optional<WireMessage> ParseMessage(std::string_view bytes);
std::string EncodeMessage(const WireMessage& message);

}  // namespace nbits::fuzz

#endif  // NBITS_FUZZ_WIRE_MESSAGE_H_
