// SPDX-License-Identifier: Apache-2.0
// Which weights get which format: policies, conditions, rules, tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/compress.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using absl::StatusCode::kInvalidArgument;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Values Ramp(int count) {
  Values values(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) values[static_cast<size_t>(i)] = 0.1f * static_cast<float>(i % 9);
  return values;
}

// "a_conv" 2 -> 6, "d_conv" depthwise with 6 channels, "p_product" 6 -> 3 with a bias, and
// "n_batchnorm" after an activation, where nothing is folded.
Model FourLayers() {
  schema::Model file = EmptyModel({"n"});
  schema::NeuralNetwork& network = *file.mutable_neuralnetwork();
  AddConvolution(network, "x", "a", 2, 6, Ramp(12));
  AddConvolution(network, "a", "d", 1, 6, Ramp(6))->set_ngroups(6);
  auto* product = AddLayer(network, "p_product", "d", "p")->mutable_innerproduct();
  product->set_inputchannels(6);
  product->set_outputchannels(3);
  product->set_hasbias(true);
  Fill(product->mutable_weights(), Ramp(18));
  Fill(product->mutable_bias(), Ramp(3));
  AddLayer(network, "relu", "p", "r")->mutable_activation()->mutable_relu();
  AddBatchnorm(network, "r", "n", {1, 2, 3}, {1, 2, 3}, {0, 0, 0}, {1, 1, 1});
  return Opened(file);
}

// "a_conv/weights 4:linear" for each weight that is quantized; biases and batch normalisation, over
// which policies decide, only where `vectors` says so.
std::vector<std::string> Chosen(CompressOptions options, bool vectors = false) {
  if (!vectors) options.keep.insert(options.keep.end(), {"*/bias", "n_batchnorm/*"});
  std::vector<std::string> chosen;
  const auto plan = MakePlan(FourLayers(), options);
  EXPECT_TRUE(plan.ok()) << plan.status();
  if (!plan.ok()) return chosen;
  for (const PlanEntry& entry : plan->entries) {
    if (entry.keep) continue;
    chosen.push_back(entry.path + " " + WeightFormatName({.mode = entry.mode, .bits = entry.bits}));
  }
  return chosen;
}

constexpr char kA[] = "a_conv/weights 8:linear", kD[] = "d_conv/weights 8:linear",
               kP[] = "p_product/weights 8:linear";

TEST(Rules, LayersByNameLastOneCounts) {
  const WeightFormat four{.mode = Mode::kKMeansLut, .bits = 4}, keep{.keep = true};
  EXPECT_THAT(Chosen({.layers = {{"a_conv", four}}}),
              ElementsAre("a_conv/weights 4:kmeans_lut", kD, kP));
  EXPECT_THAT(Chosen({.layers = {{"*_conv", keep}, {"[ab]_conv", four}}}),
              ElementsAre("a_conv/weights 4:kmeans_lut", kP));
  EXPECT_THAT(Chosen({.layers = {{"?_conv", four}, {"*", keep}}}), IsEmpty());
}

TEST(Rules, AWeightByNameIsTakenWhateverThePolicySays) {
  const WeightFormat six{.bits = 6};
  EXPECT_THAT(Chosen({.only_rules = true, .layers = {{"p_product/bias", six}}}, true),
              ElementsAre("p_product/bias 6:linear"));
  EXPECT_THAT(Chosen({.only_rules = true, .layers = {{"n_batchnorm/gamma", six}}}, true),
              ElementsAre("n_batchnorm/gamma 6:linear"));
}

TEST(Rules, TypesComeAfterLayers) {
  const WeightFormat four{.bits = 4}, two{.bits = 2};
  EXPECT_THAT(Chosen({.types = {{"convolution", four}}, .layers = {{"d_conv", two}}}),
              ElementsAre("a_conv/weights 4:linear", "d_conv/weights 2:linear", kP));
  EXPECT_THAT(Chosen({.types = {{"convolution", four}, {"depthwiseConv", {.keep = true}}}}),
              ElementsAre("a_conv/weights 4:linear", kP));
  EXPECT_THAT(Chosen({.only_rules = true, .types = {{"batchnorm", two}}}, true).size(), 4u);
  EXPECT_THAT(Chosen({.only_rules = true, .types = {{"bias", two}}}, true),
              ElementsAre("p_product/bias 2:linear"));
}

TEST(Rules, OnlyRulesKeepsTheRest) {
  EXPECT_THAT(Chosen({.only_rules = true, .layers = {{"d_conv", {.bits = 4}}}}),
              ElementsAre("d_conv/weights 4:linear"));
  EXPECT_THAT(Chosen({.only_rules = true}), IsEmpty());
}

TEST(Rules, KeepComesFirst) {
  EXPECT_THAT(Chosen({.layers = {{"a_conv/weights", {.bits = 4}}}, .keep = {"a_*", "p_*/weights"}}),
              ElementsAre(kD));
}

TEST(Rules, FunctionOfTheCaller) {
  const auto select = [](const WeightRef& weight) { return weight.layer != "a_conv"; };
  EXPECT_THAT(Chosen({.select = select}), ElementsAre(kD, kP));
}

