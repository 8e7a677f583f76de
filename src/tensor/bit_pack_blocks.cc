// SPDX-License-Identifier: Apache-2.0
#include "tensor/bit_pack_blocks.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/bit_pack_blocks.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on
#include "tensor/bit_pack.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void PackBlocks(const uint8_t* codes, int64_t blocks, int bits, BitOrder order, std::byte* packed) {
  for (int64_t i = 0; i < blocks; ++i) {
    uint8_t block[kBlockElements];  // `packed` may be the codes' own memory.
    for (int64_t e = 0; e < kBlockElements; ++e) block[e] = codes[i * kBlockElements + e];
    reference::PackBits(block, bits, order, packed + i * 2 * bits);
  }
}

void UnpackBlocks(const std::byte* packed, int64_t blocks, int bits, BitOrder order,
                  uint8_t* codes) {
  const auto count = static_cast<size_t>(blocks * kBlockElements);
  reference::UnpackBits(packed, 0, bits, order, {codes, count});
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::Full128<uint8_t>;
using Pairs = hn::Full128<uint16_t>;
using Fours = hn::Full128<uint32_t>;
using Eights = hn::Full128<uint64_t>;

// Places of the 2 * kBits packed bytes within two 64-bit words that hold 8 * kBits bits each.
// Most-significant-first streams are big-endian.
template <int kBits, BitOrder kOrder>
constexpr int ByteOfWord(int byte) {
  return kOrder == BitOrder::kMostSignificantFirst ? kBits - 1 - byte : byte;
}

template <int kBits, BitOrder kOrder>
hn::Vec<Bytes> PackedPlaces() {
  alignas(16) uint8_t places[16];
  for (int i = 0; i < 16; ++i) {
    const int word = i / kBits < 2 ? i / kBits : 0;
    places[i] = static_cast<uint8_t>(8 * word + ByteOfWord<kBits, kOrder>(i % kBits));
  }
  return hn::Load(Bytes(), places);
}

// The inverse: where the bytes of the two words stand in the stream; 0x80 for bytes that are 0.
template <int kBits, BitOrder kOrder>
hn::Vec<Bytes> WordPlaces() {
  alignas(16) uint8_t places[16];
  for (int i = 0; i < 16; ++i) {
    const int byte = i % 8;
    const int place = i / 8 * kBits + ByteOfWord<kBits, kOrder>(byte);
    places[i] = static_cast<uint8_t>(byte < kBits ? place : 0x80);
  }
  return hn::Load(Bytes(), places);
}

// Two neighbouring fields of `kBits` in a lane of twice `kHalf` bits become one field of 2 * kBits.
template <int kBits, int kHalf, BitOrder kOrder, class D>
hn::Vec<D> Join(D d, hn::Vec<D> x) {
  const auto first = hn::And(x, hn::Set(d, (hn::TFromD<D>(1) << kHalf) - 1));
  const auto second = hn::ShiftRight<kHalf>(x);
  if (kOrder == BitOrder::kMostSignificantFirst) {
    return hn::Or(hn::ShiftLeft<kBits>(first), second);
  }
  return hn::Or(first, hn::ShiftLeft<kBits>(second));
}

template <int kBits, int kHalf, BitOrder kOrder, class D>
hn::Vec<D> Split(D d, hn::Vec<D> x) {
  const auto low = hn::And(x, hn::Set(d, (hn::TFromD<D>(1) << kBits) - 1));
  const auto high = hn::ShiftRight<kBits>(x);
  if (kOrder == BitOrder::kMostSignificantFirst) {
    return hn::Or(high, hn::ShiftLeft<kHalf>(low));
  }
  return hn::Or(low, hn::ShiftLeft<kHalf>(high));
}

template <int kBits, BitOrder kOrder>
void PackWidth(const uint8_t* codes, int64_t blocks, std::byte* packed) {
  const Bytes bytes;
  const auto places = PackedPlaces<kBits, kOrder>();
  auto* out = reinterpret_cast<uint8_t*>(packed);
  for (int64_t i = 0; i < blocks; ++i) {
    const auto block = hn::LoadU(bytes, codes + i * kBlockElements);
    const auto pairs = Join<kBits, 8, kOrder>(Pairs(), hn::BitCast(Pairs(), block));
    const auto fours = Join<2 * kBits, 16, kOrder>(Fours(), hn::BitCast(Fours(), pairs));
    const auto eights = Join<4 * kBits, 32, kOrder>(Eights(), hn::BitCast(Eights(), fours));
    hn::StoreU(hn::TableLookupBytes(hn::BitCast(bytes, eights), places), bytes,
               out + i * 2 * kBits);
  }
}

template <int kBits, BitOrder kOrder>
void UnpackWidth(const std::byte* packed, int64_t blocks, uint8_t* codes) {
  const Bytes bytes;
  const auto places = WordPlaces<kBits, kOrder>();
  const auto* in = reinterpret_cast<const uint8_t*>(packed);
  for (int64_t i = 0; i < blocks; ++i) {
    const auto words = hn::TableLookupBytesOr0(hn::LoadU(bytes, in + i * 2 * kBits), places);
    const auto eights = Split<4 * kBits, 32, kOrder>(Eights(), hn::BitCast(Eights(), words));
    const auto fours = Split<2 * kBits, 16, kOrder>(Fours(), hn::BitCast(Fours(), eights));
    const auto pairs = Split<kBits, 8, kOrder>(Pairs(), hn::BitCast(Pairs(), fours));
    hn::StoreU(hn::BitCast(bytes, pairs), bytes, codes + i * kBlockElements);
  }
}

template <BitOrder kOrder>
void PackOrder(const uint8_t* codes, int64_t blocks, int bits, std::byte* packed) {
  using Function = void (*)(const uint8_t*, int64_t, std::byte*);
  static constexpr Function kWidths[] = {
      PackWidth<1, kOrder>, PackWidth<2, kOrder>, PackWidth<3, kOrder>, PackWidth<4, kOrder>,
      PackWidth<5, kOrder>, PackWidth<6, kOrder>, PackWidth<7, kOrder>};
  kWidths[bits - 1](codes, blocks, packed);
}

template <BitOrder kOrder>
void UnpackOrder(const std::byte* packed, int64_t blocks, int bits, uint8_t* codes) {
  using Function = void (*)(const std::byte*, int64_t, uint8_t*);
  static constexpr Function kWidths[] = {UnpackWidth<1, kOrder>, UnpackWidth<2, kOrder>,
                                         UnpackWidth<3, kOrder>, UnpackWidth<4, kOrder>,
                                         UnpackWidth<5, kOrder>, UnpackWidth<6, kOrder>,
                                         UnpackWidth<7, kOrder>};
  kWidths[bits - 1](packed, blocks, codes);
}

void PackBlocks(const uint8_t* codes, int64_t blocks, int bits, BitOrder order, std::byte* packed) {
  order == BitOrder::kMostSignificantFirst
      ? PackOrder<BitOrder::kMostSignificantFirst>(codes, blocks, bits, packed)
      : PackOrder<BitOrder::kLeastSignificantFirst>(codes, blocks, bits, packed);
}

void UnpackBlocks(const std::byte* packed, int64_t blocks, int bits, BitOrder order,
                  uint8_t* codes) {
  order == BitOrder::kMostSignificantFirst
      ? UnpackOrder<BitOrder::kMostSignificantFirst>(packed, blocks, bits, codes)
      : UnpackOrder<BitOrder::kLeastSignificantFirst>(packed, blocks, bits, codes);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(PackBlocks);
HWY_EXPORT(UnpackBlocks);

void PackBlocks(const uint8_t* codes, int64_t blocks, int bits, BitOrder order, std::byte* packed) {
  HWY_DYNAMIC_DISPATCH(PackBlocks)(codes, blocks, bits, order, packed);
}

void UnpackBlocks(const std::byte* packed, int64_t blocks, int bits, BitOrder order,
                  uint8_t* codes) {
  HWY_DYNAMIC_DISPATCH(UnpackBlocks)(packed, blocks, bits, order, codes);
}

}  // namespace nbits
#endif  // HWY_ONCE
