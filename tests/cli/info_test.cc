// SPDX-License-Identifier: Apache-2.0
// `nbits info`: what it says of a model, and of what is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/cli/program.h"
#include "tests/formats/handmade.h"

namespace nbits::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// One inner product of 6 + 2 values, an author who tries to colour the terminal.
std::string Model() {
  schema::Model model = nbits::testing::EmptyNetwork();
  nbits::testing::AddInnerProduct(model, "fc", "x", "y", 2, 3);
  auto& input = *model.mutable_description()->add_input();
  input.set_name("x");
  auto& image = *input.mutable_type()->mutable_imagetype();
  image.set_width(30);
  image.set_height(20);
  image.set_colorspace(schema::ImageFeatureType::BGR);
  model.mutable_description()->mutable_metadata()->set_author("\x1b[31mred \"quoted\"");
  return model.SerializeAsString();
}

TEST(Info, DescribesAModel) {
  const TestFolder folder;
  WriteFile(folder / "m.mlmodel", Model());
  const ProgramResult result = RunProgram({"info", folder / "m.mlmodel"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_error, IsEmpty());
  EXPECT_THAT(result.standard_output,
              AllOf(HasSubstr("neuralNetwork"), HasSubstr("image BGR, height x width 20 x 30"),
                    HasSubstr("innerProduct"), HasSubstr("Float32"), HasSubstr("32"),
                    Not(HasSubstr("fc/weights")), Not(HasSubstr("\x1b"))));
}

schema::ArrayFeatureType& AddArray(schema::FeatureDescription& feature, const std::string& name) {
  feature.set_name(name);
  auto& array = *feature.mutable_type()->mutable_multiarraytype();
  array.set_datatype(schema::ArrayFeatureType::FLOAT32);
  return array;
}

TEST(Info, WorksOutShapesThatTheFileDoesNotGive) {
  const TestFolder folder;
  schema::Model model = nbits::testing::EmptyNetwork();
  nbits::testing::AddInnerProduct(model, "fc", "x", "y", 2, 3);
  model.mutable_description()->clear_input();
  model.mutable_description()->clear_output();
  AddArray(*model.mutable_description()->add_input(), "x").add_shape(3);
  AddArray(*model.mutable_description()->add_output(), "y");
  WriteFile(folder / "m.mlmodel", model.SerializeAsString());
  EXPECT_THAT(RunProgram({"info", folder / "m.mlmodel"}).standard_output,
              AllOf(HasSubstr("y  array float32 2 x 1 x 1\n"), Not(HasSubstr("float32 -"))));
  // What cannot run keeps what the file says.
  AddArray(*model.mutable_description()->add_output(), "nowhere");
  WriteFile(folder / "m.mlmodel", model.SerializeAsString());
  const ProgramResult result = RunProgram({"info", folder / "m.mlmodel"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_output, HasSubstr("array float32 -"));
}

TEST(Info, ListsEachWeightOnRequest) {
  const TestFolder folder;
  WriteFile(folder / "m.mlmodel", Model());
  const ProgramResult result = RunProgram({"info", folder / "m.mlmodel", "--weights"});
  EXPECT_THAT(result.standard_output,
              AllOf(HasSubstr("fc/weights  innerProduct  2 x 3"), HasSubstr("fc/bias")));
}

// Names are whole however narrow the terminal is; the other cells stand below, aligned.
TEST(Info, NarrowTablesBreakLinesAndNoNames) {
  const TestFolder folder;
  schema::Model model = nbits::testing::EmptyNetwork();
  const std::string name = "MobilenetV2/expanded_conv_16/depthwise/projection";
  nbits::testing::AddInnerProduct(model, name, "x", "y", 2, 3);
  WriteFile(folder / "m.mlmodel", model.SerializeAsString());
  const auto lines_at = [&](const char* columns) {
    setenv("COLUMNS", columns, 1);
    const std::string out = RunProgram({"info", folder / "m.mlmodel", "--weights"}).standard_output;
    unsetenv("COLUMNS");
    return out;
  };
  EXPECT_THAT(lines_at("120"), HasSubstr(name + "/weights  innerProduct  2 x 3  Float32  "));
  const std::string narrow = lines_at("60");
  EXPECT_THAT(narrow, HasSubstr("\n  " + name + "/weights\n   "));
  EXPECT_THAT(narrow, HasSubstr("  innerProduct  2 x 3  Float32"));
}

// Float16 beside Float32 in one layer, and quantized layer normalisation.
TEST(Info, NamesWhatCoreMlRefuses) {
  schema::Model model;
  ASSERT_TRUE(model.ParseFromString(Model()));
  model.set_specificationversion(4);
  schema::NeuralNetwork& network = *model.mutable_neuralnetwork();
  auto* bias = network.mutable_layers(0)->mutable_innerproduct()->mutable_bias();
  bias->set_float16value(std::string(2 * bias->floatvalue_size(), 'a'));
  bias->clear_floatvalue();
  auto* layer = network.add_layers();
  layer->set_name("ln");
  layer->mutable_layernormalization()->add_normalizedshape(1);
  layer->mutable_layernormalization()->mutable_gamma()->set_float16value("aa");
  layer->mutable_layernormalization()->mutable_beta()->add_floatvalue(0);
  const TestFolder folder;
  WriteFile(folder / "m.mlmodel", model.SerializeAsString());
  EXPECT_THAT(RunProgram({"info", folder / "m.mlmodel"}).standard_output,
              AllOf(HasSubstr("Core ML refuses this file: 2"),
                    HasSubstr("has Float16 beside Float32 weights"),
                    HasSubstr("ln/gamma  Core ML takes weights of layerNormalization")));
  EXPECT_THAT(RunProgram({"info", folder / "m.mlmodel", "--json"}).standard_output,
              HasSubstr("\"path\": \"ln/gamma\""));
  WriteFile(folder / "good.mlmodel", Model());
  EXPECT_THAT(RunProgram({"info", folder / "good.mlmodel"}).standard_output,
              Not(HasSubstr("refuses")));
}

TEST(Info, PrintsJson) {
  const TestFolder folder;
  WriteFile(folder / "m.mlmodel", Model());
  const ProgramResult result = RunProgram({"info", folder / "m.mlmodel", "--json", "--weights"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_output,
              AllOf(HasSubstr("\"type\": \"neuralNetwork\""), HasSubstr("\"color\": \"BGR\""),
                    HasSubstr("\"path\": \"fc/weights\""),
                    HasSubstr(R"("author": "\u001b[31mred \"quoted\"")")));
}

TEST(Info, SaysInOneLineWhatIsWrong) {
  const TestFolder folder;
  WriteFile(folder / "cut.mlmodel", Model().substr(0, 40));
  WriteFile(folder / "picture.mlmodel", "\x89PNG\r\n\x1a\n and more");
  for (const char* name : {"cut.mlmodel", "picture.mlmodel", "missing.mlmodel"}) {
    const ProgramResult result = RunProgram({"info", folder / name});
    EXPECT_EQ(result.exit_code, 1) << name;
    EXPECT_THAT(result.standard_output, IsEmpty());
    EXPECT_THAT(result.standard_error, HasSubstr(name));
    EXPECT_EQ(std::count(result.standard_error.begin(), result.standard_error.end(), '\n'), 1);
  }
}

}  // namespace
}  // namespace nbits::cli
