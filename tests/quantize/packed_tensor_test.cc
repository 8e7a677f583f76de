// SPDX-License-Identifier: Apache-2.0
#include "nbits/packed_tensor.h"

#include <gtest/gtest.h>

#include <array>

namespace nbits {
namespace {

TEST(ElementCount, RefusesNegativeAndOverflowingShapes) {
  EXPECT_EQ(ElementCount({2, 3, 4}).value(), 24);
  EXPECT_EQ(ElementCount({}).value(), 1);
  EXPECT_FALSE(ElementCount({2, -1}).ok());
  EXPECT_FALSE(ElementCount({int64_t{1} << 62, 4}).ok());
}

TEST(Validate, CountsBytesScalesAndTableEntries) {
  std::array<std::byte, 3> bytes{};
  PackedTensor tensor{.scheme = Scheme::kLinear,
                      .bits = 4,
                      .shape = {2, 3},
                      .scale = {1, 1},
                      .offset = {0, 0},
                      .table = {},
                      .bytes = bytes,
                      .owner = nullptr};
  EXPECT_TRUE(Validate(tensor).ok()) << Validate(tensor);
  tensor.scale = {1, 1, 1};
  EXPECT_FALSE(Validate(tensor).ok());
  tensor.scheme = Scheme::kLookupTable;
  tensor.table.resize(15);
  EXPECT_FALSE(Validate(tensor).ok());
  tensor.table.resize(16);
  EXPECT_TRUE(Validate(tensor).ok());
  tensor.shape = {7};
  EXPECT_FALSE(Validate(tensor).ok());
}

}  // namespace
}  // namespace nbits
