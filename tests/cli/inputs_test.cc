// SPDX-License-Identifier: Apache-2.0
// How inputs are given to the commands that run models: files, folders, shapes, sizes, packages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nbits/image.h"
#include "nbits/npy.h"
#include "nbits/report.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/expect.h"
#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// ImageModel, its convolution twice, for pictures of 8 to 64 rows and columns, 32 x 32 by default.
schema::Model FlexibleModel() {
  schema::Model model = ImageModel();
  auto& layers = *model.mutable_neuralnetwork()->mutable_layers();
  schema::NeuralNetworkLayer again = layers[0];
  layers[0].set_output(0, "between");
  again.set_name("again");
  again.set_input(0, "between");
  *layers.Add() = again;
  auto& sizes = *model.mutable_description()
                     ->mutable_input(0)
                     ->mutable_type()
                     ->mutable_imagetype()
                     ->mutable_imagesizerange();
  for (auto* range : {sizes.mutable_heightrange(), sizes.mutable_widthrange()}) {
    range->set_lowerbound(8);
    range->set_upperbound(64);
  }
  return model;
}

// The same network on an array [3, 32, 32].
schema::Model PictureArrayModel() {
  schema::Model model = ImageModel();
  auto& array =
      *model.mutable_description()->mutable_input(0)->mutable_type()->mutable_multiarraytype();
  for (const int extent : {3, 32, 32}) array.add_shape(extent);
  array.set_datatype(schema::ArrayFeatureType::FLOAT32);
  return model;
}

// DenseModel as a classifier of so many classes, with weights so small that all that comes out is.
schema::Model Classifier(int classes) {
  schema::Model model = DenseModel();
  auto& classifier = *model.mutable_neuralnetworkclassifier();  // Takes the network's place.
  auto& layer = *classifier.add_layers();
  layer.set_name("dense");
  layer.add_input("x");
  layer.add_output("y");
  *layer.mutable_innerproduct() = DenseModel().neuralnetwork().layers(0).innerproduct();
  auto& weights = *layer.mutable_innerproduct()->mutable_weights()->mutable_floatvalue();
  for (float& weight : weights) weight = 1e-10f;
  for (int i = 0; i < classes; ++i) {
    classifier.mutable_stringclasslabels()->add_vector("kind \"" + std::to_string(i) + "\"");
  }
  classifier.set_labelprobabilitylayername("y");
  schema::ModelDescription& description = *model.mutable_description();
  description.clear_output();
  schema::FeatureDescription& probabilities = *description.add_output();
  probabilities.set_name("y");
  probabilities.mutable_type()->mutable_dictionarytype()->mutable_stringkeytype();
  schema::FeatureDescription& label = *description.add_output();
  label.set_name("label");
  label.mutable_type()->mutable_stringtype();
  description.set_predictedfeaturename("label");
  description.set_predictedprobabilitiesname("y");
  return model;
}

class Inputs : public ::testing::Test {
 protected:
  Inputs() {
    WriteFile(dense_, DenseModel().SerializeAsString());
    WriteFile(flexible_, FlexibleModel().SerializeAsString());
    WriteFile(array_, PictureArrayModel().SerializeAsString());
    WriteFile(wide_, *EncodePng({48, 20, 3, std::vector<uint8_t>(48 * 20 * 3, 51)}));
    WriteFile(huge_, *EncodePng({100, 20, 3, std::vector<uint8_t>(100 * 20 * 3, 51)}));
  }
  std::string Sequence(const std::string& name, Shape shape) {
    size_t count = 1;
    for (const int64_t extent : shape) count *= static_cast<size_t>(extent);
    fs::create_directories(fs::path(folder_ / name).parent_path());
    WriteFile(folder_ / name, EncodeNpy({std::move(shape), std::vector<float>(count, 1)}));
    return folder_ / name;
  }
  // The shape of the run's first output.
  Shape RunShape(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"-o", folder_ / "out", "--json"});
    last_ = RunProgram(arguments);
    if (last_.exit_code != 0) return {};
    return nlohmann::json::parse(last_.standard_output)["outputs"][0]["shape"].get<Shape>();
  }

  TestFolder folder_;
  const std::string dense_ = folder_ / "dense.mlmodel", flexible_ = folder_ / "any.mlmodel";
  const std::string array_ = folder_ / "array.mlmodel";
  const std::string wide_ = folder_ / "wide.png", huge_ = folder_ / "huge.png";
  ProgramResult last_;
};

