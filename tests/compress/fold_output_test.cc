// SPDX-License-Identifier: Apache-2.0
// Folding does not change what a network computes: outputs before and after, run on the engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "absl/strings/str_cat.h"
#include "nbits/compress.h"
#include "nbits/engine.h"
#include "tests/compress/network_builder.h"
#include "tests/support/left_out.h"

namespace nbits {
namespace {

constexpr double kOutputTolerance = 1e-4;  // Of the largest value.

// The same numbers on every machine, between -1 and 1 or, for variances, above 0.1.
class Numbers {
 public:
  Values operator()(int count, float least = -1) {
    Values values(static_cast<size_t>(count));
    for (float& value : values) {
      value = least + (1 - least) * static_cast<float>(engine_() % 10007) / 10007;
    }
    return values;
  }

 private:
  std::mt19937 engine_{1};
};

TensorMap Outputs(const Model& model, const TensorMap& inputs) {
  auto engine = Engine::Create(model, {.threads = 1});  // Tests run side by side.
  EXPECT_TRUE(engine.ok()) << engine.status();
  if (!engine.ok()) return {};
  auto outputs = engine->Run(inputs);
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  return outputs.ok() ? *std::move(outputs) : TensorMap();
}

void ExpectClose(const Tensor& before, const Tensor& after) {
  ASSERT_EQ(before.values.size(), after.values.size());
  double largest = 0, difference = 0;
  for (size_t i = 0; i < before.values.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(before.values[i])));
    difference =
        std::max(difference, std::abs(static_cast<double>(before.values[i]) - after.values[i]));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LE(difference, kOutputTolerance * largest);
}

// A network on "x" of [4, 5, 5] and layers that are added one behind the other.
class Chain {
 public:
  explicit Chain(int extent = 5) : extent_(extent) {
    auto* array =
        file_.mutable_description()->mutable_input(0)->mutable_type()->mutable_multiarraytype();
    array->clear_shape();
    for (const int length : {4, extent, extent}) array->add_shape(length);
  }

  // 3 x 3, in groups; transposed ones have stride 2.
  Chain& Convolution(int outputs, int groups, bool transposed, bool bias) {
    const int kernel_channels = transposed ? channels_ : channels_ / groups;
    const int other = transposed ? outputs / groups : outputs;
    auto* layer = AddConvolution(network(), last_, Next(), kernel_channels, outputs,
                                 numbers_(kernel_channels * other * 9));
    layer->set_ngroups(static_cast<uint64_t>(groups));
    layer->set_isdeconvolution(transposed);
    for (int axis : {0, 1}) {
      layer->set_kernelsize(axis, 3);
      layer->add_stride(transposed ? 2 : 1);
    }
    layer->set_hasbias(bias);
    if (bias) Fill(layer->mutable_bias(), numbers_(outputs));
    return Done(outputs);
  }
  Chain& InnerProduct(int outputs, bool bias) {
    auto* layer = AddLayer(network(), Next() + "_product", last_, Next())->mutable_innerproduct();
    layer->set_inputchannels(static_cast<uint64_t>(channels_));
    layer->set_outputchannels(static_cast<uint64_t>(outputs));
    Fill(layer->mutable_weights(), numbers_(outputs * channels_));
    layer->set_hasbias(bias);
    if (bias) Fill(layer->mutable_bias(), numbers_(outputs));
    return Done(outputs);
  }
  Chain& Batchnorm(float epsilon = 1e-3f) {
    AddBatchnorm(network(), last_, Next(), numbers_(channels_), numbers_(channels_),
                 numbers_(channels_), numbers_(channels_, 0.1f))
        ->set_epsilon(epsilon);
    return Done(channels_);
  }
  Chain& Scale(int count, bool bias) {
    AddScale(network(), last_, Next(), numbers_(count), bias ? numbers_(count) : Values());
    return Done(channels_);
  }
  Chain& Bias(int count) {
    auto* layer = AddLayer(network(), Next() + "_bias", last_, Next())->mutable_bias();
    layer->add_shape(static_cast<uint64_t>(count));
    Fill(layer->mutable_bias(), numbers_(count));
    return Done(channels_);
  }

  int channels() const { return channels_; }
  Model Built() {
    file_.mutable_description()->mutable_output(0)->set_name(last_);
    return Opened(file_);
  }
  TensorMap Inputs() { return {{"x", {{4, extent_, extent_}, numbers_(4 * extent_ * extent_)}}}; }

 private:
  schema::NeuralNetwork& network() { return *file_.mutable_neuralnetwork(); }
  std::string Next() const { return absl::StrCat("t", count_); }
  Chain& Done(int channels) {
    last_ = Next();
    ++count_;
    channels_ = channels;
    return *this;
  }

