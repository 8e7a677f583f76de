// SPDX-License-Identifier: Apache-2.0
// Hand-made models: what is refused and how it is named, what survives an edit.
#include "nbits/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/files/file.h"
#include "tests/formats/handmade.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;
using namespace testing;  // NOLINT: this project's own nbits::testing.

schema::Model OneProduct() {
  schema::Model model = EmptyNetwork();
  AddInnerProduct(model, "fc", "x", "y", 2, 3);
  return model;
}

schema::InnerProductLayerParams& Product(schema::Model& model) {
  return *model.mutable_neuralnetwork()->mutable_layers(0)->mutable_innerproduct();
}

std::string ErrorOf(const schema::Model& model) {
  const auto opened = Model::FromBytes(model.SerializeAsString(), "bad.mlmodel");
  if (opened.ok()) return "opened";
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(opened.status().message(), HasSubstr("bad.mlmodel"));
  return std::string(opened.status().message());
}

std::vector<float> FloatsOf(const PackedTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / 4);
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

PackedTensor Linear4(const Shape& shape, size_t bytes) {
  PackedTensor tensor;
  tensor.scheme = Scheme::kLinear;
  tensor.bits = 4;
  tensor.shape = shape;
  tensor.scale = {0.5f};
  tensor.offset = {-1.0f};
  auto data = std::make_shared<std::vector<std::byte>>(bytes, std::byte{0x5A});
  tensor.bytes = *data;
  tensor.owner = std::move(data);
  return tensor;
}

