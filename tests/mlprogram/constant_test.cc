// SPDX-License-Identifier: Apache-2.0
// What constants hold, form by form, against values written down by hand or decoded plainly.
#include "formats/ml_program/constants/constant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/ml_program/program.h"
#include "tests/mlprogram/program_builder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

// The last operation's first output, decoded; those before it are its constants.
class Constants : public ::testing::Test {
 protected:
  OperationBuilder Add(const std::string& type) { return AddOperation(block_, type); }

  absl::StatusOr<std::vector<float>> Values() {
    BlobStore blobs("");
    ProgramConstants constants(blobs);
    for (const mil::Operation& operation : block_.operations()) {
      if (const absl::Status status = constants.Add(operation); !status.ok()) return status;
    }
    const mil::Operation& last = *block_.operations().rbegin();
    const ProgramConstant* constant = constants.Find(last.outputs(last.outputs_size() - 1).name());
    is_packed_ = constant->is_packed && constant->packed.scheme != Scheme::kFloat32 &&
                 constant->packed.scheme != Scheme::kFloat16;
    return FloatsOf(*constant);
  }
  std::vector<float> Good() {
    const auto values = Values();
    EXPECT_TRUE(values.ok()) << values.status();
    return values.ok() ? *values : std::vector<float>();
  }

  mil::Block block_;
  bool is_packed_ = false;
};

TEST_F(Constants, PlainNumbersOfAllTypes) {
  Add("const")
      .With("val", BytesValue(mil::FLOAT16, {2}, Bytes({0x00, 0x3c, 0x00, 0xc0})))
      .Out("h", {2}, mil::FLOAT16);
  EXPECT_THAT(Good(), ElementsAre(1, -2));
  Add("const")
      .With("val", BytesValue(mil::INT4, {3}, Bytes({0xf8, 0x07})))
      .Out("i", {3}, mil::INT4);
  EXPECT_THAT(Good(), ElementsAre(-8, -1, 7));
  Add("const")
      .With("val", BytesValue(mil::UINT3, {3}, Bytes({0x6f, 0x00})))
      .Out("u", {3}, mil::UINT3);
  EXPECT_THAT(Good(), ElementsAre(7, 5, 1));
  Add("const").With("val", IntegersValue({5, -6}, {2})).Out("n", {2}, mil::INT32);
  EXPECT_THAT(Good(), ElementsAre(5, -6));
  Add("const").With("val", FlagsValue({true, false}, {2})).Out("b", {2}, mil::BOOL);
  EXPECT_THAT(Good(), ElementsAre(1, 0));
}

// Opset iOS16: a scale and a zero point for each entry of an axis.
TEST_F(Constants, AffineGridsStayPacked) {
  Add("constexpr_affine_dequantize")
      .With("quantized_data", BytesValue(mil::UINT8, {2, 2}, Bytes({0, 10, 20, 255})))
      .With("zero_point", BytesValue(mil::UINT8, {2}, Bytes({5, 100})))
      .With("scale", FloatsValue({0.5f, 2}, {2}))
      .With("axis", IntegersValue({-2}, {}))
      .Out("w", {2, 2});
  EXPECT_THAT(Good(), ElementsAre(-2.5f, 2.5f, -160, 310));
  EXPECT_TRUE(is_packed_);
}

TEST_F(Constants, GridsOfFloat16RoundTheirValues) {
  // 0x2e66 is 0.0999755859375; times 77 is 7.698..., which Float16 stores in steps of 2^-8.
  Add("constexpr_affine_dequantize")
      .With("quantized_data", BytesValue(mil::INT8, {1}, Bytes({77})))
      .With("zero_point", BytesValue(mil::INT8, {}, Bytes({0})))
      .With("scale", BytesValue(mil::FLOAT16, {}, Bytes({0x66, 0x2e})))
      .With("axis", IntegersValue({0}, {}))
      .Out("w", {1}, mil::FLOAT16);
  EXPECT_THAT(Good(), ElementsAre(7.69921875f));
}

