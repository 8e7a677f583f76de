// SPDX-License-Identifier: Apache-2.0
// Streams of n-bit elements: the fast functions, on every instruction set, against one bit at a
// time.
#include "tensor/bit_pack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/quantize/test_values.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

void CheckBitPack() {
  std::mt19937 random(5);
  for (BitOrder order : {BitOrder::kMostSignificantFirst, BitOrder::kLeastSignificantFirst}) {
    for (int bits = 1; bits <= 8; ++bits) {
      for (size_t length : kLengths) {
        std::vector<uint8_t> codes(length);
        for (uint8_t& code : codes) code = static_cast<uint8_t>(random() & ((1 << bits) - 1));
        const auto bytes = static_cast<size_t>(PackedByteCount(length, bits));
        std::vector<std::byte> fast(bytes, std::byte{0xff}), slow(bytes);
        PackBits(codes, bits, order, fast.data());
        reference::PackBits(codes, bits, order, slow.data());
        EXPECT_EQ(fast, slow) << bits << " bits, " << length;
        for (size_t begin = 0; begin < std::min<size_t>(length, 20); ++begin) {
          for (size_t count : {size_t{1}, (length - begin + 1) / 2, length - begin}) {
            std::vector<uint8_t> a(count), b(count);
            UnpackBits(fast.data(), begin, bits, order, a);
            reference::UnpackBits(fast.data(), begin, bits, order, b);
            EXPECT_EQ(a, b);
            EXPECT_TRUE(std::equal(a.begin(), a.end(), codes.begin() + begin));
          }
        }
      }
    }
  }
}

TEST(BitPack, AgreesWithOneBitAtATime) { testing::OnEveryTarget(CheckBitPack); }

TEST(BitPack, PacksInPlace) {
  for (int bits = 1; bits <= 8; ++bits) {
    std::vector<uint8_t> codes(1021);
    for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i * 37 % (1 << bits));
    std::vector<std::byte> slow(PackedByteCount(1021, bits));
    reference::PackBits(codes, bits, BitOrder::kMostSignificantFirst, slow.data());
    auto* packed = reinterpret_cast<std::byte*>(codes.data());
    PackBits(codes, bits, BitOrder::kMostSignificantFirst, packed);
    EXPECT_TRUE(std::equal(slow.begin(), slow.end(), packed)) << bits;
  }
}

TEST(BitPack, Example) {
  const std::vector<uint8_t> codes = {0, 1, 2, 3, 4, 5, 6, 7, 5};
  std::vector<std::byte> packed(4);
  PackBits(codes, 3, BitOrder::kMostSignificantFirst, packed.data());
  EXPECT_EQ(packed, (std::vector<std::byte>{std::byte{0x05}, std::byte{0x39}, std::byte{0x77},
                                            std::byte{0xa0}}));
}

}  // namespace
}  // namespace nbits
