// SPDX-License-Identifier: Apache-2.0
// nbits run: pictures and arrays in, arrays, masks and labels out, and every way to get it wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nbits/image.h"
#include "nbits/npy.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/expect.h"
#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A 2 x 1 picture, red and blue.
std::string SmallPng() { return EncodePng({2, 1, 3, {255, 0, 0, 0, 0, 255}}).value(); }

class RunCommand : public ::testing::Test {
 protected:
  RunCommand() {
    WriteFile(dense_, DenseModel().SerializeAsString());
    WriteFile(image_, ImageModel().SerializeAsString());
    WriteFile(picture_, SmallPng());
    WriteFile(array_, EncodeNpy({{16}, std::vector<float>(16, 1.0f)}));
  }
  ProgramResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"-o", out_});
    return RunProgram(arguments);
  }

  TestFolder folder_;
  const std::string dense_ = folder_ / "dense.mlmodel", image_ = folder_ / "image.mlmodel";
  const std::string picture_ = folder_ / "p.png", array_ = folder_ / "a.npy";
  const std::string out_ = folder_ / "new/out";
};

TEST_F(RunCommand, WritesTheProductOfTheWeights) {
  const ProgramResult result = Run({dense_, "--input", "x=" + array_});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const auto y = ReadNpy(out_ + "/y.npy");
  ASSERT_TRUE(y.ok()) << y.status();
  schema::Model model = DenseModel();
  const auto& weights = DenseWeights(model).floatvalue();
  ASSERT_EQ(y->values.size(), 8u);
  for (int row = 0; row < 8; ++row) {
    float sum = 0;
    for (int column = 0; column < 16; ++column) sum += weights[row * 16 + column];
    EXPECT_NEAR(y->values[row], sum, 1e-5 * (1 + std::abs(sum)));
  }
  EXPECT_THAT(result.standard_output, HasSubstr("y.npy"));
}

TEST_F(RunCommand, TakesTheOnlyInputWithoutItsName) {
  EXPECT_EQ(Run({dense_, "--input", array_}).exit_code, 0);
  EXPECT_EQ(Run({image_, "-i", picture_, "--threads", "1"}).exit_code, 0);
}

TEST_F(RunCommand, TakesArraysWithAxesOfOneMore) {
  WriteFile(array_, EncodeNpy({{1, 16, 1}, std::vector<float>(16, 1.0f)}));
  EXPECT_EQ(Run({dense_, "--input", array_}).exit_code, 0);
}