TEST_F(Inputs, FlexiblePicturesRunAtTheirOwnSize) {
  EXPECT_EQ(RunShape({flexible_, "-i", wide_}), (Shape{3, 20, 48}));
  EXPECT_THAT(last_.standard_error, IsEmpty());
  EXPECT_EQ(RunShape({flexible_, "-i", huge_}), (Shape{3, 20, 64}));
  EXPECT_THAT(last_.standard_error, HasSubstr("(100 x 20) is scaled to 64 x 20, the nearest size"));
  EXPECT_EQ(RunShape({flexible_, "-i", wide_, "--size", "default"}), Shape{3 * 32 * 32});
  EXPECT_EQ(RunShape({flexible_, "-i", wide_, "--size", "40x24"}), (Shape{3, 24, 40}));
  EXPECT_EQ(RunShape({flexible_, "-i", wide_, "--size", "4x4"}), Shape());
  EXPECT_THAT(last_.standard_error, HasSubstr("8..64 x 8..64"));
}

TEST_F(Inputs, BenchAndMemoryPlansTakeShapes) {
  const auto memory = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"info", flexible_, "--memory", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments).standard_output;
  };
  const std::string usual = memory({});
  EXPECT_NE(memory({"--size", "64x64"}), usual);
  EXPECT_EQ(memory({"--size", "64x64"}), memory({"--shape", "3x64x64"}));
  EXPECT_EQ(memory({"-i", wide_}), memory({"--size", "48x20"}));
  for (const std::vector<std::string>& more : {std::vector<std::string>{flexible_, "-i", wide_},
                                               {flexible_, "--size", "40x24"},
                                               {dense_, "--shape", "x=5x1x16"},
                                               {dense_, "-i", Sequence("s.npy", {5, 1, 16})}}) {
    std::vector<std::string> arguments = {"bench", "--runs", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = RunProgram(arguments);
    EXPECT_EQ(result.exit_code, 0) << more[1] << ": " << result.standard_error;
  }
  ExpectOneLine(RunProgram({"bench", dense_, "--size", "8x8"}), "no input of the model");
  ExpectOneLine(RunProgram({"bench", dense_, "--shape", "x=5x"}), "--shape 5x");
  EXPECT_EQ(RunProgram({"bench", flexible_, "--size", "big"}).exit_code, 2);
}

TEST_F(Inputs, ArraysTakePicturesWithAScale) {
  const Shape shape = RunShape({array_, wide_, "--scale", "1/255", "--bias", "-0.2"});
  EXPECT_EQ(shape, Shape{3 * 32 * 32}) << last_.standard_error;
  const auto y = ReadNpy(folder_ / "out/y.npy");
  ASSERT_TRUE(y.ok()) << y.status();
  EXPECT_NEAR(y->values[0], 0, 1e-6);  // 51 / 255 - 0.2.
  EXPECT_EQ(RunShape({array_, wide_}), Shape());
  EXPECT_THAT(last_.standard_error, HasSubstr("--scale 1/255"));
}

