// SPDX-License-Identifier: Apache-2.0
#include "nbits/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/fixtures.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<float> Counting(float first) {
  std::vector<float> values;
  for (int i = 0; i < 24; ++i) values.push_back(first + static_cast<float>(i));
  return values;
}

class NpyKind : public ::testing::TestWithParam<const char*> {};

TEST_P(NpyKind, ReadsWhatNumpyWrote) {
  const auto tensor = ReadNpy(FixturePath(std::string(GetParam()) + ".npy"));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(tensor->shape, ElementsAre(2, 3, 4));
  EXPECT_EQ(tensor->values, Counting(-7));
}

INSTANTIATE_TEST_SUITE_P(Npy, NpyKind,
                         ::testing::Values("float16", "float32", "float64", "int8", "int16",
                                           "int32", "int64", "fortran"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(Npy, ReadsUnsignedBoolAndScalar) {
  EXPECT_EQ(ReadNpy(FixturePath("uint8.npy"))->values, Counting(0));
  EXPECT_EQ(ReadNpy(FixturePath("bool.npy"))->values[7], 0);
  EXPECT_EQ(ReadNpy(FixturePath("bool.npy"))->values[8], 1);
  const auto scalar = ReadNpy(FixturePath("scalar.npy"));
  EXPECT_TRUE(scalar->shape.empty());
  EXPECT_THAT(scalar->values, ElementsAre(2.5f));
}

TEST(Npy, ReadsBackWhatItWrites) {
  for (const Shape& shape : {Shape{}, Shape{24}, Shape{1, 24}, Shape{2, 3, 4}, Shape{0, 5}}) {
    Tensor tensor{shape, Counting(0.5)};
    if (shape.empty()) tensor.values.resize(1);
    if (shape == Shape{0, 5}) tensor.values.clear();
    const std::string bytes = EncodeNpy(tensor);
    const auto back = DecodeNpy(bytes, "array");
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->shape, shape);
    EXPECT_EQ(back->values, tensor.values);
  }
}

TEST(Npy, WritesTheBytesThatNumpyWrites) {
  EXPECT_EQ(EncodeNpy({{2, 3, 4}, Counting(-7)}), FixtureBytes("float32.npy"));
  EXPECT_EQ(EncodeNpy({{}, {2.5f}}), FixtureBytes("scalar.npy"));
}

TEST(Npy, RefusesEveryTruncation) {
  const std::string whole = FixtureBytes("float32.npy");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodeNpy(whole.substr(0, size), "array").ok()) << size;
  }
  EXPECT_FALSE(DecodeNpy(whole + "x", "array").ok());
}

TEST(Npy, SurvivesEveryChangedByte) {
  const std::string whole = FixtureBytes("fortran.npy");
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char value : {'\0', '9', '(', '\'', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      const auto tensor = DecodeNpy(damaged, "array");
      if (!tensor.ok()) continue;
      EXPECT_EQ(tensor->values.size(), 24u);
    }
  }
}

TEST(Npy, NamesFileAndReason) {
  const auto big_endian = ReadNpy(FixturePath("big_endian.npy"));
  EXPECT_THAT(std::string(big_endian.status().message()),
              HasSubstr("big_endian.npy: element type >f4"));
  EXPECT_THAT(std::string(DecodeNpy("hello world", "x.npy").status().message()),
              HasSubstr("x.npy: not a .npy file"));
}

TEST(Npy, RefusesShapesThatOverflow) {
  std::string bytes = EncodeNpy({{2, 3, 4}, Counting(0)});
  const size_t at = bytes.find("(2, 3, 4), }          ");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 22, "(4294967296,4294967296");
  EXPECT_FALSE(DecodeNpy(bytes, "array").ok());
}

}  // namespace
}  // namespace nbits