TEST_F(RunCommand, PrintsJsonWithAProfile) {
  const ProgramResult result = Run({dense_, "--input", array_, "--json", "--profile"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const auto json = nlohmann::json::parse(result.standard_output);
  EXPECT_EQ(json["outputs"][0]["name"], "y");
  EXPECT_EQ(json["outputs"][0]["files"][0], out_ + "/y.npy");
  EXPECT_EQ(json["profile"][0]["name"], "dense");
  EXPECT_GT(json["milliseconds"].get<double>(), 0);
}

TEST_F(RunCommand, NamesMissingAndUnknownInputs) {
  ExpectOneLine(Run({image_}), "missing input: image 'picture' (RGB, 32 x 32)");
  ExpectOneLine(Run({dense_}), "missing input: array 'x' of shape 16: a .npy file");
  ExpectOneLine(Run({dense_, "-i", "z=" + array_}), "no input 'z'; it has array 'x'");
  ExpectOneLine(Run({dense_, "-i", "x=" + array_, "-i", array_}), "'x' is given twice");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(RunCommand, RefusesFilesThatDoNotFit) {
  ExpectOneLine(Run({dense_, "-i", picture_}), "is a picture, the model takes array 'x'");
  ExpectOneLine(Run({dense_, "-i", folder_ / "none.npy"}), "none.npy");
  ExpectOneLine(Run({image_, "-i", array_}), "has shape 16, input 'picture' takes 3 x 32 x 32");
  WriteFile(picture_, SmallPng().substr(0, 40));
  ExpectOneLine(Run({image_, "-i", picture_}), "damaged PNG");
  WriteFile(picture_, "not a picture");
  ExpectOneLine(Run({image_, "-i", picture_}), "neither a JPEG nor a PNG");
  WriteFile(array_, EncodeNpy({{2, 8}, std::vector<float>(16)}));
  ExpectOneLine(Run({dense_, "-i", array_}), "takes 16");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(RunCommand, TakesTheSizesThatTheModelAllows) {
  schema::Model model = DenseModel();
  auto& array =
      *model.mutable_description()->mutable_input(0)->mutable_type()->mutable_multiarraytype();
  for (int64_t upper : {4, 16}) {
    auto& range = *array.mutable_shaperange()->add_sizeranges();
    range.set_lowerbound(upper == 4 ? 1 : 16);
    range.set_upperbound(upper);
  }
  array.clear_shape();
  array.add_shape(1);
  array.add_shape(16);
  model.mutable_neuralnetwork()->set_arrayinputshapemapping(schema::EXACT_ARRAY_MAPPING);
  WriteFile(dense_, model.SerializeAsString());
  WriteFile(array_, EncodeNpy({{3, 16}, std::vector<float>(48, 1.0f)}));
  const ProgramResult result = Run({dense_, "-i", array_});
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
  WriteFile(array_, EncodeNpy({{5, 16}, std::vector<float>(80, 1.0f)}));
  ExpectOneLine(Run({dense_, "-i", array_}), "1..4 x 16");
}

TEST_F(RunCommand, NamesTheLayerThatItCannotRun) {
  WriteFile(dense_, CustomLayerModel().SerializeAsString());
  ExpectOneLine(Run({dense_, "-i", array_}), "sorcery");
}

TEST_F(RunCommand, RefusesAFolderThatIsAFile) {
  WriteFile(folder_ / "new", "a file");
  ExpectOneLine(Run({dense_, "-i", array_}), "cannot make the folder");
}

TEST_F(RunCommand, ColoursTheMaskAsTheModelSays) {
  const ProgramResult result =
      Run({kSampleModel, "-i", std::string("image=") + kSamplePicture, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const auto output = nlohmann::json::parse(result.standard_output)["outputs"][0];
  double person = 0, sum = 0;
  for (const auto& part : output["classes"]) {
    sum += part["share"].get<double>();
    if (part["label"] != "person") continue;
    person = part["share"];
    EXPECT_EQ(part["color"], "#21d07a");
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_GT(person, 0.2);
  const auto mask = ReadMask(out_ + "/matte.mask.png");
  ASSERT_TRUE(mask.ok()) << mask.status();
  EXPECT_EQ(ClassShares(*mask)[1], person);
  const auto matte = ReadNpy(out_ + "/matte.npy");
  ASSERT_TRUE(matte.ok()) << matte.status();
  for (size_t i = 0; i < mask->ids.size(); ++i) {
    ASSERT_EQ(mask->ids[i], matte->values[i] > 0.5f ? 1 : 0) << i;
  }
  // The picture is the matte itself, with its soft edges.
  const auto soft = ReadImage(out_ + "/matte.png");
  ASSERT_TRUE(soft.ok()) << soft.status();
  EXPECT_EQ(soft->channels, 1);
  for (size_t i = 0; i < matte->values.size(); ++i) {
    ASSERT_EQ(soft->pixels[i], std::lround(matte->values[i] * 255)) << i;
  }
}

TEST_F(RunCommand, KeepsOutputsInsideTheFolder) {
  schema::Model model = DenseModel();
  const std::string name = "../../up/y:0";
  model.mutable_description()->mutable_output(0)->set_name(name);
  model.mutable_neuralnetwork()->mutable_layers(0)->set_output(0, name);
  WriteFile(dense_, model.SerializeAsString());
  const ProgramResult result = Run({dense_, "-i", array_});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_TRUE(std::filesystem::exists(out_ + "/_._.._up_y_0.npy")) << result.standard_output;
  EXPECT_THAT(folder_.Names(),
              ElementsAre("a.npy", "dense.mlmodel", "image.mlmodel", "new", "p.png"));
}

}  // namespace
}  // namespace nbits::cli
