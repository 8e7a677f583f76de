// SPDX-License-Identifier: Apache-2.0
#include "tensor/bit_pack.h"

#include <algorithm>
#include <cstring>

#include "tensor/bit_pack_blocks.h"

namespace nbits {
namespace {

constexpr int kGroup = 8;  // Elements that fill a whole number of bytes at every width.
constexpr uint64_t kOdd8 = 0xff00ff00ff00ff00, kEven8 = 0x00ff00ff00ff00ff;
constexpr uint64_t kOdd16 = 0xffff0000ffff0000, kEven16 = 0x0000ffff0000ffff;
constexpr uint64_t kOdd32 = 0xffffffff00000000, kEven32 = 0x00000000ffffffff;

// Closes the gaps between the eight bytes' low `bits` bits: fields merge in pairs, then fours, then
// eights. The result stands in the low 8 * bits bits, in the order of the bytes.
uint64_t Compress(uint64_t x, int bits) {
  x = (x & kOdd8) >> (8 - bits) | (x & kEven8);
  x = (x & kOdd16) >> (16 - 2 * bits) | (x & kEven16);
  return (x & kOdd32) >> (32 - 4 * bits) | (x & kEven32);
}

// The inverse of Compress.
uint64_t Spread(uint64_t x, int bits) {
  const uint64_t field = (uint64_t{1} << bits) - 1;
  x = (x << (32 - 4 * bits) & kOdd32) | (x & ((uint64_t{1} << 4 * bits) - 1));
  const uint64_t half = ((uint64_t{1} << 2 * bits) - 1) * 0x0000000100000001;
  x = (x << (16 - 2 * bits) & (half << 16)) | (x & half);
  const uint64_t quarter = field * 0x0001000100010001;
  return (x << (8 - bits) & (quarter << 8)) | (x & quarter);
}

// In memory order the first element is the lowest byte; most-significant-first streams want it on
// top of the word.
template <BitOrder kOrder>
uint64_t Turn(uint64_t x) {
  return kOrder == BitOrder::kMostSignificantFirst ? __builtin_bswap64(x) : x;
}

template <BitOrder kOrder>
uint64_t PackGroup(uint64_t codes, int bits) {
  const uint64_t word = Compress(Turn<kOrder>(codes), bits);
  const int spare = kOrder == BitOrder::kMostSignificantFirst ? 64 - 8 * bits : 0;
  return Turn<kOrder>(word << spare);
}

template <BitOrder kOrder>
uint64_t UnpackGroup(uint64_t bytes, int bits) {
  const int spare = kOrder == BitOrder::kMostSignificantFirst ? 64 - 8 * bits : 0;
  const uint64_t low = ~uint64_t{0} >> (64 - 8 * bits);
  return Turn<kOrder>(Spread((Turn<kOrder>(bytes) >> spare) & low, bits));
}

// `bits` as a constant lets the compiler fix every shift and mask.
template <BitOrder kOrder, int kBits>
void PackGroups(const uint8_t* codes, int64_t groups, std::byte* packed) {
  for (int64_t i = 0; i < groups; ++i) {
    uint64_t word;
    std::memcpy(&word, codes + i * kGroup, kGroup);
    word = PackGroup<kOrder>(word, kBits);
    std::memcpy(packed + i * kBits, &word, kBits);
  }
}

template <BitOrder kOrder, int kBits>
void UnpackGroups(const std::byte* packed, int64_t groups, uint8_t* codes) {
  for (int64_t i = 0; i < groups; ++i) {
    uint64_t word = 0;
    std::memcpy(&word, packed + i * kBits, kBits);
    word = UnpackGroup<kOrder>(word, kBits);
    std::memcpy(codes + i * kGroup, &word, kGroup);
  }
}

using PackFunction = void (*)(const uint8_t*, int64_t, std::byte*);
using UnpackFunction = void (*)(const std::byte*, int64_t, uint8_t*);

template <BitOrder kOrder>
PackFunction PackerOf(int bits) {
  static constexpr PackFunction kTable[] = {
      PackGroups<kOrder, 1>, PackGroups<kOrder, 2>, PackGroups<kOrder, 3>, PackGroups<kOrder, 4>,
      PackGroups<kOrder, 5>, PackGroups<kOrder, 6>, PackGroups<kOrder, 7>};
  return kTable[bits - 1];
}

template <BitOrder kOrder>
UnpackFunction UnpackerOf(int bits) {
  static constexpr UnpackFunction kTable[] = {UnpackGroups<kOrder, 1>, UnpackGroups<kOrder, 2>,
                                              UnpackGroups<kOrder, 3>, UnpackGroups<kOrder, 4>,
                                              UnpackGroups<kOrder, 5>, UnpackGroups<kOrder, 6>,
                                              UnpackGroups<kOrder, 7>};
  return kTable[bits - 1];
}

// How many blocks of two groups can be moved so that the last one's kBlockBytes stay within the
// bytes of `groups`.
int64_t WholeBlocks(int64_t groups, int bits) {
  const int64_t room = groups * bits - kBlockBytes;
  return room < 0 ? 0 : std::min(room / (2 * bits) + 1, groups / 2);
}

bool MostSignificantFirst(BitOrder order) { return order == BitOrder::kMostSignificantFirst; }

// Reads `count` < 8 elements that all lie in the group starting at `group`, whose last bytes may
// not exist.
void UnpackPart(const std::byte* group, int first, int bits, BitOrder order, int count,
                uint8_t* codes) {
  const int from = first * bits / 8, to = static_cast<int>(PackedByteCount(first + count, bits));
  std::byte bytes[kGroup] = {};
  std::memcpy(bytes + from, group + from, to - from);
  uint8_t all[kGroup];
  (MostSignificantFirst(order) ? UnpackerOf<BitOrder::kMostSignificantFirst>(bits)
                               : UnpackerOf<BitOrder::kLeastSignificantFirst>(bits))(bytes, 1, all);
  std::memcpy(codes, all + first, count);
}

}  // namespace

void PackBits(std::span<const uint8_t> codes, int bits, BitOrder order, std::byte* packed) {
  if (codes.empty()) return;
  if (bits == 8) {
    std::memmove(packed, codes.data(), codes.size());
    return;
  }
  const auto pack = MostSignificantFirst(order) ? PackerOf<BitOrder::kMostSignificantFirst>(bits)
                                                : PackerOf<BitOrder::kLeastSignificantFirst>(bits);
  const int64_t groups = static_cast<int64_t>(codes.size()) / kGroup;
  const int64_t blocks = WholeBlocks(groups, bits), done = blocks * 2;
  PackBlocks(codes.data(), blocks, bits, order, packed);
  pack(codes.data() + done * kGroup, groups - done, packed + done * bits);
  const size_t rest = codes.size() % kGroup;
  if (rest == 0) return;
  uint8_t last[kGroup] = {};
  std::byte bytes[kGroup];
  std::memcpy(last, codes.data() + groups * kGroup, rest);
  pack(last, 1, bytes);
  std::memcpy(packed + groups * bits, bytes, PackedByteCount(rest, bits));
}

void UnpackBits(const std::byte* packed, int64_t begin, int bits, BitOrder order,
                std::span<uint8_t> codes) {
  if (codes.empty()) return;
  if (bits == 8) {
    std::memcpy(codes.data(), packed + begin, codes.size());
    return;
  }
  const std::byte* group = packed + begin / kGroup * bits;
  if (const int first = begin % kGroup; first != 0) {
    const int count = static_cast<int>(std::min<size_t>(kGroup - first, codes.size()));
    UnpackPart(group, first, bits, order, count, codes.data());
    codes = codes.subspan(count);
    group += bits;
  }
  const int64_t groups = static_cast<int64_t>(codes.size()) / kGroup;
  const int64_t blocks = WholeBlocks(groups, bits), done = blocks * 2;
  UnpackBlocks(group, blocks, bits, order, codes.data());
  (MostSignificantFirst(order) ? UnpackerOf<BitOrder::kMostSignificantFirst>(bits)
                               : UnpackerOf<BitOrder::kLeastSignificantFirst>(bits))(
      group + done * bits, groups - done, codes.data() + done * kGroup);
  const int rest = codes.size() % kGroup;
  if (rest != 0) {
    UnpackPart(group + groups * bits, 0, bits, order, rest, codes.data() + groups * kGroup);
  }
}

namespace reference {
namespace {

// Position inside its byte (0 = least significant) of bit `i` of the stream.
int ShiftOf(int64_t i, BitOrder order) {
  const int position = static_cast<int>(i % 8);
  return MostSignificantFirst(order) ? 7 - position : position;
}

// The stream's bit `k` of an element is this bit of its code.
int CodeBit(int k, int bits, BitOrder order) {
  return MostSignificantFirst(order) ? bits - 1 - k : k;
}

}  // namespace

void PackBits(std::span<const uint8_t> codes, int bits, BitOrder order, std::byte* packed) {
  const auto count = static_cast<int64_t>(codes.size());
  std::fill_n(packed, PackedByteCount(count, bits), std::byte{0});
  for (int64_t i = 0; i < count * bits; ++i) {
    const int bit = codes[i / bits] >> CodeBit(static_cast<int>(i % bits), bits, order) & 1;
    packed[i / 8] |= static_cast<std::byte>(bit << ShiftOf(i, order));
  }
}

void UnpackBits(const std::byte* packed, int64_t begin, int bits, BitOrder order,
                std::span<uint8_t> codes) {
  for (size_t e = 0; e < codes.size(); ++e) {
    codes[e] = 0;
    for (int k = 0; k < bits; ++k) {
      const int64_t i = (begin + static_cast<int64_t>(e)) * bits + k;
      const int bit = std::to_integer<int>(packed[i / 8]) >> ShiftOf(i, order) & 1;
      codes[e] |= static_cast<uint8_t>(bit << CodeBit(k, bits, order));
    }
  }
}

}  // namespace reference
}  // namespace nbits