  schema::Model file_ = EmptyModel({"y"});
  Numbers numbers_;
  std::string last_ = "x";
  int count_ = 0, channels_ = 4;
  const int extent_;
};

struct Case {
  const char* name;
  Chain chain;
  int folded;  // Layers that go away with FoldPlan::Kind::kFull.
};

std::vector<Case> Cases() {
  return {{"Convolution", Chain().Convolution(6, 1, false, true).Batchnorm().Scale(6, true), 2},
          {"WithoutBias", Chain().Convolution(6, 1, false, false).Scale(6, false).Bias(6), 2},
          {"OneForAll", Chain().Convolution(6, 1, false, false).Scale(1, true).Bias(1), 2},
          {"DefaultEpsilon", Chain().Convolution(6, 1, false, false).Batchnorm(0), 1},
          {"Grouped", Chain().Convolution(6, 2, false, true).Batchnorm().Bias(6), 2},
          {"Depthwise", Chain().Convolution(4, 4, false, false).Batchnorm().Scale(4, true), 2},
          {"Transposed", Chain().Convolution(6, 1, true, true).Batchnorm().Scale(6, false), 2},
          {"TransposedGrouped", Chain().Convolution(6, 2, true, false).Batchnorm().Bias(6), 2},
          {"TransposedDepthwise", Chain().Convolution(4, 4, true, true).Scale(4, true), 1},
          {"InnerProduct", Chain(1).InnerProduct(6, true).Batchnorm().Scale(6, true).Bias(6), 3},
          {"InnerProductBare", Chain(1).InnerProduct(6, false).Scale(6, false).Bias(6), 2},
          {"BatchnormScaleBias", Chain().Batchnorm().Scale(4, true).Bias(4), 2},
          {"BatchnormAlone", Chain().Batchnorm(), 0},
          {"TwoConvolutions",
           Chain()
               .Convolution(6, 1, false, true)
               .Batchnorm()
               .Convolution(3, 1, false, false)
               .Batchnorm()
               .Scale(3, true),
           3}};
}

class FoldOutput : public ::testing::TestWithParam<Case> {};

TEST_P(FoldOutput, IsThatOfTheNetworkBefore) {
  Case test = GetParam();
  const TensorMap inputs = test.chain.Inputs();
  const TensorMap before = Outputs(test.chain.Built(), inputs);
  using enum FoldPlan::Kind;
  for (const FoldPlan::Kind kind : {kCoremltools, kFull}) {
    // coremltools takes an epsilon of 0 literally.
    if (kind == kCoremltools && std::string(test.name) == "DefaultEpsilon") continue;
    SCOPED_TRACE(static_cast<int>(kind));
    Model model = test.chain.Built();
    const auto folded = FoldLayers(model, {kind});
    ASSERT_TRUE(folded.ok()) << folded.status();
    if (kind == kFull) {
      EXPECT_EQ(*folded, test.folded);
    }
    const TensorMap after = Outputs(model, inputs);
    ASSERT_EQ(after.size(), 1u);
    ExpectClose(before.begin()->second, after.begin()->second);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, FoldOutput, ::testing::ValuesIn(Cases()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

class FoldCorpus : public ::testing::TestWithParam<const char*> {};

TEST_P(FoldCorpus, OutputIsThatOfTheModelBefore) {
  NBITS_NEEDS_CORPUS();
  const std::filesystem::path file = CorpusModel(GetParam());
  auto model = Model::Open(file.string());
  ASSERT_TRUE(model.ok()) << model.status();
  TensorMap inputs;
  const auto engine = Engine::Create(*model, {.threads = 1});
  ASSERT_TRUE(engine.ok()) << engine.status();
  for (const FeatureDescription& input : engine->inputs()) {
    Tensor tensor{input.shape, Numbers()(static_cast<int>(*ElementCount(input.shape)))};
    for (float& value : tensor.values) value = 127.5f * (value + 1);
    inputs[input.name] = std::move(tensor);
  }
  const TensorMap before = Outputs(*model, inputs);
  const auto folded = FoldLayers(*model);
  ASSERT_TRUE(folded.ok()) << folded.status();
  EXPECT_GT(*folded, 30);
  const TensorMap after = Outputs(*model, inputs);
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [name, tensor] : before) ExpectClose(tensor, after.at(name));
}

INSTANTIATE_TEST_SUITE_P(Models, FoldCorpus, ::testing::Values("SINet", "deeplab_dm05_float32"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace nbits