TEST(Model, ShowsWeightsWithShapeRoleAndPath) {
  const auto model = Model::FromBytes(OneProduct().SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_EQ(model->weights().size(), 2u);
  const WeightRef& kernel = model->weights()[0];
  EXPECT_EQ(kernel.path, "fc/weights");
  EXPECT_EQ(kernel.layer_type, "innerProduct");
  EXPECT_EQ(kernel.role, WeightRole::kKernel);
  EXPECT_EQ(kernel.tensor.shape, (Shape{2, 3}));
  EXPECT_THAT(FloatsOf(kernel.tensor), ::testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(model->weights()[1].role, WeightRole::kBias);
}

TEST(Model, RefusesWeightsOfWrongSize) {
  schema::Model model = OneProduct();
  Product(model).mutable_weights()->add_floatvalue(7);
  EXPECT_THAT(ErrorOf(model), HasSubstr("layer \"fc\" (innerProduct), weights: shape 2 x 3: "
                                        "28 bytes for 6 elements of 32 bits (expected 24)"));
}

TEST(Model, RefusesTablesOfWrongLength) {
  schema::Model model = OneProduct();
  auto& weight = *Product(model).mutable_weights();
  weight.clear_floatvalue();
  weight.set_rawvalue(std::string(2, '\1'));
  weight.mutable_quantization()->set_numberofbits(2);
  auto& table = *weight.mutable_quantization()->mutable_lookuptablequantization();
  for (float value : {1.f, 2.f, 3.f}) table.add_floatvalue(value);
  EXPECT_THAT(ErrorOf(model), HasSubstr("table of 3 entries for 2 bits (expected 4)"));
  table.add_floatvalue(4.f);
  EXPECT_EQ(ErrorOf(model), "opened");
}

TEST(Model, RefusesRawValuesWithoutQuantization) {
  schema::Model model = OneProduct();
  auto& weight = *Product(model).mutable_weights();
  weight.clear_floatvalue();
  weight.set_rawvalue(std::string(6, '\1'));
  EXPECT_THAT(ErrorOf(model), HasSubstr("quantized values of 0 bits (expected 1 to 8)"));
  weight.mutable_quantization()->set_numberofbits(8);
  EXPECT_THAT(ErrorOf(model), HasSubstr("quantized values without scales or a table"));
}

TEST(Model, RefusesScalesOfWrongLength) {
  schema::Model model = OneProduct();
  auto& weight = *Product(model).mutable_weights();
  weight.clear_floatvalue();
  weight.set_rawvalue(std::string(6, '\1'));
  weight.mutable_quantization()->set_numberofbits(8);
  auto& linear = *weight.mutable_quantization()->mutable_linearquantization();
  for (int i = 0; i < 3; ++i) linear.add_scale(1);
  EXPECT_THAT(ErrorOf(model), HasSubstr("3 scales for 2 channels (expected 1 or 2)"));
}

TEST(Model, RefusesValuesInTwoForms) {
  schema::Model model = OneProduct();
  Product(model).mutable_weights()->set_float16value(std::string(12, '\0'));
  EXPECT_THAT(ErrorOf(model), HasSubstr("values in more than one form"));
}

TEST(Model, RefusesExtentsThatOverflow) {
  schema::Model model = OneProduct();
  Product(model).set_outputchannels(uint64_t{1} << 31);
  Product(model).set_inputchannels(uint64_t{1} << 31);
  EXPECT_THAT(ErrorOf(model), HasSubstr("tensor of more than 2^40 elements"));
}

TEST(Model, NamesTheNumberThatGivesWeightsNoShape) {
  schema::Model model = OneProduct();
  Product(model).set_outputchannels(~uint64_t{0});
  EXPECT_THAT(ErrorOf(model),
              HasSubstr("outputChannels is 18446744073709551615 (up to 2^31 are allowed)"));
  schema::Model source = EmptyNetwork();
  auto& params = *AddLayer(source, "conv", "x", "y").mutable_convolution();
  params.set_outputchannels(2);
  params.set_kernelchannels(1);
  SetFloats(*params.mutable_weights(), 18);
  for (int i = 0; i < 3; ++i) params.add_kernelsize(3);
  EXPECT_THAT(ErrorOf(source), HasSubstr("layer \"conv\" (convolution), weights: kernelSize has 3 "
                                         "entries (height and width, or none for 3 x 3, are"));
  params.clear_kernelsize();
  params.set_kernelchannels(uint64_t{1} << 63);
  EXPECT_THAT(ErrorOf(source), HasSubstr("kernelChannels is 9223372036854775808"));
  params.set_kernelchannels(1);
  params.set_isdeconvolution(true);
  params.set_ngroups(4);
  EXPECT_THAT(ErrorOf(source),
              HasSubstr("outputChannels is 2 (a multiple of nGroups, 4, is allowed)"));
}

TEST(Model, NamesNegativeNumbersOfVolumes) {
  schema::Model source = EmptyNetwork();
  auto& params = *AddLayer(source, "conv", "x", "y").mutable_convolution3d();
  params.set_outputchannels(2);
  params.set_inputchannels(-1);
  SetFloats(*params.mutable_weights(), 2);
  EXPECT_THAT(ErrorOf(source), HasSubstr("inputChannels is -1 (up to 2^31 are allowed)"));
}

TEST(Model, RefusesWhatIsNoModel) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "is empty"},
      {"\x89PNG\r\n\x1a\n", "is a PNG picture"},
      {std::string(100, '\0'), "not a Core ML model"},
      {"\x08\x03", "not a Core ML model"}};
  for (const auto& [bytes, reason] : cases) {
    const auto model = Model::FromBytes(bytes, "bad.mlmodel");
    ASSERT_FALSE(model.ok());
    EXPECT_THAT(model.status().message(), HasSubstr(reason));
  }
}

TEST(Model, RefusesALayerOfTwoKinds) {
  schema::Model model = OneProduct();
  schema::NeuralNetworkLayer softmax;
  softmax.mutable_softmax();
  auto& layer = *model.mutable_neuralnetwork()->mutable_layers(0);
  const std::string both = layer.SerializeAsString() + softmax.SerializeAsString();
  std::string bytes = "\x08\x01" + UnknownField(500, UnknownField(1, both));
  const auto opened = Model::FromBytes(bytes, "bad.mlmodel");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.status().message(), HasSubstr("two of its alternatives"));
}

TEST(Model, GathersFloatsThatStandOneByOne) {
  schema::Model source = OneProduct();
  Product(source).clear_weights();
  std::string weight;
  for (float value : {1.f, 2.f, 3.f, 4.f}) {
    AppendTag(1, WireType::kFixed32, weight);
    weight.append(reinterpret_cast<const char*>(&value), 4);
  }
  const float rest[] = {5.f, 6.f};
  weight += UnknownField(1, std::string(reinterpret_cast<const char*>(rest), 8));
  schema::NeuralNetworkLayer layer = source.neuralnetwork().layers(0);
  const std::string params = layer.innerproduct().SerializeAsString() + UnknownField(20, weight);
  const std::string bytes =
      "\x08\x01" + UnknownField(500, UnknownField(1, UnknownField(140, params)));
  const auto model = Model::FromBytes(bytes, "m");
  ASSERT_TRUE(model.ok()) << model.status();
  for (const WeightRef& ref : model->weights()) {
    if (ref.field == "weights") {
      EXPECT_THAT(FloatsOf(ref.tensor), ::testing::ElementsAre(1, 2, 3, 4, 5, 6));
    }
  }
}