TEST(Conditions, OfAllLayers) {
  EXPECT_THAT(Chosen({.conditions = {.min_elements = 13}}), ElementsAre(kP));
  EXPECT_THAT(Chosen({.conditions = {.min_inputs = 2}}), ElementsAre(kA, kP));
  EXPECT_THAT(Chosen({.conditions = {.max_inputs = 2}}), ElementsAre(kA, kD));
  EXPECT_THAT(Chosen({.conditions = {.min_outputs = 4}}), ElementsAre(kA, kD));
  EXPECT_THAT(Chosen({.conditions = {.max_outputs = 5}}), ElementsAre(kP));
  EXPECT_THAT(Chosen({.conditions = {.only_layers = {"*d*"}}}), ElementsAre(kD, kP));
}

TEST(Conditions, OfTypes) {
  EXPECT_THAT(Chosen({.conditions = {.only_types = {"innerProduct", "embedding"}}}),
              ElementsAre(kP));
  EXPECT_THAT(Chosen({.conditions = {.skip_types = {"depthwiseConv"}}}), ElementsAre(kA, kP));
  EXPECT_THAT(Chosen({.conditions = {.skip_types = {"convolution", "innerProduct"}}}), IsEmpty());
}

TEST(Conditions, OfConvolutionsDoNotMindOthers) {
  EXPECT_THAT(Chosen({.conditions = {.min_convolution_channels = 2}}), ElementsAre(kA, kP));
  EXPECT_THAT(Chosen({.conditions = {.min_convolution_elements = 7}}), ElementsAre(kA, kP));
  EXPECT_THAT(Chosen({.conditions = {.min_convolution_elements = 1000}}), ElementsAre(kP));
}

// Where a layer falls short, its biases stay with it.
TEST(Conditions, OfALayerDecideOverItsBias) {
  const CompressOptions options{.policy = Policy::kCoremltools,
                                .conditions = {.only_types = {"innerProduct"}, .min_elements = 19}};
  EXPECT_THAT(Chosen(options, true), IsEmpty());
}

TEST(CheckOptions, SaysWhatIsWrongWithoutAModel) {
  EXPECT_TRUE(CheckOptions({}).ok());
  const std::vector<std::pair<CompressOptions, const char*>> wrong = {
      {{.bits = 9}, "9"},
      {{.types = {{"convolution", {.bits = 0}}}}, "0"},
      {{.layers = {{"a", {.mode = Mode::kFloat16, .bits = 4}}}}, "float16"},
      {{.types = {{"pooling", {.bits = 4}}}}, "\"pooling\""},
      {{.conditions = {.only_types = {"convolve"}}}, "\"convolve\""},
      {{.conditions = {.skip_types = {"convolve"}}}, "\"convolve\""},
      {{.layers = {{"a", {.mode = Mode::kCustomLut}}}}, "table"},
      {{.policy = Policy::kCoremltools, .range = Range::kMeanSquaredError}, "coremltools"},
      {{.mode = Mode::kLinearSymmetric, .bits = 4, .policy = Policy::kCoremltools}, "8 bits"}};
  for (const auto& [options, text] : wrong) {
    const absl::Status status = CheckOptions(options);
    EXPECT_EQ(status.code(), kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }
}

TEST(MakePlan, PatternsThatFitNothingAreNamed) {
  const std::vector<CompressOptions> wrong = {{.conditions = {.only_layers = {"nothing"}}},
                                              {.layers = {{"nothing", {}}}},
                                              {.keep = {"nothing"}},
                                              {.tables = {{"nothing", {1}}}}};
  for (const CompressOptions& options : wrong) {
    const auto plan = MakePlan(FourLayers(), options);
    EXPECT_EQ(plan.status().code(), kInvalidArgument);
    EXPECT_THAT(std::string(plan.status().message()), HasSubstr("\"nothing\""));
  }
}

TEST(ParseWeightFormat, ReadsWhatItsNameSays) {
  for (const char* text : {"8:linear", "1:kmeans_lut", "4:linear_symmetric", "3:custom_lut", "keep",
                           "float16", "float32"}) {
    const auto format = ParseWeightFormat(text);
    ASSERT_TRUE(format.ok()) << text;
    EXPECT_EQ(WeightFormatName(*format), text);
  }
  EXPECT_EQ(ParseWeightFormat("4", Mode::kLinearLut)->mode, Mode::kLinearLut);
  EXPECT_EQ(ParseWeightFormat("16", Mode::kLinearLut)->mode, Mode::kFloat16);
  EXPECT_EQ(ParseWeightFormat("dequantize")->mode, Mode::kFloat32);
  EXPECT_EQ(ParseWeightFormat("custom_lut")->bits, 0);
  for (const char* text : {"", "9", "0", "-1", "4:", ":linear", "4:best", "16:linear", "linear",
                           "4:linear:2", "99999999999999999999"}) {
    EXPECT_EQ(ParseWeightFormat(text).status().code(), kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace nbits
