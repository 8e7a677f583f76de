// SPDX-License-Identifier: Apache-2.0
// The program with object detectors, other pipelines and classical models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nbits/image.h"
#include "tests/cli/expect.h"
#include "tests/cli/program.h"
#include "tests/pipeline/models.h"

namespace nbits::cli {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kFixtures[] = NBITS_SOURCE_DIR "/tests/pipeline/fixtures/";

std::string Grey(int width, int height, uint8_t value) {
  const size_t bytes = static_cast<size_t>(width) * height * 3;
  return EncodePng({width, height, 3, std::vector<uint8_t>(bytes, value)}).value();
}

class PipelineCommands : public ::testing::Test {
 protected:
  PipelineCommands() {
    WriteFile(model_, nbits::testing::DetectorModel().SerializeAsString());
    WriteFile(white_, Grey(60, 40, 255));
  }
  ProgramResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"-o", out_});
    return RunProgram(arguments);
  }
  nlohmann::json Written(const std::string& name) {
    return nlohmann::json::parse(ReadFile(out_ + "/" + name));
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "detector.mlmodel", white_ = folder_ / "white.png";
  const std::string out_ = folder_ / "out";
};

TEST_F(PipelineCommands, ADetectorsBoxesAreWrittenAndDrawn) {
  const ProgramResult result = Run({model_, "-i", "image=" + white_});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_output, HasSubstr("90.00 %  a  at 0.250, 0.500"));
  EXPECT_EQ(result.standard_error, "");
  const nlohmann::json found = Written("detections.json");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1]["label"], "b");
  EXPECT_NEAR(found[1]["confidence"], 0.8, 1e-5);
  EXPECT_NEAR(found[1]["x"], 0.75, 1e-6);
  EXPECT_THAT(ReadFile(out_ + "/detections.csv"), HasSubstr("a,0,0.9,0.25,0.5,0.2,0.4\n"));
  const auto drawn = ReadImage(out_ + "/detections.png");
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_EQ(drawn->width, 60);  // The picture's own size.
  const auto pixel = [&](int x, int y) { return drawn->pixels[(y * 60 + x) * 3 + 1]; };
  EXPECT_LT(pixel(9, 20), 200);  // The left edge of a.
  EXPECT_EQ(pixel(30, 38), 255);
}

TEST_F(PipelineCommands, ThresholdsAreInputs) {
  ASSERT_EQ(Run({model_, "-i", "image=" + white_, "-i", "least=0.85"}).exit_code, 0);
  EXPECT_EQ(Written("detections.json").size(), 1u);
  ExpectOneLine(Run({model_, "-i", "image=" + white_, "-i", "least=much"}),
                "\"much\" does not fit number 'least'");
}

TEST_F(PipelineCommands, NothingFoundIsNoError) {
  WriteFile(white_, Grey(8, 8, 0));
  const ProgramResult result = Run({model_, white_});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_EQ(Written("detections.json").size(), 0u);
}

TEST_F(PipelineCommands, BenchAndMemoryPlan) {
  const ProgramResult bench = RunProgram({"bench", model_, "--runs", "1"});
  EXPECT_EQ(bench.exit_code, 0) << bench.standard_error;
  const ProgramResult memory = RunProgram({"info", model_, "--memory", "--json"});
  ASSERT_EQ(memory.exit_code, 0) << memory.standard_error;
  const nlohmann::json members = nlohmann::json::parse(memory.standard_output)["members"];
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0]["member"], "models[0] 'part 0', neuralNetwork");
}

TEST_F(PipelineCommands, InfoListsMembers) {
  const ProgramResult text = RunProgram({"info", model_});
  EXPECT_THAT(text.standard_output, HasSubstr("nonMaximumSuppression"));
  EXPECT_THAT(text.standard_output, HasSubstr("Class labels: 2"));
  const nlohmann::json info =
      nlohmann::json::parse(RunProgram({"info", model_, "--json"}).standard_output);
  ASSERT_EQ(info["members"].size(), 2u);
  EXPECT_EQ(info["members"][0]["path"], "models[0]");
  EXPECT_EQ(info["members"][0]["type"], "neuralNetwork");
  EXPECT_GT(info["members"][0]["bytes"], 6 * 192 * 4);
  EXPECT_EQ(info["updatable"], false);
}