TEST_F(Inputs, ComparisonsTakeSequencesAndOwnSizes) {
  Sequence("seq/a.npy", {3, 1, 16});
  Sequence("seq/b.npy", {16});
  Sequence("seq/odd.npy", {17});
  ProgramResult run = RunProgram(
      {"compare", dense_, dense_, "--inputs", folder_ / "seq", "-o", folder_ / "c", "--runs", "1"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_error, HasSubstr("odd.npy"));
  EXPECT_EQ(ResultsFromJson(ReadFile(folder_ / "c/results.json"))->pictures.size(), 2u);
  for (const auto& [model, more] : {std::pair(flexible_, "own"), {array_, "default"}}) {
    std::vector<std::string> arguments = {"compare",     model,    model, "--images", wide_, "-o",
                                          folder_ / "d", "--runs", "1",   "--size",   more};
    if (model == array_) arguments.insert(arguments.end(), {"--scale", "1/255"});
    run = RunProgram(arguments);
    ASSERT_EQ(run.exit_code, 0) << run.standard_error;
    const auto results = ResultsFromJson(ReadFile(folder_ / "d/results.json"));
    ASSERT_TRUE(results.ok()) << results.status();
    ASSERT_EQ(results->pictures.size(), 1u);
    EXPECT_EQ(results->pictures[0].width, model == flexible_ ? 48 : 32);
    EXPECT_EQ(results->pictures[0].own_width, 48);
    EXPECT_EQ(results->pictures[0].own_height, 20);
    fs::remove_all(folder_ / "d");
  }
}

TEST_F(Inputs, PicturesMayStandBesideTheModel) {
  ProgramResult run = RunProgram({"run", flexible_, wide_});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_TRUE(fs::exists(folder_ / "any-out/y.npy"));
  run = RunProgram({"run", flexible_, wide_, huge_, "-o", folder_ / "two", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_TRUE(fs::exists(folder_ / "two/wide/y.npy"));
  EXPECT_TRUE(fs::exists(folder_ / "two/huge/y.npy"));
  EXPECT_EQ(nlohmann::json::parse(run.standard_output)[1]["input"], huge_);
  run = RunProgram({"run", flexible_, wide_, "-o", folder_ / "o/mask.png"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.standard_error, HasSubstr("it is a folder that gets all outputs"));
  EXPECT_FALSE(fs::exists(folder_ / "o"));
}

TEST_F(Inputs, AFolderHoldsAFileForEachInput) {
  Sequence("inputs/x.npy", {16});
  EXPECT_EQ(RunShape({dense_, "-i", folder_ / "inputs"}).back(), 8);
  fs::remove(folder_ / "inputs/x.npy");
  EXPECT_EQ(RunShape({dense_, "-i", folder_ / "inputs"}), Shape());
  EXPECT_THAT(last_.standard_error, HasSubstr("has no file for 'x' (x.npy)"));
}

TEST_F(Inputs, ProbabilitiesHaveTheirLabelsBesideThem) {
  const std::string model = folder_ / "classes.mlmodel", x = Sequence("x.npy", {16});
  WriteFile(model, Classifier(8).SerializeAsString());
  ProgramResult run = RunProgram({"run", model, x, "-o", folder_ / "out"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_output, HasSubstr("1.6e-09  kind \"0\""));
  EXPECT_THAT(ReadFile(folder_ / "out/y.csv"),
              ::testing::StartsWith("label,probability\n\"kind \"\"0\"\"\",1."));
  WriteFile(model, Classifier(2).SerializeAsString());
  run = RunProgram({"run", model, x, "-o", folder_ / "out"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.standard_error, HasSubstr("names 2 classes, and output 'y' has 8 values"));
}

TEST_F(Inputs, PackagesAreReadAndWritten) {
  const std::string package = folder_ / "net.mlpackage";
  fs::create_directories(package + "/Data/a");
  WriteFile(package + "/Data/a/net.mlmodel", DenseModel().SerializeAsString());
  WriteFile(package + "/Data/a/other.txt", "kept");
  WriteFile(package + "/Manifest.json",
            R"({"rootModelIdentifier": "R", "itemInfoEntries": {"R": {"path": "a/net.mlmodel"}}})");
  for (const std::string& output : {folder_ / "small.mlpackage", folder_ / "small.mlmodel"}) {
    const ProgramResult made = RunProgram({"quantize", package, "-b", "8", "-o", output});
    ASSERT_EQ(made.exit_code, 0) << made.standard_error;
    EXPECT_THAT(RunProgram({"info", output}).standard_output, HasSubstr("linear"));
  }
  EXPECT_EQ(ReadFile(folder_ / "small.mlpackage/Data/a/other.txt"), "kept");
  EXPECT_EQ(RunProgram({"quantize", package, "-b", "4"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "net-4-linear.mlpackage/Manifest.json"));
  // What is wrong with the model comes before what is wrong with the rest.
  WriteFile(package + "/Data/a/net.mlmodel", std::string("\x08\x07\xb2\x1f\x00", 5));
  ExpectOneLine(RunProgram({"quantize", package, "-b", "8", "-o", "x.txt"}),
                "the program has no functions");
  for (const char* command : {"info", "run", "bench"}) {
    ExpectOneLine(RunProgram({command, package}), "the program has no functions");
  }
}

}  // namespace
}  // namespace nbits::cli
