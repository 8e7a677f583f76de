// SPDX-License-Identifier: Apache-2.0
// Changes models as protocol buffers: fields are dropped, doubled, swapped, renumbered, given other
// values, or put in the place of others, and the lengths around them follow. Bytes changed at
// random rarely get past the first wrong length. NBITS_FUZZ_PREFIX bytes in front of the message
// are changed as bytes.
#include <algorithm>
#include <cstring>
#include <random>

#include "fuzz/wire_message.h"

#ifndef NBITS_FUZZ_PREFIX
#define NBITS_FUZZ_PREFIX 0
#endif

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace nbits::fuzz {
namespace {

using Random = std::minstd_rand;

constexpr size_t kPrefix = NBITS_FUZZ_PREFIX;
constexpr int kDeepest = 12;  // Messages within messages.

size_t Below(Random& random, size_t end) { return end == 0 ? 0 : random() % end; }

std::string MutateBytes(std::string bytes, Random& random) {
  const size_t size = bytes.size(), most = size + 1 + Below(random, 16);
  bytes.resize(most);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), size, most));
  return bytes;
}

uint64_t OtherNumber(uint64_t value, Random& random) {
  constexpr uint64_t kEdges[] = {0, 1, 2, 3, 4, 5, 7, 8, 16, 255, 256, 65535, 1u << 31, ~0ull};
  switch (Below(random, 4)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return value ^ (1ull << Below(random, 16));
    default:
      return kEdges[Below(random, std::size(kEdges))];
  }
}

void ChangeValue(WireField& field, Random& random) {
  if (field.type == 0) {
    field.varint = OtherNumber(field.varint, random);
  } else if (field.type == 2) {
    field.bytes = MutateBytes(field.bytes, random);
  } else {
    field.bytes[Below(random, field.bytes.size())] ^= static_cast<char>(1 << Below(random, 8));
  }
}

WireField NewField(Random& random) {
  WireField field;
  field.number = 1 + static_cast<uint32_t>(Below(random, Below(random, 4) == 0 ? 1400 : 40));
  field.type = Below(random, 2) == 0 ? 0 : 2;
  field.varint = OtherNumber(1, random);
  return field;
}

// `donor` is a field from anywhere.
void ChangeList(WireMessage& message, const WireField& donor, Random& random) {
  const size_t at = Below(random, message.size()), other = Below(random, message.size());
  const auto place = message.begin() + static_cast<ptrdiff_t>(at);
  switch (message.empty() ? 0 : Below(random, 8)) {
    case 0:
      message.insert(place, Below(random, 2) == 0 ? NewField(random) : donor);
      return;
    case 1:
      message.erase(place);
      return;
    case 2:
      message.insert(place, WireField(message[other]));
      return;
    case 3:
      std::swap(message[at], message[other]);
      return;
    case 4:
      message[at].number = NewField(random).number;
      return;
    case 5:
      message[at] = donor;
      return;
    default:
      ChangeValue(message[at], random);
  }
}

// Changes the message or, more often, one within it.
void MutateMessage(WireMessage& message, const WireField& donor, int depth, Random& random) {
  if (!message.empty() && depth < kDeepest && Below(random, 5) != 0) {
    WireField& field = message[Below(random, message.size())];
    auto inner = field.type == 2 ? ParseMessage(field.bytes) : std::nullopt;
    if (inner && !inner->empty()) {
      MutateMessage(*inner, donor, depth + 1, random);
      field.bytes = EncodeMessage(*inner);
      return;
    }
  }
  ChangeList(message, donor, random);
}

// Some field of the message or of those within it.
WireField AnyField(const WireMessage& message, Random& random) {
  if (message.empty()) return NewField(random);
  const WireField& field = message[Below(random, message.size())];
  const auto inner = field.type == 2 ? ParseMessage(field.bytes) : std::nullopt;
  return inner && !inner->empty() && Below(random, 4) != 0 ? AnyField(*inner, random) : field;
}

std::string_view MessageOf(const uint8_t* data, size_t size) {
  const size_t prefix = std::min(kPrefix, size);
  return {reinterpret_cast<const char*>(data) + prefix, size - prefix};
}

// 0 when the result would not fit.
size_t Put(const WireMessage& message, uint8_t* data, size_t max_size) {
  const std::string bytes = EncodeMessage(message);
  if (kPrefix + bytes.size() > max_size) return 0;
  std::memcpy(data + kPrefix, bytes.data(), bytes.size());
  return kPrefix + bytes.size();
}

}  // namespace
}  // namespace nbits::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  using namespace nbits::fuzz;
  Random random(seed);
  auto message = ParseMessage(MessageOf(data, size));
  if (!message || size < kPrefix || Below(random, 16) == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  if (kPrefix > 0 && Below(random, 4) == 0) LLVMFuzzerMutate(data, kPrefix, kPrefix);
  MutateMessage(*message, AnyField(*message, random), 0, random);
  const size_t changed = Put(*message, data, max_size);
  return changed > 0 ? changed : LLVMFuzzerMutate(data, size, max_size);
}

// The first message with a field of the second.
extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2, uint8_t* out,
                                            size_t max_out_size, unsigned seed) {
  using namespace nbits::fuzz;
  Random random(seed);
  auto first = ParseMessage(MessageOf(data1, size1));
  const auto second = ParseMessage(MessageOf(data2, size2));
  if (!first || !second || size1 < kPrefix || kPrefix > max_out_size) return 0;
  MutateMessage(*first, AnyField(*second, random), 0, random);
  std::memcpy(out, data1, kPrefix);
  return Put(*first, out, max_out_size);
}