TEST_F(Constants, CodesOfFourBitsWithASign) {
  Add("constexpr_blockwise_shift_scale")
      .In("data", BytesValue(mil::INT4, {1, 3}, Bytes({0xf8, 0x07})))
      .In("scale", FloatsValue({0.5f}, {1, 1}))
      .In("offset", BytesValue(mil::INT4, {1, 1}, Bytes({0x0f})))
      .Out("w", {1, 3});
  EXPECT_THAT(Good(), ElementsAre(-3.5f, 0, 4));
  EXPECT_TRUE(is_packed_);
}

TEST_F(Constants, BlocksOfChannelsStayPackedAndOthersAreDecoded) {
  Add("constexpr_blockwise_shift_scale")
      .In("data", BytesValue(mil::INT8, {2, 4}, Bytes({1, 2, 3, 4, 5, 6, 7, 8})))
      .In("scale", FloatsValue({1, 10, 100, 1000}, {2, 2}))
      .Out("w", {2, 4});
  EXPECT_THAT(Good(), ElementsAre(1, 2, 30, 40, 500, 600, 7000, 8000));
  EXPECT_TRUE(is_packed_);
  Add("constexpr_blockwise_shift_scale")
      .In("data", BytesValue(mil::INT8, {4, 2}, Bytes({1, 2, 3, 4, 5, 6, 7, 8})))
      .In("scale", FloatsValue({1, 10, 100, 1000}, {2, 2}))
      .In("offset", FloatsValue({0, 1, 0, 0.5f}, {2, 2}))
      .Out("v", {4, 2});
  EXPECT_THAT(Good(), ElementsAre(1, 10, 3, 30, 500, 5500, 700, 7500));
  EXPECT_FALSE(is_packed_);
}

// The indices of both opsets: the least significant bits first.
TEST_F(Constants, TablesStayPacked) {
  Add("constexpr_lut_to_dense")
      .With("indices", BytesValue(mil::UINT8, {1}, Bytes({0x1b})))
      .With("lut", FloatsValue({10, 11, 12, 13}, {4}))
      .With("shape", BytesValue(mil::UINT32, {2}, Bytes({2, 0, 0, 0, 2, 0, 0, 0})))
      .Out("w", {2, 2});
  EXPECT_THAT(Good(), ElementsAre(13, 12, 11, 10));
  EXPECT_TRUE(is_packed_);
  Add("constexpr_lut_to_dense")
      .In("indices", BytesValue(mil::UINT3, {3}, Bytes({0x6f, 0x00})))
      .In("lut", FloatsValue({0, 1, 2, 3, 4, 5, 6, 7.5f}, {1, 8, 1}))
      .Out("v", {3});
  EXPECT_THAT(Good(), ElementsAre(7.5f, 5, 1));
  EXPECT_TRUE(is_packed_);
}

TEST_F(Constants, TablesForGroupsAndOfVectors) {
  Add("constexpr_lut_to_dense")
      .In("indices", BytesValue(mil::UINT1, {4, 1}, Bytes({0x0a})))
      .In("lut", FloatsValue({1, 2, 3, 4}, {2, 1, 2, 1}))
      .Out("w", {4, 1});
  EXPECT_THAT(Good(), ElementsAre(1, 2, 3, 4));
  // Vectors of two along the first axis.
  Add("constexpr_lut_to_dense")
      .In("indices", BytesValue(mil::UINT1, {1, 2}, Bytes({0x02})))
      .In("lut", FloatsValue({1, 2, 3, 4}, {1, 1, 2, 2}))
      .In("vector_axis", IntegersValue({0}, {}))
      .Out("v", {2, 2});
  EXPECT_THAT(Good(), ElementsAre(1, 3, 2, 4));
}