TEST(Model, UnknownFieldsSurviveAReplacement) {
  schema::Model source = OneProduct();
  Product(source).mutable_weights()->set_isupdatable(true);
  AddUnknown(*Product(source).mutable_weights(), UnknownField(777, "in the weight"));
  AddUnknown(*Product(source).mutable_weights(), UnknownField(40, ""));
  AddUnknown(Product(source), UnknownField(778, "in the parameters"));
  AddUnknown(*source.mutable_neuralnetwork()->mutable_layers(0), UnknownField(9779, "in a layer"));
  AddUnknown(*source.mutable_neuralnetwork(), UnknownField(780, "in the network"));
  AddUnknown(source, UnknownField(2781, "in the model"));
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_TRUE(model->ReplaceWeight(0, Linear4({2, 3}, 3)).ok());
  const TestFolder folder;
  const std::string path = folder / "unknown.mlmodel";
  ASSERT_TRUE(model->Save(path).ok());
  schema::Model saved;
  ASSERT_TRUE(saved.ParseFromString(*ReadFile(path)));

  // The same change made through the schema's own classes gives the same message.
  auto& weight = *Product(source).mutable_weights();
  weight.clear_floatvalue();
  weight.set_rawvalue("ZZZ");
  weight.mutable_quantization()->set_numberofbits(4);
  weight.mutable_quantization()->mutable_linearquantization()->add_scale(0.5f);
  weight.mutable_quantization()->mutable_linearquantization()->add_bias(-1.0f);
  source.set_specificationversion(3);
  EXPECT_TRUE(saved.SerializeAsString() == source.SerializeAsString());
}

TEST(Model, AForeignIndexFieldIsKeptAndNotBelieved) {
  schema::Model source = OneProduct();
  Product(source).mutable_weights()->set_nbits_weight_index(1000);
  const std::string bytes = source.SerializeAsString();
  auto model = Model::FromBytes(bytes, "m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->weights().size(), 2u);
  const TestFolder folder;
  const std::string path = folder / "index.mlmodel";
  ASSERT_TRUE(model->Save(path).ok());
  EXPECT_TRUE(*ReadFile(path) == bytes);
}

TEST(Model, RaisesTheVersionOfTheMemberOnly) {
  schema::Model source;
  source.set_specificationversion(1);
  auto& pipeline = *source.mutable_pipeline();
  *pipeline.add_models() = OneProduct();
  *pipeline.add_models() = OneProduct();
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_EQ(model->weights().size(), 4u);
  EXPECT_EQ(model->weights()[2].path, "models[1]/fc/weights");
  ASSERT_TRUE(model->ReplaceWeight(2, Linear4({2, 3}, 3)).ok());
  const TestFolder folder;
  const std::string path = folder / "pipeline.mlmodel";
  ASSERT_TRUE(model->Save(path).ok());
  schema::Model saved;
  ASSERT_TRUE(saved.ParseFromString(*ReadFile(path)));
  EXPECT_EQ(saved.specificationversion(), 1);
  EXPECT_EQ(saved.pipeline().models(0).specificationversion(), 1);
  EXPECT_EQ(saved.pipeline().models(1).specificationversion(), 3);
}

// Specification version 5 is the first with signed values (int8RawValue), 3 the first with
// quantized ones, 2 with Float16.
TEST(Model, RaisesTheVersionToWhatTheWeightNeeds) {
  const std::vector<std::byte> two(4);
  PackedTensor halves, signed_values = Linear4({2, 3}, 6);
  halves.scheme = Scheme::kFloat16;
  halves.bits = 16;
  halves.bytes = two;
  signed_values.scheme = Scheme::kSignedLinear;
  signed_values.bits = 8;
  signed_values.offset.clear();
  auto model = Model::FromBytes(OneProduct().SerializeAsString(), "m");
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->description().specification_version, 1);
  ASSERT_TRUE(model->ReplaceWeight(1, halves).ok());
  EXPECT_EQ(model->description().specification_version, 2);
  ASSERT_TRUE(model->ReplaceWeight(0, Linear4({2, 3}, 3)).ok());
  EXPECT_EQ(model->description().specification_version, 3);
  ASSERT_TRUE(model->ReplaceWeight(0, signed_values).ok());
  EXPECT_EQ(model->description().specification_version, 5);
}

