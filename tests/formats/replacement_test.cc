// SPDX-License-Identifier: Apache-2.0
// Weights that a model does not take in place of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/forms.h"
#include "nbits/model.h"
#include "tests/formats/handmade.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;
using namespace testing;  // NOLINT: this project's own nbits::testing.

schema::Model TwoByThree() {
  schema::Model model = EmptyNetwork();
  AddInnerProduct(model, "fc", "x", "y", 2, 3);
  return model;
}

// Pairs of codes; the shape is the weight's.
PackedTensor FourBits(size_t bytes) {
  PackedTensor tensor;
  tensor.scheme = Scheme::kLinear;
  tensor.bits = 4;
  tensor.scale = {0.5f};
  tensor.offset = {-1.0f};
  auto data = std::make_shared<std::vector<std::byte>>(bytes, std::byte{0x5A});
  tensor.bytes = *data;
  tensor.owner = std::move(data);
  return tensor;
}

// What no device would open: in the words in which such files are told of.
TEST(ReplaceWeight, RefusesFormsThatCoreMlRefuses) {
  schema::Model source = EmptyNetwork();
  auto& params = *AddLayer(source, "norm", "x", "y").mutable_layernormalization();
  params.add_normalizedshape(6);
  SetFloats(*params.mutable_gamma(), 6);
  SetFloats(*params.mutable_beta(), 6);
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Status refused = model->ReplaceWeight(0, FourBits(3));
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(refused.message()),
      HasSubstr(
          "cannot replace norm/gamma: Core ML takes weights of layerNormalization layers in"));
  EXPECT_EQ(model->SerializedSize(), model->file_size());
  EXPECT_TRUE(model->ReplaceWeight(0, model->weights()[0].tensor).ok());
}

TEST(ReplaceWeight, RefusesFormsThatUpdatableModelsMayNotHave) {
  schema::Model source = TwoByThree();
  source.set_isupdatable(true);
  PackedTensor halves;
  halves.scheme = Scheme::kFloat16;
  halves.bits = 16;
  const std::vector<std::byte> two(4);
  halves.bytes = two;
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(std::string(model->ReplaceWeight(1, halves).message()),
              HasSubstr("Xcode refuses Float16 weights in an updatable model"));
  EXPECT_TRUE(model->ReplaceWeight(0, FourBits(3)).ok());  // Its layer is not.
  source.mutable_neuralnetwork()->mutable_layers(0)->set_isupdatable(true);
  model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(std::string(model->ReplaceWeight(0, FourBits(3)).message()),
              HasSubstr("Core ML refuses quantized weights in an updatable layer"));
  EXPECT_TRUE(FormBreaches(*model).empty());
}

}  // namespace
}  // namespace nbits