// A table that is itself a constant with a scale.
TEST_F(Constants, TablesMayBeConstants) {
  Add("constexpr_blockwise_shift_scale")
      .In("data", BytesValue(mil::INT8, {1, 2, 1}, Bytes({3, 0xfe})))
      .In("scale", FloatsValue({0.5f}, {1, 1, 1}))
      .Out("table", {1, 2, 1});
  Add("constexpr_lut_to_dense")
      .In("indices", BytesValue(mil::UINT1, {3}, Bytes({0x05})))
      .In("lut", "table")
      .Out("w", {3});
  EXPECT_THAT(Good(), ElementsAre(-1, 1.5f, -1));
}

TEST_F(Constants, SparseOnes) {
  Add("constexpr_sparse_to_dense")
      .With("nonzero_data", FloatsValue({5, 6}, {2}))
      .With("mask", BytesValue(mil::UINT8, {1}, Bytes({0x0a})))
      .With("shape", BytesValue(mil::UINT32, {2}, Bytes({2, 0, 0, 0, 2, 0, 0, 0})))
      .Out("w", {2, 2});
  EXPECT_THAT(Good(), ElementsAre(0, 5, 0, 6));
  Add("constexpr_sparse_blockwise_shift_scale")
      .In("data_mask", BytesValue(mil::UINT1, {2, 2}, Bytes({0x09})))
      .In("nonzero_data", BytesValue(mil::INT8, {2}, Bytes({4, 0xfd})))
      .In("scale", FloatsValue({1, 10}, {2, 1}))
      .Out("mask", {2, 2}, mil::UINT1)
      .Out("kept", {2});
  EXPECT_THAT(Good(), ElementsAre(4, -30));
  Add("constexpr_sparse_to_dense").In("nonzero_data", "kept").In("mask", "mask").Out("v", {2, 2});
  EXPECT_THAT(Good(), ElementsAre(4, 0, 0, -30));
}

TEST_F(Constants, SparseTables) {
  Add("constexpr_lut_to_sparse")
      .In("indices_mask", BytesValue(mil::UINT1, {2, 2}, Bytes({0x06})))
      .In("indices_nonzero_data", BytesValue(mil::UINT1, {2}, Bytes({0x01})))
      .In("lut", FloatsValue({7, 8}, {1, 1, 2, 1}))
      .Out("mask", {2, 2}, mil::UINT1)
      .Out("kept", {2});
  EXPECT_THAT(Good(), ElementsAre(8, 7));
}

TEST_F(Constants, Casts) {
  Add("constexpr_cast")
      .With("source_val", BytesValue(mil::FLOAT16, {1}, Bytes({0x00, 0x3e})))
      .With("output_dtype", TextValueOf("fp32"))
      .Out("w", {1});
  EXPECT_THAT(Good(), ElementsAre(1.5f));
}

TEST_F(Constants, WhatContradictsItselfIsAnError) {
  Add("constexpr_lut_to_dense")
      .With("indices", BytesValue(mil::UINT8, {1}, Bytes({0})))
      .With("lut", FloatsValue({1, 2, 3}, {3}))
      .With("shape", BytesValue(mil::UINT32, {1}, Bytes({4, 0, 0, 0})))
      .Out("w", {4});
  EXPECT_THAT(std::string(Values().status().message()), HasSubstr("a table of 3 entries"));
  block_.Clear();
  Add("constexpr_affine_dequantize")
      .With("quantized_data", BytesValue(mil::UINT8, {2}, Bytes({0, 1})))
      .With("scale", FloatsValue({1, 2, 3}, {3}))
      .With("axis", IntegersValue({0}, {}))
      .Out("w", {2});
  EXPECT_THAT(std::string(Values().status().message()), HasSubstr("expected 1 or 2"));
  block_.Clear();
  Add("constexpr_sparse_to_dense")
      .With("nonzero_data", FloatsValue({5}, {1}))
      .With("mask", BytesValue(mil::UINT8, {1}, Bytes({0xf1})))
      .With("shape", BytesValue(mil::UINT32, {1}, Bytes({4, 0, 0, 0})))
      .Out("w", {4});
  EXPECT_THAT(std::string(Values().status().message()), HasSubstr("beyond its last element"));
}

}  // namespace
}  // namespace nbits