TEST(Model, CopiesBytesThatNobodyOwns) {
  auto model = Model::FromBytes(OneProduct().SerializeAsString(), "m");
  ASSERT_TRUE(model.ok());
  PackedTensor tensor = Linear4({2, 3}, 3);
  std::vector<std::byte> bytes(tensor.bytes.begin(), tensor.bytes.end());
  tensor.bytes = bytes;
  tensor.owner = nullptr;
  ASSERT_TRUE(model->ReplaceWeight(0, tensor).ok());
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  for (const std::byte byte : model->weights()[0].tensor.bytes) EXPECT_EQ(byte, std::byte{0x5A});
}

// The specification's default kernel is 3 x 3; two axes or none are given.
TEST(Model, ConvolutionsWithoutAKernelSizeAreThreeByThree) {
  schema::Model source = EmptyNetwork();
  auto& params = *AddLayer(source, "conv", "x", "y").mutable_convolution();
  params.set_outputchannels(2);
  params.set_kernelchannels(1);
  SetFloats(*params.mutable_weights(), 18);
  const auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->weights()[0].tensor.shape, (Shape{2, 1, 3, 3}));
  EXPECT_EQ(model->weights()[0].tensor.channel_axis, 0);
}

// Of deconvolutions the output channels are the second axis, those of one group.
TEST(Model, DeconvolutionsHaveTheirOutputChannelsSecond) {
  schema::Model source = EmptyNetwork();
  auto& params = *AddLayer(source, "conv", "x", "y").mutable_convolution();
  params.set_outputchannels(6);
  params.set_kernelchannels(4);
  params.set_ngroups(2);
  params.set_isdeconvolution(true);
  params.add_kernelsize(1);
  params.add_kernelsize(2);
  SetFloats(*params.mutable_weights(), 4 * 3 * 2);
  const auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->weights()[0].tensor.shape, (Shape{4, 3, 1, 2}));
  EXPECT_EQ(model->weights()[0].tensor.channel_axis, 1);
}

TEST(Model, RefusesReplacementsThatDoNotFit) {
  auto model = Model::FromBytes(OneProduct().SerializeAsString(), "m");
  ASSERT_TRUE(model.ok());
  EXPECT_FALSE(model->ReplaceWeight(2, Linear4({2, 3}, 3)).ok());
  EXPECT_FALSE(model->ReplaceWeight(0, Linear4({2, 3}, 4)).ok());
  PackedTensor other_order = Linear4({2, 3}, 3);
  other_order.bit_order = BitOrder::kLeastSignificantFirst;
  EXPECT_FALSE(model->ReplaceWeight(0, other_order).ok());
  EXPECT_EQ(model->SerializedSize(), model->file_size());
}

TEST(Model, SaysWhichFileCannotBeRead) {
  const auto missing = Model::Open("/nowhere/model.mlmodel");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(missing.status().message(), HasSubstr("/nowhere/model.mlmodel"));
}

TEST(Model, FailedSaveLeavesTheOldFile) {
  const TestFolder folder;
  const std::string path = folder / "kept.mlmodel";
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  const auto model = Model::FromBytes(OneProduct().SerializeAsString(), "m");
  EXPECT_FALSE(model->Save(path + "/below").ok());
  EXPECT_EQ(*ReadFile(path), "old");
}

TEST(Model, SaveReadsBackBeforeItReplaces) {
  const TestFolder folder;
  const std::string path = folder / "checked.mlmodel";
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  const auto model = Model::FromBytes(OneProduct().SerializeAsString(), "m");
  const auto refuse = [&](const Model& written) {
    EXPECT_EQ(written.weights().size(), model->weights().size());
    EXPECT_EQ(written.file_size(), model->SerializedSize());
    EXPECT_EQ(*ReadFile(path), "old");
    return absl::DataLossError("not what it was");
  };
  EXPECT_EQ(model->Save(path, refuse).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_TRUE(model->Save(path, [](const Model&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(*ReadFile(path), OneProduct().SerializeAsString());
}

}  // namespace
}  // namespace nbits