TEST_F(PipelineCommands, InfoSaysWhatIsUpdatable) {
  schema::Model model = nbits::testing::DetectorModel();
  model.set_isupdatable(true);
  model.mutable_pipeline()->mutable_models(1)->set_isupdatable(true);
  WriteFile(model_, model.SerializeAsString());
  EXPECT_THAT(RunProgram({"info", model_}).standard_output, HasSubstr("can train it further"));
  const nlohmann::json info =
      nlohmann::json::parse(RunProgram({"info", model_, "--json"}).standard_output);
  EXPECT_EQ(info["updatable"], true);
  EXPECT_EQ(info["members"][1]["updatable"], true);
}

TEST_F(PipelineCommands, OtherMembersAreNamedAndQuantizeWorks) {
  schema::Model model = nbits::testing::DetectorModel();
  *model.mutable_pipeline()->mutable_models(1) = nbits::testing::OtherModel(2000, "scores", "y");
  WriteFile(model_, model.SerializeAsString());
  ExpectOneLine(Run({model_, white_}), "models[1] 'part 1', textClassifier");
  const std::string small = folder_ / "small.mlmodel";
  const ProgramResult quantized = RunProgram({"quantize", model_, "--bits", "8", "-o", small});
  EXPECT_EQ(quantized.exit_code, 0) << quantized.standard_error;
  EXPECT_LT(fs::file_size(small), fs::file_size(model_));
}

TEST_F(PipelineCommands, NumbersOnTheCommandLine) {
  const std::string model = std::string(kFixtures) + "named_inputs.mlmodel";
  const nlohmann::json test =
      nlohmann::json::parse(ReadFile(std::string(kFixtures) + "cases.json")).back();
  ASSERT_EQ(test["model"], "named_inputs.mlmodel");
  std::vector<std::string> arguments = {model};
  for (const auto& [name, value] : test["inputs"][0].items()) {
    arguments.insert(arguments.end(), {"-i", name + "=" + value.dump()});
  }
  const ProgramResult result = Run(arguments);
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_NEAR(Written("values.json")["y"], test["outputs"][0]["y"].get<double>(), 1e-12);
  ExpectOneLine(Run({model, "-i", "a=1"}), "--input b=VALUE");
}

TEST_F(PipelineCommands, ListsDictionariesAndLabels) {
  const std::string colors = std::string(kFixtures) + "logistic_colors.mlmodel";
  ASSERT_EQ(Run({colors, "-i", "x=3,0,-3"}).exit_code, 0);
  EXPECT_EQ(Written("values.json")["label"], "blue");
  EXPECT_EQ(Written("values.json")["p"].size(), 3u);
  const std::string dictionary = std::string(kFixtures) + "dictionary.mlmodel";
  const ProgramResult result = Run({dictionary, "-i", "x={\"rooms\": 3, \"garden\": 1}"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  WriteFile(folder_ / "x.json", "{\"rooms\": 3}");
  EXPECT_EQ(Run({dictionary, "-i", "x=" + folder_ / "x.json"}).exit_code, 0);
  ExpectOneLine(Run({dictionary, "-i", "x={\"cellar\": 3}"}), "'cellar'");
}

TEST_F(PipelineCommands, CompareMatchesBoxes) {
  fs::create_directories(folder_ / "pictures");
  WriteFile(folder_ / "pictures/grey.png", Grey(20, 20, 200));
  WriteFile(folder_ / "pictures/white.png", Grey(20, 20, 255));
  WriteFile(folder_ / "pictures/white.txt", "0 0.25 0.5 0.2 0.4\n1 0.1 0.1 0.1 0.1\n");
  const std::string half = folder_ / "half.mlmodel";
  ASSERT_EQ(RunProgram({"quantize", model_, "--bits", "16", "-o", half}).exit_code, 0);
  const ProgramResult result =
      RunProgram({"compare", model_, half, "--images", folder_ / "pictures", "--runs", "1",
                  "--threads", "1", "-o", out_});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const nlohmann::json results = Written("results.json");
  EXPECT_EQ(results["model"]["task"], "detection");
  EXPECT_EQ(results["model"]["truth"], "boxes");
  const nlohmann::json metrics = results["variants"][1]["metrics"];
  EXPECT_EQ(metrics["agreement_map50"], 1.0);
  EXPECT_EQ(metrics["agreement_precision"], 1.0);
  EXPECT_EQ(results["model"]["truth_pictures"], 1);
  EXPECT_TRUE(results["variants"][1]["intervals"].contains("agreement_map50"));
  EXPECT_EQ(metrics["map50"], 0.5);  // Of two classes, one box of each is expected, one found.
  const std::string drawn = results["pictures"][1]["outputs"][1]["image"];
  EXPECT_TRUE(fs::exists(out_ + "/" + drawn));
  EXPECT_TRUE(fs::exists(out_ + "/report.html"));
}

}  // namespace
}  // namespace nbits::cli
