// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/files/file.h"
#include "nbits/compress.h"
#include "tests/compress/network_builder.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using absl::StatusCode::kInvalidArgument;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

schema::Model OneConvolution(const Values& weights, bool has_bias) {
  schema::Model file = EmptyModel({"y"});
  auto* convolution = AddConvolution(*file.mutable_neuralnetwork(), "x", "y", 1,
                                     static_cast<int>(weights.size()), weights);
  Fill(convolution->mutable_bias(), weights);
  convolution->set_hasbias(has_bias);
  return file;
}

Plan Planned(const Model& model, const CompressOptions& options) {
  auto plan = MakePlan(model, options);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : Plan();
}

CompressReport Compressed(Model& model, const CompressOptions& options) {
  auto report = Compress(model, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *report : CompressReport();
}

std::string SavedBytes(const Model& model) {
  const TestFolder folder;
  const std::string path = folder / "saved.mlmodel";
  EXPECT_TRUE(model.Save(path).ok());
  return *ReadFile(path);
}

TEST(MakePlan, KernelsHaveAScalePerChannelAndBiasesOne) {
  const Plan plan =
      Planned(Opened(OneConvolution({1, 2}, true)), {.bits = 4, .policy = Policy::kCoremltools});
  ASSERT_THAT(plan.entries, SizeIs(2));
  EXPECT_FALSE(plan.entries[0].keep);
  EXPECT_TRUE(plan.entries[0].per_channel);
  EXPECT_EQ(plan.entries[0].bits, 4);
  EXPECT_FALSE(plan.entries[1].keep);
  EXPECT_FALSE(plan.entries[1].per_channel);
}

TEST(MakePlan, BiasThatTheLayerDoesNotUseIsKept) {
  const Plan plan =
      Planned(Opened(OneConvolution({1, 2}, false)), {.policy = Policy::kCoremltools});
  ASSERT_THAT(plan.entries, SizeIs(2));
  EXPECT_FALSE(plan.entries[0].keep);
  EXPECT_TRUE(plan.entries[1].keep);
  EXPECT_THAT(plan.entries[1].reason, HasSubstr("does not use"));
}

TEST(MakePlan, RangesAreThePolicysUnlessAskedFor) {
  const Model model = Opened(OneConvolution(Values(4, 1.5f), true));  // Channels of one weight.
  EXPECT_EQ(Planned(model, {}).entries[0].range, Range::kMeanSquaredError);
  EXPECT_EQ(Planned(model, {.range = Range::kMinMax}).entries[0].range, Range::kMinMax);
  EXPECT_EQ(Planned(model, {.policy = Policy::kCoremltools}).entries[0].range, Range::kCoremltools);
  EXPECT_EQ(
      Planned(model, {.policy = Policy::kCoremltools, .range = Range::kMinMax}).entries[0].range,
      Range::kCoremltools);
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "y", 1025, 1, Values(1025, 1.5f));
  const Model long_channel = Opened(file);
  EXPECT_EQ(Planned(long_channel, {.bits = 7}).entries[0].range, Range::kMinMax);
  EXPECT_EQ(Planned(long_channel, {.bits = 6}).entries[0].range, Range::kMeanSquaredError);
}

TEST(MakePlan, TablesOfSummedProductsAreBalancedUnlessAskedFor) {
  const Model model = Opened(OneConvolution(Values(4, 1.5f), true));
  const auto rounding = [&model](const CompressOptions& options) {
    return Planned(model, options).entries[0].rounding;
  };
  EXPECT_EQ(rounding({.mode = Mode::kKMeansLut}), Rounding::kBalanced);
  EXPECT_EQ(rounding({.mode = Mode::kLinearLut}), Rounding::kBalanced);
  EXPECT_EQ(rounding({.mode = Mode::kLinear}), Rounding::kNearest);
  EXPECT_EQ(rounding({.mode = Mode::kKMeansLut, .rounding = Rounding::kNearest}),
            Rounding::kNearest);
  EXPECT_EQ(rounding({.mode = Mode::kKMeansLut, .policy = Policy::kCoremltools}),
            Rounding::kNearest);
}

TEST(MakePlan, ActivationParametersAreKept) {
  schema::Model file = EmptyModel({"y"});
  Fill(AddLayer(*file.mutable_neuralnetwork(), "act", "x", "y")
           ->mutable_activation()
           ->mutable_prelu()
           ->mutable_alpha(),
       {0.5f, 0.25f});
  const Plan plan = Planned(Opened(file), {});
  ASSERT_THAT(plan.entries, SizeIs(1));
  EXPECT_TRUE(plan.entries[0].keep);
}

