// SPDX-License-Identifier: Apache-2.0
// No option, rule or plan writes a weight in a form that Core ML refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

#include <functional>
#include <map>

#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/wire/wire_tree.h"
#include "nbits/compress.h"
#include "nbits/forms.h"
#include "tests/compress/core_ml_check.h"
#include "tests/compress/every_weight.h"
#include "tests/compress/network_builder.h"

namespace nbits::forms {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const WeightFormat kHalf{.mode = Mode::kFloat16, .bits = 16};
const WeightFormat kFull{.mode = Mode::kFloat32, .bits = 32};

// As Save would write it.
schema::Model Written(const Model& model) {
  std::string bytes;
  const absl::Status status = EncodeNode(model.impl().tree->root, [&bytes](ByteSpan piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  schema::Model written;
  EXPECT_TRUE(written.ParseFromString(bytes));
  return written;
}

std::vector<std::string> Lines(const std::vector<FormBreach>& breaches) {
  std::vector<std::string> lines;
  for (const FormBreach& breach : breaches) lines.push_back(breach.path + ": " + breach.reason);
  return lines;
}

// As it is written, read and checked by both.
void ExpectTaken(const Model& model) {
  const schema::Model written = Written(model);
  EXPECT_THAT(CoreMlRefusals(written), IsEmpty());
  EXPECT_THAT(Lines(FormBreaches(Opened(written))), IsEmpty());
}

std::vector<CompressOptions> EveryMode() {
  std::vector<CompressOptions> all = {{.mode = Mode::kFloat16, .bits = 16},
                                      {.mode = Mode::kFloat32}};
  for (const Mode mode : {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut, Mode::kKMeansLut,
                          Mode::kCustomLut}) {
    for (const int bits : {8, 1}) all.push_back({.mode = mode, .bits = bits});
  }
  for (CompressOptions& options : all) options.tables = {{"*", {0, 0.5f}}};
  return all;
}

using Rule = std::function<void(CompressOptions&)>;

Rule ByPattern(const std::string& pattern, const WeightFormat& format, bool only) {
  return [=](CompressOptions& options) {
    options.layers.push_back({pattern, format});
    options.only_rules = only;
  };
}

Rule ByType(const std::string& type, const WeightFormat& format, bool only) {
  return [=](CompressOptions& options) {
    options.types.push_back({type, format});
    options.only_rules = only;
  };
}

std::vector<Rule> EveryRule() {
  std::vector<Rule> rules = {
      [](CompressOptions&) {},
      [](CompressOptions& options) { options.policy = Policy::kCoremltools; },
      [](CompressOptions& options) { options.fold = Folding::kNever; }};
  for (const std::string pattern : {"*/bias", "*/weights", "*Matrix", "*Vector", "*/gamma"}) {
    rules.push_back([=](CompressOptions& options) { options.keep = {pattern}; });
  }
  for (const bool only : {true, false}) {
    for (const WeightFormat& format : {WeightFormat{}, kHalf, kFull}) {
      for (const char* pattern : {"*", "*/*", "*/weights", "*/bias", "*ias*", "*Matrix", "*/gamma",
                                  "*/alpha", "*/data"}) {
        rules.push_back(ByPattern(pattern, format, only));
      }
    }
  }
  return rules;
}

// Rules that fit no weight of a model, or contradict each other, are errors.
bool MayFail(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument;
}

// Compresses, and replays the plan that was made. Returns whether there was one.
bool CompressAndCheck(const schema::Model& source, const CompressOptions& options) {
  Model model = Opened(source);
  const auto plan = Prepare(model, options);
  if (!plan.ok()) {
    EXPECT_TRUE(MayFail(plan.status())) << plan.status();
    return false;
  }
  const auto report = ApplyPlan(model, *plan);
  EXPECT_TRUE(report.ok()) << report.status();
  ExpectTaken(model);
  const auto read = PlanFromJson(PlanToJson(*plan));
  EXPECT_TRUE(read.ok()) << read.status();
  if (!read.ok()) return false;
  Model again = Opened(source);
  EXPECT_TRUE(PrepareFor(*read, again).ok());
  EXPECT_TRUE(ApplyPlan(again, *read).ok());
  EXPECT_EQ(again.SerializedSize(), model.SerializedSize());
  return true;
}

schema::Model CompressedModel(const schema::Model& source, const CompressOptions& options) {
  Model model = Opened(source);
  const auto report = Compress(model, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return Written(model);
}

// Sources with all weights in floats, in halves, quantized.
std::vector<schema::Model> EverySource() {
  const schema::Model plain = EveryWeightModel();
  return {
      plain, CompressedModel(plain, {.mode = Mode::kFloat16, .bits = 16}),
      CompressedModel(plain, {.mode = Mode::kLinear, .bits = 8, .policy = Policy::kCoremltools}),
      UpdatableModel(), DynamicInt8Model()};
}

TEST(Forms, SourcesAreTaken) {
  for (const schema::Model& source : EverySource()) {
    EXPECT_THAT(CoreMlRefusals(source), IsEmpty());
    EXPECT_THAT(Lines(FormBreaches(Opened(source))), IsEmpty());
  }
}

TEST(Forms, WhateverIsAskedForIsTaken) {
  int made = 0;
  for (const schema::Model& source : EverySource()) {
    for (const CompressOptions& mode : EveryMode()) {
      for (const Rule& rule : EveryRule()) {
        CompressOptions options = mode;
        rule(options);
        if (CheckOptions(options).ok()) made += CompressAndCheck(source, options);
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(made, 2000);
}

TEST(Forms, EveryTypeInEveryFormIsTaken) {
  for (const char* type :
       {"convolution", "convolution3d", "innerProduct", "batchedMatmul", "embedding", "embeddingND",
        "batchnorm", "scale", "bias", "loadConstant", "loadConstantND", "simpleRecurrent", "gru",
        "uniDirectionalLSTM", "biDirectionalLSTM", "layerNormalization", "activation", "custom"}) {
    for (const bool only : {true, false}) {
      for (const WeightFormat& format :
           {WeightFormat{.bits = 8}, WeightFormat{.mode = Mode::kKMeansLut, .bits = 2}, kHalf}) {
        CompressOptions options = {.mode = Mode::kFloat16, .bits = 16};
        ByType(type, format, only)(options);
        EXPECT_TRUE(CompressAndCheck(EveryWeightModel(), options)) << type;
      }
    }
  }
}

// A plan that somebody wrote stores each weight as it says, or is an error.
TEST(Forms, PlansByHandAreTakenOrRefused) {
  int taken = 0, refused = 0;
  for (const schema::Model& source : EverySource()) {
    const size_t count = Opened(source).weights().size();
    for (const WeightFormat& format : {WeightFormat{}, kHalf, kFull}) {
      for (size_t i = 0; i < count; ++i) {
        Model model = Opened(source);
        Plan plan;
        for (const WeightRef& weight : model.weights()) plan.entries.push_back({weight.path});
        plan.entries[i].keep = false;
        plan.entries[i].mode = format.mode;
        plan.entries[i].bits = format.bits;
        const auto report = ApplyPlan(model, plan);
        (report.ok() ? taken : refused) += 1;
        if (report.ok()) {
          ExpectTaken(model);
        } else {
          EXPECT_TRUE(MayFail(report.status())) << report.status();
        }
      }
    }
  }
  EXPECT_GT(taken, 300);
  EXPECT_GT(refused, 100);
}

std::map<std::string, std::string> Stored(const Model& model) {
  std::map<std::string, std::string> stored;
  for (const WeightRef& weight : model.weights()) {
    stored[weight.path] = std::string(TraitsOf(weight.tensor.scheme).name);
  }
  return stored;
}

// What a rule makes of the model, and what is said about it.
struct Outcome {
  std::map<std::string, std::string> stored;
  std::vector<std::string> said;
};

Outcome OutcomeOf(const schema::Model& source, const CompressOptions& options) {
  Model model = Opened(source);
  const auto report = Compress(model, options);
  EXPECT_TRUE(report.ok()) << report.status();
  Outcome outcome{Stored(model), {}};
  if (!report.ok()) return outcome;
  for (const Finding& finding : report->findings) {
    if (finding.trouble == Trouble::kOtherForm) outcome.said.push_back(FindingText(finding));
  }
  return outcome;
}

TEST(Forms, ThreeDimensionalConvolutionsBecomeFloat16AndItIsSaid) {
  Outcome outcome = OutcomeOf(EveryWeightModel(), {.bits = 8});
  for (const std::string layer : {"convolution3d", "deconvolution3d", "branch/ifBranch/nested3d"}) {
    EXPECT_EQ(outcome.stored[layer + "/weights"], "float16") << layer;
    EXPECT_EQ(outcome.stored[layer + "/bias"], "float16") << layer;
  }
  EXPECT_THAT(outcome.said, SizeIs(3));
  EXPECT_EQ(outcome.said[0],
            "convolution3d/weights: Float16: Core ML takes weights of convolution3d layers in "
            "Float32 or Float16 only");
}

TEST(Forms, ThreeDimensionalConvolutionsThatFloat16CannotHoldStay) {
  schema::Model source = EveryWeightModel();
  source.mutable_neuralnetwork()
      ->mutable_layers(2)
      ->mutable_convolution3d()
      ->mutable_weights()
      ->set_floatvalue(0, 70000);
  Outcome outcome = OutcomeOf(source, {.bits = 8});
  EXPECT_EQ(outcome.stored["convolution3d/weights"], "float32");
  EXPECT_EQ(outcome.stored["convolution3d/bias"], "float32");
}

TEST(Forms, UpdatableLayersStay) {
  for (const Mode mode : {Mode::kLinear, Mode::kKMeansLut}) {
    Outcome outcome = OutcomeOf(UpdatableModel(), {.mode = mode, .bits = 4});
    EXPECT_NE(outcome.stored["base/weights"], "float32");
    EXPECT_EQ(outcome.stored["fc/weights"], "float32");
    ASSERT_THAT(outcome.said, SizeIs(1));
    EXPECT_THAT(outcome.said[0], HasSubstr("fc/weights: its layer is updatable"));
  }
  Model model = Opened(UpdatableModel());
  const auto half = Compress(model, {.mode = Mode::kFloat16, .bits = 16});
  EXPECT_EQ(half.status().message(), "an updatable model cannot have Float16 weights");
}

// Neither of the two forms that Core ML takes can be had.
TEST(Forms, ThreeDimensionalConvolutionsOfUpdatableModelsStay) {
  schema::Model source = EveryWeightModel();
  source.set_isupdatable(true);
  Outcome outcome = OutcomeOf(source, {.bits = 8});
  EXPECT_EQ(outcome.stored["convolution3d/weights"], "float32");
  EXPECT_EQ(outcome.stored["innerProduct/weights"], "linear");
}

std::vector<std::string> ProductForms(const CompressOptions& options, const schema::Model& source) {
  Outcome outcome = OutcomeOf(source, options);
  std::vector<std::string> forms = {outcome.stored["innerProduct/weights"],
                                    outcome.stored["innerProduct/bias"]};
  const auto of_product = [](const std::string& line) {
    return line.rfind("innerProduct/", 0) == 0;
  };
  if (std::any_of(outcome.said.begin(), outcome.said.end(), of_product)) forms.push_back("said");
  return forms;
}

// Whoever was asked for by name decides, what is to be kept before that; a kernel that nobody asked
// to change does not follow its bias.
TEST(Forms, APartnerFollowsTheOneThatWasNamed) {
  const schema::Model plain = EveryWeightModel();
  const CompressOptions half = {.mode = Mode::kFloat16, .bits = 16};
  CompressOptions options = half;
  options.keep = {"*/bias"};
  EXPECT_THAT(ProductForms(options, plain), ElementsAre("float32", "float32", "said"));
  options = half;
  options.layers = {{"*/bias", kFull}};
  EXPECT_THAT(ProductForms(options, plain), ElementsAre("float32", "float32", "said"));
  options = {.only_rules = true, .layers = {{"*/weights", kHalf}}};
  EXPECT_THAT(ProductForms(options, plain), ElementsAre("float16", "float16", "said"));
  options = {.only_rules = true, .types = {{"bias", kHalf}}};
  EXPECT_THAT(ProductForms(options, plain), ElementsAre("float32", "float32", "said"));
  options = {.only_rules = true, .layers = {{"*/weights", {.bits = 8}}, {"*/bias", kHalf}}};
  EXPECT_THAT(ProductForms(options, plain), ElementsAre("linear", "float16"));
  options = {.only_rules = true, .layers = {{"*/bias", kFull}}};
  EXPECT_THAT(ProductForms(options, CompressedModel(plain, half)),
              ElementsAre("float16", "float16", "said"));
}

TEST(Forms, RulesThatContradictEachOtherAreAnError) {
  Model model = Opened(EveryWeightModel());
  const auto plan =
      MakePlan(model, {.only_rules = true,
                       .layers = {{"innerProduct/weights", kHalf}, {"innerProduct/bias", kFull}}});
  EXPECT_EQ(plan.status().message(),
            "innerProduct/bias is to be Float32 and innerProduct/weights Float16, which Core ML "
            "refuses beside each other");
}

TEST(Forms, WeightsForDynamicQuantizationLeaveTheirFlagBehind) {
  for (const char* pattern : {"*", "*/weights"}) {
    Model model = Opened(DynamicInt8Model());
    ASSERT_TRUE(Compress(model, {.only_rules = true, .layers = {{pattern, kFull}}}).ok());
    const schema::Model written = Written(model);
    EXPECT_THAT(CoreMlRefusals(written), IsEmpty());
    EXPECT_FALSE(written.neuralnetwork().layers(0).innerproduct().int8dynamicquantize());
    EXPECT_FALSE(written.neuralnetwork().layers(1).batchedmatmul().int8dynamicquantize());
    EXPECT_EQ(written.neuralnetwork().layers(1).batchedmatmul().weights().floatvalue_size(), 12);
  }
}

// The file has a scale for each of the layer's output channels, not for those of one group.
TEST(Forms, GroupedDeconvolutionsHaveAScaleForEachChannel) {
  Model model = Opened(EveryWeightModel());
  ASSERT_TRUE(Compress(model, {.bits = 8}).ok());
  const schema::Model written = Written(model);
  const auto& linear =
      written.neuralnetwork().layers(1).convolution().weights().quantization().linearquantization();
  ASSERT_EQ(linear.scale_size(), 6);
  ASSERT_EQ(linear.bias_size(), 6);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(linear.scale(i), linear.scale(i + 3));
  const Model read = Opened(written);
  EXPECT_THAT(read.weights()[2].tensor.scale, SizeIs(3));
  EXPECT_EQ(WeightValues(read, "deconvolution", "weights"),
            WeightValues(model, "deconvolution", "weights"));
}

// Each of these is refused by Core ML, and named.
TEST(Breaches, OfOtherPeoplesFilesAreNamed) {
  using schema::NeuralNetwork;
  const auto quantize = [](schema::WeightParams* weight, int bytes, int scales, int offsets) {
    weight->clear_floatvalue();
    weight->set_rawvalue(std::string(static_cast<size_t>(bytes), '\x11'));
    weight->mutable_quantization()->set_numberofbits(8);
    auto* linear = weight->mutable_quantization()->mutable_linearquantization();
    for (int i = 0; i < scales; ++i) linear->add_scale(1);
    for (int i = 0; i < offsets; ++i) linear->add_bias(1);
  };
  const auto halve = [](schema::WeightParams* weight) {
    weight->set_float16value(std::string(static_cast<size_t>(2 * weight->floatvalue_size()), 'a'));
    weight->clear_floatvalue();
  };
  const std::vector<std::pair<std::function<void(NeuralNetwork&)>, std::string>> cases = {
      {[&](NeuralNetwork& n) {
         quantize(n.mutable_layers(2)->mutable_convolution3d()->mutable_weights(), 24, 6, 6);
       },
       "convolution3d/weights: Core ML takes"},
      {[&](NeuralNetwork& n) {
         halve(n.mutable_layers(4)->mutable_innerproduct()->mutable_bias());
       },
       "innerProduct: has Float16 beside Float32"},
      {[&](NeuralNetwork& n) {
         halve(n.mutable_layers(13)->mutable_layernormalization()->mutable_beta());
       },
       "layerNormalization/beta: Core ML takes"},
      {[&](NeuralNetwork& n) {
         n.mutable_layers(4)->mutable_innerproduct()->set_int8dynamicquantize(true);
       },
       "innerProduct/weights: with int8DynamicQuantize"},
      {[&](NeuralNetwork& n) {
         quantize(n.mutable_layers(4)->mutable_innerproduct()->mutable_bias(), 4, 4, 4);
       },
       "innerProduct/bias: has 4 scales, and Core ML takes 1"},
      {[&](NeuralNetwork& n) {
         quantize(n.mutable_layers(4)->mutable_innerproduct()->mutable_weights(), 20, 1, 4);
       },
       "innerProduct/weights: has 4 offsets for 1 scales"},
      {[&](NeuralNetwork& n) {
         n.mutable_layers(6)->mutable_embedding()->mutable_bias()->clear_floatvalue();
       },
       "embedding/bias: has no values"}};
  for (const auto& [damage, expected] : cases) {
    schema::Model model = EveryWeightModel();
    model.set_specificationversion(5);
    damage(*model.mutable_neuralnetwork());
    EXPECT_THAT(CoreMlRefusals(model), SizeIs(1)) << expected;
    const std::vector<std::string> named = Lines(FormBreaches(Opened(model)));
    ASSERT_THAT(named, SizeIs(1)) << expected;
    EXPECT_THAT(named[0], HasSubstr(expected));
  }
}

TEST(Breaches, OfUpdatableModelsAndVersionsAreNamed) {
  schema::Model model = UpdatableModel();
  auto* weights =
      model.mutable_neuralnetwork()->mutable_layers(1)->mutable_innerproduct()->mutable_weights();
  weights->clear_floatvalue();
  weights->set_rawvalue(std::string(16, '\1'));
  weights->mutable_quantization()->set_numberofbits(8);
  weights->mutable_quantization()->mutable_linearquantization()->add_scale(1);
  EXPECT_THAT(CoreMlRefusals(model), Not(IsEmpty()));
  EXPECT_THAT(Lines(FormBreaches(Opened(model))),
              ElementsAre(HasSubstr("fc/weights: Core ML refuses quantized weights")));
  model.set_isupdatable(false);
  model.set_specificationversion(1);
  EXPECT_THAT(Lines(FormBreaches(Opened(model))),
              ElementsAre(HasSubstr("need specification version 3, and the model has 1")));
}

// Core ML takes them, and so do we: bytes after the last element, a scale for each map of a bias.
TEST(Breaches, WhatIsTakenCanBeRead) {
  schema::Model model = EveryWeightModel();
  model.set_specificationversion(3);
  schema::NeuralNetwork& network = *model.mutable_neuralnetwork();
  schema::WeightParams* bias = network.mutable_layers(10)->mutable_bias()->mutable_bias();
  bias->clear_floatvalue();
  bias->set_rawvalue(std::string("\0\1\0\1\0\1\7\7\7", 9));
  bias->mutable_quantization()->set_numberofbits(8);
  for (int i = 1; i <= 3; ++i) {
    auto* linear = bias->mutable_quantization()->mutable_linearquantization();
    linear->add_scale(static_cast<float>(i));
    linear->add_bias(10);
  }
  EXPECT_THAT(CoreMlRefusals(model), IsEmpty());
  const Model read = Opened(model);
  EXPECT_THAT(Lines(FormBreaches(read)), IsEmpty());
  EXPECT_THAT(WeightValues(read, "bias", "bias"), ElementsAre(10, 11, 10, 12, 10, 13));
}

}  // namespace
}  // namespace nbits::forms
