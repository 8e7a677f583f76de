// SPDX-License-Identifier: Apache-2.0
// What run and bench say on standard error of values that are NaN, infinite, or too large for
// halves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nbits/npy.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

using ::testing::HasSubstr;

// Logarithms of DenseModel's sums.
schema::Model LogModel() {
  schema::Model model = DenseModel();
  schema::NeuralNetwork& network = *model.mutable_neuralnetwork();
  network.mutable_layers(0)->set_output(0, "sums");
  schema::NeuralNetworkLayer& layer = *network.add_layers();
  layer.set_name("log");
  layer.add_input("sums");
  layer.add_output("y");
  layer.mutable_unary()->set_type(schema::UnaryFunctionLayerParams::LOG);
  DenseWeights(model).mutable_floatvalue()->Clear();
  // The first of eight sums is that of the values, the second its negative, the others are 0.
  for (int i = 0; i < 128; ++i) DenseWeights(model).add_floatvalue(i < 16 ? 1 : i < 32 ? -1 : 0);
  return model;
}

void AddPointwise(schema::Model& model, const std::string& from, const std::string& to,
                  float weight) {
  schema::NeuralNetworkLayer& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name(to);
  layer.add_input(from);
  layer.add_output(to);
  schema::ConvolutionLayerParams& params = *layer.mutable_convolution();
  params.set_outputchannels(16);
  params.set_kernelchannels(16);
  for (int i = 0; i < 2; ++i) params.add_kernelsize(1);
  params.mutable_valid();
  for (int i = 0; i < 256; ++i) {
    params.mutable_weights()->add_floatvalue(i % 17 == 0 ? weight : 0);
  }
}

// The values of "x" [16, 4, 4] times a million, and back.
schema::Model LargeModel() {
  schema::Model model = DenseModel();
  model.mutable_neuralnetwork()->clear_layers();
  auto& array = *model.mutable_description()->mutable_input(0)->mutable_type();
  array.mutable_multiarraytype()->clear_shape();
  for (int extent : {16, 4, 8}) array.mutable_multiarraytype()->add_shape(extent);
  model.mutable_description()
      ->mutable_output(0)
      ->mutable_type()
      ->mutable_multiarraytype()
      ->clear_shape();
  AddPointwise(model, "x", "large", 1e6f);
  AddPointwise(model, "large", "y", 1e-6f);
  return model;
}

class ValueWarnings : public ::testing::Test {
 protected:
  ValueWarnings() { WriteFile(model_, LogModel().SerializeAsString()); }
  ProgramResult Run(const Tensor& x, const std::vector<std::string>& more = {}) {
    WriteFile(array_, EncodeNpy(x));
    std::vector<std::string> arguments = {"run", model_, "-i", "x=" + array_, "-o", out_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel", array_ = folder_ / "x.npy";
  const std::string out_ = folder_ / "out";
};

TEST_F(ValueWarnings, RunNamesOutputsThatAreNoNumbers) {
  const ProgramResult result = Run({{16}, std::vector<float>(16, 1.0f)});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.standard_error,
            "nbits: warning: output 'y': 1 NaN and 6 infinite of 8 values\n");
  EXPECT_TRUE(ReadNpy(out_ + "/y.npy").ok());
}

TEST_F(ValueWarnings, BenchNamesThemToo) {
  const ProgramResult result = RunProgram({"bench", model_, "--runs", "1"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.standard_error,
            "nbits: warning: output 'y': 1 NaN and 6 infinite of 8 values\n");
}

TEST_F(ValueWarnings, NothingIsSaidOfNumbers) {
  WriteFile(model_, DenseModel().SerializeAsString());
  EXPECT_EQ(Run({{16}, std::vector<float>(16, 1.0f)}).standard_error, "");
  EXPECT_EQ(RunProgram({"bench", model_, "--runs", "1"}).standard_error, "");
}

TEST_F(ValueWarnings, LeanRunsSayWhatTheyKeepInFloat32) {
  WriteFile(model_, LargeModel().SerializeAsString());
  std::vector<float> values;
  for (int i = 0; i < 512; ++i) values.push_back(std::ldexp(static_cast<float>(i + 1), -8));
  const Tensor x = {{16, 4, 8}, values};
  EXPECT_EQ(Run(x).standard_error, "");
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--memory", "lean"}, {"--activations", "float16"}}) {
    const ProgramResult result = Run(x, options);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.standard_error,
                HasSubstr("nbits: note: 1 tensor has values beyond Float16's range"));
    const auto y = ReadNpy(out_ + "/y.npy");
    ASSERT_TRUE(y.ok()) << y.status();
    for (size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(y->values[i], values[i], 1e-3f) << i;
  }
  EXPECT_THAT(RunProgram({"bench", model_, "--runs", "1", "--memory", "lean"}).standard_error,
              HasSubstr("Float16's range"));
}

}  // namespace
}  // namespace nbits::cli