TEST(MakePlan, RefusesBitsOutsideTheModesRange) {
  const Model model = Opened(OneConvolution({1, 2}, true));
  EXPECT_EQ(MakePlan(model, {.bits = 0}).status().code(), kInvalidArgument);
  EXPECT_EQ(MakePlan(model, {.bits = 9}).status().code(), kInvalidArgument);
  EXPECT_TRUE(MakePlan(model, {.mode = Mode::kLinearSymmetric, .bits = 4}).ok());
  EXPECT_EQ(MakePlan(model, {.mode = Mode::kFloat16, .bits = 8}).status().code(), kInvalidArgument);
  EXPECT_EQ(MakePlan(model, {.mode = Mode::kCustomLut}).status().code(), kInvalidArgument);
}

TEST(MakePlan, UpdatableModelsCannotBeFloat16) {
  schema::Model file = OneConvolution({1, 2}, true);
  file.set_isupdatable(true);
  const Model model = Opened(file);
  EXPECT_EQ(MakePlan(model, {.mode = Mode::kFloat16, .bits = 16}).status().code(),
            kInvalidArgument);
  EXPECT_TRUE(MakePlan(model, {}).ok());
}

TEST(ApplyPlan, RefusesThePlanOfAnotherModel) {
  Model model = Opened(OneConvolution({1, 2}, true));
  Plan plan = Planned(model, {});
  plan.entries[1].path = "elsewhere/bias";
  EXPECT_EQ(ApplyPlan(model, plan).status().code(), kInvalidArgument);
  plan.entries.pop_back();
  EXPECT_EQ(ApplyPlan(model, plan).status().code(), kInvalidArgument);
}

TEST(ApplyPlan, WeightsThatAreKeptLeaveTheFileAsItIs) {
  const schema::Model file = OneConvolution({1, 2, 3}, true);
  Model model = Opened(file);
  Plan plan = Planned(model, {});
  for (PlanEntry& entry : plan.entries) entry.keep = true;
  ASSERT_TRUE(ApplyPlan(model, plan).ok());
  EXPECT_EQ(SavedBytes(model), file.SerializeAsString());
}

TEST(Compress, OnlyNamedWeightsDifferInTheFile) {
  schema::Model expected = OneConvolution({1, 2, 3, 5}, true);
  Model model = Opened(expected);
  ASSERT_THAT(Compressed(model, {.keep = {"*/bias"}}).changed, SizeIs(1));
  schema::Model written;
  ASSERT_TRUE(written.ParseFromString(SavedBytes(model)));
  EXPECT_EQ(written.specificationversion(), 3);
  for (schema::Model* file : {&expected, &written}) {
    file->set_specificationversion(0);
    auto* layer = file->mutable_neuralnetwork()->mutable_layers(0);
    layer->mutable_convolution()->clear_weights();
  }
  EXPECT_EQ(written.SerializeAsString(), expected.SerializeAsString());
}

TEST(Compress, CoremltoolsPolicyLeavesQuantizedWeightsAlone) {
  Model model = Opened(OneConvolution({1, 2, 3, 5}, true));
  CompressOptions options{.mode = Mode::kLinearLut, .bits = 8, .policy = Policy::kCoremltools};
  ASSERT_THAT(Compressed(model, options).changed, SizeIs(2));
  const std::string once = SavedBytes(model);
  const CompressReport again = Compressed(model, {.bits = 4, .policy = Policy::kCoremltools});
  EXPECT_THAT(again.changed, IsEmpty());
  ASSERT_THAT(again.kept, SizeIs(2));
  EXPECT_EQ(again.kept[0].reason, "8-bit table already");
  EXPECT_EQ(SavedBytes(model), once);
}

TEST(Compress, BulkPolicyQuantizesWhatIsQuantizedAgain) {
  Model model = Opened(OneConvolution({0, 17, 100, 255}, true));
  ASSERT_THAT(Compressed(model, {.mode = Mode::kLinearLut, .bits = 8}).changed, SizeIs(1));
  const CompressReport again =
      Compressed(model, {.mode = Mode::kKMeansLut, .bits = 1, .keep = {"*/bias"}});
  ASSERT_THAT(again.changed, SizeIs(1));
  EXPECT_EQ(again.changed[0].max_absolute_error, 61);  // 0, 17, 100 | 255: 100 becomes 39.
  ASSERT_THAT(again.findings, SizeIs(1));
  EXPECT_EQ(again.findings[0].trouble, Trouble::kQuantizedBefore);
  EXPECT_EQ(again.findings[0].worst, 8);
  // To what it is already there is nothing to do.
  EXPECT_THAT(Compressed(model, {.mode = Mode::kKMeansLut, .bits = 1, .keep = {"*/bias"}}).changed,
              IsEmpty());
}

