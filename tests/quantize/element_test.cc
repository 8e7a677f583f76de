// SPDX-License-Identifier: Apache-2.0
// One element is what decoding all of them gives.
#include "tensor/element.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tensor/decode.h"

namespace nbits {
namespace {

constexpr int64_t kRows = 6, kColumns = 40;

struct Element : ::testing::Test {
  // Random codes of so many bits; `scales` grids.
  PackedTensor Grid(Scheme scheme, int bits, BitOrder order, int64_t scales) {
    PackedTensor tensor;
    tensor.scheme = scheme;
    tensor.bits = bits;
    tensor.bit_order = order;
    tensor.shape = {kRows, kColumns};
    for (int64_t i = 0; i < scales; ++i) {
      tensor.scale.push_back(0.013f * static_cast<float>(i + 1));
      tensor.offset.push_back(-0.21f * static_cast<float>(i % 3));
    }
    bytes_.resize(static_cast<size_t>(PackedByteCount(kRows * kColumns, bits)));
    for (std::byte& byte : bytes_) byte = static_cast<std::byte>(random_());
    tensor.bytes = bytes_;
    return tensor;
  }
  static void ExpectElements(const PackedTensor& tensor) {
    ASSERT_TRUE(Validate(tensor).ok());
    std::vector<float> all(kRows * kColumns);
    DecodeElements(tensor, 0, all);
    for (int64_t i = 0; i < kRows * kColumns; ++i) EXPECT_EQ(DecodeElement(tensor, i), all[i]) << i;
  }

 private:
  std::mt19937 random_{7};
  std::vector<std::byte> bytes_;
};

TEST_F(Element, OfGrids) {
  for (int bits = 1; bits <= 8; ++bits) {
    for (const BitOrder order :
         {BitOrder::kMostSignificantFirst, BitOrder::kLeastSignificantFirst}) {
      // One for all, one a row, one for each of four blocks of a row.
      for (const int64_t scales : {int64_t{1}, kRows, 4 * kRows}) {
        PackedTensor tensor = Grid(Scheme::kLinear, bits, order, scales);
        ExpectElements(tensor);
        tensor.half_values = true;
        ExpectElements(tensor);
      }
    }
  }
}

TEST_F(Element, OfGridsByColumn) {
  PackedTensor tensor = Grid(Scheme::kLinear, 5, BitOrder::kMostSignificantFirst, kColumns);
  tensor.channel_axis = 1;
  ExpectElements(tensor);
}

TEST_F(Element, OfSignedGrids) {
  ExpectElements(Grid(Scheme::kSignedLinear, 8, BitOrder::kMostSignificantFirst, kRows));
}

TEST_F(Element, OfTables) {
  for (int bits = 1; bits <= 8; ++bits) {
    PackedTensor tensor = Grid(Scheme::kLookupTable, bits, BitOrder::kLeastSignificantFirst, 0);
    for (int i = 0; i < 1 << bits; ++i) tensor.table.push_back(0.7f * static_cast<float>(i) - 3);
    ExpectElements(tensor);
  }
}

}  // namespace
}  // namespace nbits
