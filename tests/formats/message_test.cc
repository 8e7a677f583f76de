// SPDX-License-Identifier: Apache-2.0
// Weights as other writers may put them on the wire, byte by byte: what protocol buffers allow is
// read as it is meant, and nothing else is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/neural_network/wire/wire_tree.h"
#include "nbits/model.h"
#include "tests/formats/handmade.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using testing::EmptyNetwork;
using ::testing::HasSubstr;
using testing::UnknownField;

constexpr uint32_t kWeights = 20;  // Of an inner product.

// A model with one inner product, [2, 3] and without a bias; `weights` are the bytes of its field.
std::string ModelWith(const std::string& weights) {
  schema::InnerProductLayerParams params;
  params.set_outputchannels(2);
  params.set_inputchannels(3);
  schema::NeuralNetworkLayer layer;
  layer.set_name("fc");
  layer.add_input("x");
  layer.add_output("y");
  schema::Model model = EmptyNetwork();
  model.clear_neuralnetwork();
  constexpr uint32_t kInnerProduct = 140, kLayers = 1, kNeuralNetwork = 500;
  const std::string body =
      layer.SerializeAsString() + UnknownField(kInnerProduct, params.SerializeAsString() + weights);
  return model.SerializeAsString() + UnknownField(kNeuralNetwork, UnknownField(kLayers, body));
}

std::string WeightOf(const std::string& content) { return UnknownField(kWeights, content); }

PackedTensor Read(const std::string& bytes) {
  const auto model = Model::FromBytes(bytes, "m");
  EXPECT_TRUE(model.ok()) << model.status();
  if (!model.ok() || model->weights().size() != 1) return {};
  return model->weights()[0].tensor;
}

std::string ErrorOf(const std::string& bytes) {
  const auto model = Model::FromBytes(bytes, "bad.mlmodel");
  return model.ok() ? "opened" : std::string(model.status().message());
}

// Of linear values of 8 bits.
std::string Quantization(const std::vector<float>& scale, const std::vector<float>& bias) {
  schema::QuantizationParams params;
  params.set_numberofbits(8);
  params.mutable_linearquantization()->mutable_scale()->Assign(scale.begin(), scale.end());
  params.mutable_linearquantization()->mutable_bias()->Assign(bias.begin(), bias.end());
  return UnknownField(wire::kQuantization, params.SerializeAsString());
}

const std::string kSixCodes = UnknownField(wire::kRawValue, std::string("\0\1\2\3\4\5", 6));

TEST(Message, FloatsMayComeInPiecesOfWholeFloats) {
  const float values[] = {1, 2, 3, 4, 5, 6};
  const std::string bytes(reinterpret_cast<const char*>(values), sizeof values);
  const auto in_two = [&](size_t first) {
    return ModelWith(WeightOf(UnknownField(wire::kFloatValue, bytes.substr(0, first)) +
                              UnknownField(wire::kFloatValue, bytes.substr(first))));
  };
  EXPECT_EQ(Read(in_two(8)).bytes.size(), 24u);
  // Together they would be six floats, but no reader of packed lists takes parts of one.
  for (size_t first : {1, 10, 23}) {
    EXPECT_THAT(ErrorOf(in_two(first)), HasSubstr("byte count is no multiple of 4")) << first;
  }
}

// A message in two parts is their merger (protobuf's encoding rules).
TEST(Message, QuantizationInTwoPartsIsMerged) {
  schema::QuantizationParams bits, linear;
  bits.set_numberofbits(8);
  linear.mutable_linearquantization()->add_scale(0.5f);
  linear.mutable_linearquantization()->add_bias(-1);
  const PackedTensor tensor = Read(
      ModelWith(WeightOf(kSixCodes + UnknownField(wire::kQuantization, bits.SerializeAsString()) +
                         UnknownField(wire::kQuantization, linear.SerializeAsString()))));
  EXPECT_EQ(tensor.bits, 8);
  EXPECT_THAT(tensor.scale, ElementsAre(0.5f));
  EXPECT_THAT(tensor.offset, ElementsAre(-1));
}

TEST(Message, ASingleScaleOrBiasIsForAllChannels) {
  const PackedTensor one_bias =
      Read(ModelWith(WeightOf(kSixCodes + Quantization({0.5f, 0.25f}, {-1}))));
  EXPECT_THAT(one_bias.scale, ElementsAre(0.5f, 0.25f));
  EXPECT_THAT(one_bias.offset, ElementsAre(-1, -1));
  const PackedTensor one_scale =
      Read(ModelWith(WeightOf(kSixCodes + Quantization({0.5f}, {-1, 2}))));
  EXPECT_THAT(one_scale.scale, ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(one_scale.offset, ElementsAre(-1, 2));
}

TEST(Message, AFieldThatMayStandOnceIsNotTakenTwice) {
  const std::string weight = WeightOf(kSixCodes + Quantization({1}, {0}));
  EXPECT_EQ(Read(ModelWith(weight)).bytes.size(), 6u);
  EXPECT_THAT(ErrorOf(ModelWith(weight + weight)), HasSubstr("field 20 stands twice"));
}

// Ten bytes are what a negative number takes; their last one holds the 64th bit.
TEST(Message, NumbersHaveUpToTenBytes) {
  std::string number;
  AppendTag(15, WireType::kVarint, number);
  const auto of = [&](int bytes) {
    return number + std::string(static_cast<size_t>(bytes - 1), '\xff') + "\x01";
  };
  const std::string model = EmptyNetwork().SerializeAsString();
  for (int bytes = 1; bytes <= 10; ++bytes) {
    const auto opened = Model::FromBytes(model + of(bytes), "m");
    ASSERT_TRUE(opened.ok()) << bytes << ": " << opened.status();
    EXPECT_EQ(opened->SerializedSize(), static_cast<int64_t>((model + of(bytes)).size()));
  }
  EXPECT_THAT(ErrorOf(model + of(11)), HasSubstr("more than 10 bytes"));
}

TEST(Message, SignedValuesHaveEightBits) {
  schema::QuantizationParams params;
  params.set_numberofbits(4);
  params.mutable_linearquantization()->add_scale(1);
  const std::string three_bytes = UnknownField(wire::kInt8RawValue, "abc");
  EXPECT_THAT(ErrorOf(ModelWith(WeightOf(
                  three_bytes + UnknownField(wire::kQuantization, params.SerializeAsString())))),
              HasSubstr("of 4 bits (expected 8)"));
}

}  // namespace
}  // namespace nbits