// 8 bits hold 256 equally spaced values exactly.
TEST(Compress, DequantizeGivesTheValuesBack) {
  Model model = Opened(OneConvolution({0, 255, 17, 128}, true));
  const CompressReport report = Compressed(model, {.mode = Mode::kLinearLut, .bits = 8});
  EXPECT_EQ(report.WorstWeight(), -1);
  ASSERT_THAT(Compressed(model, {.mode = Mode::kFloat32}).changed, SizeIs(1));
  for (const WeightRef& weight : model.weights()) EXPECT_EQ(weight.tensor.scheme, Scheme::kFloat32);
  EXPECT_THAT(WeightValues(model, "y_conv", "weights"), ElementsAre(0, 255, 17, 128));
}

TEST(Compress, ReportsTheError) {
  Model model = Opened(OneConvolution({0, 1, 3, 7}, true));
  const CompressReport report =
      Compressed(model, {.mode = Mode::kLinearLut, .bits = 1, .range = Range::kMinMax});
  ASSERT_THAT(report.changed, SizeIs(2));
  // Table {0, 7}: 0 and 7 are exact, 1 and 3 become 0.
  EXPECT_DOUBLE_EQ(report.changed[0].squared_error, 10);
  EXPECT_DOUBLE_EQ(report.changed[0].max_absolute_error, 3);
  EXPECT_NEAR(report.changed[0].snr_db, 7.7085, 1e-3);  // 10 log10(59 / 10).
  EXPECT_EQ(report.WorstWeight(), 0);
  EXPECT_EQ(report.bytes_after, static_cast<int64_t>(SavedBytes(model).size()));
}

TEST(Compress, PipelineMembersAreQuantized) {
  schema::Model file = EmptyModel({"y"});
  file.mutable_pipeline()->add_names("first");
  *file.mutable_pipeline()->add_models() = OneConvolution({1, 2}, true);
  Model model = Opened(file);
  EXPECT_THAT(Compressed(model, {}).changed, SizeIs(2));
  schema::Model written;
  ASSERT_TRUE(written.ParseFromString(SavedBytes(model)));
  const schema::Model& member = written.pipeline().models(0);
  EXPECT_EQ(member.specificationversion(), 3);
  EXPECT_FALSE(member.neuralnetwork().layers(0).convolution().weights().rawvalue().empty());
}

TEST(Compress, ValueThatCannotBeStoredNamesTheWeightAndChangesNothing) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& [options, value] :
       {std::pair<CompressOptions, float>{{.mode = Mode::kFloat16, .bits = 16}, 70000.0f},
        std::pair<CompressOptions, float>{{.mode = Mode::kLinear, .bits = 8}, infinity}}) {
    const schema::Model file = OneConvolution({1, value}, true);
    Model model = Opened(file);
    const auto report = Compress(model, options);
    EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(report.status().message()), HasSubstr("y_conv/"));
    EXPECT_EQ(SavedBytes(model), file.SerializeAsString());
  }
}

TEST(Compress, DynamicInt8BecomesFloat32) {
  schema::Model file = EmptyModel({"y"});
  auto* product =
      AddLayer(*file.mutable_neuralnetwork(), "product", "x", "y")->mutable_innerproduct();
  product->set_inputchannels(2);
  product->set_outputchannels(2);
  product->set_int8dynamicquantize(true);
  product->mutable_weights()->set_int8rawvalue(std::string("\x7f\x81\x01\x00", 4));
  product->mutable_weights()->mutable_quantization()->set_numberofbits(8);
  product->mutable_weights()->mutable_quantization()->mutable_linearquantization()->add_scale(0.5f);
  Model model = Opened(file);
  EXPECT_THAT(Compressed(model, {.bits = 4}).changed, IsEmpty());
  EXPECT_THAT(Compressed(model, {.mode = Mode::kFloat32}).changed, SizeIs(1));
  EXPECT_THAT(WeightValues(model, "product", "weights"), ElementsAre(63.5f, -63.5f, 0.5f, 0));
  schema::Model written;
  ASSERT_TRUE(written.ParseFromString(SavedBytes(model)));
  EXPECT_FALSE(written.neuralnetwork().layers(0).innerproduct().int8dynamicquantize());
}

}  // namespace
}  // namespace nbits
