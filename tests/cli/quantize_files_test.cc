// SPDX-License-Identifier: Apache-2.0
// nbits quantize: plans, tables, reports, and what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/cli/expect.h"
#include "tests/cli/quantize_fixture.h"

namespace nbits::cli {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class QuantizeFiles : public QuantizeFixture {
 protected:
  std::string File(const std::string& name, const std::string& text) {
    WriteFile(folder_ / name, text);
    return folder_ / name;
  }
};

TEST_F(QuantizeFiles, APlanGivesTheSameBytesAgain) {
  const std::string plan = folder_ / "p.json", again = folder_ / "again.json";
  ASSERT_EQ(Run({"--bits", "3", "--range", "mse", "--layer", "top=5:kmeans_lut", "--save-plan",
                 plan, "--on-overflow", "clamp"})
                .exit_code,
            0);
  const std::string bytes = ReadFile(out_);
  std::filesystem::remove(out_);
  EXPECT_EQ(Run({"--plan", plan, "--save-plan", again}).exit_code, 0);
  EXPECT_EQ(ReadFile(out_), bytes);
  EXPECT_EQ(ReadFile(again), ReadFile(plan));
}

// Each row holds what was found in its own weight, even where all have one name.
TEST_F(QuantizeFiles, AReportOfManyWeightsOfOneNameHasEachFindingOnce) {
  constexpr size_t kLayers = 3000;
  schema::Model model = ImageModel();
  for (size_t i = 0; i < kLayers; ++i) {
    auto& layer = *model.mutable_neuralnetwork()->add_layers();
    layer.set_name("constant");
    layer.add_output("c" + std::to_string(i));
    auto& constant = *layer.mutable_loadconstant();
    for (const uint64_t extent : {1, 1, 2}) constant.add_shape(extent);
    for (int value = 0; value < 2; ++value) constant.mutable_data()->add_floatvalue(1);
  }
  Write(model);
  const std::string report = folder_ / "r.csv";
  ASSERT_EQ(
      Run({"--bits", "8", "--policy", "coremltools", "--dry-run", "--report", report}).exit_code,
      0);
  const std::string text = ReadFile(report);
  size_t found = 0;
  for (size_t at = text.find("1 of 1 channels"); at != std::string::npos;
       at = text.find("1 of 1 channels", at + 1)) {
    ++found;
  }
  EXPECT_GE(found, kLayers);
  EXPECT_LE(found, kLayers + 10);  // The model's own weights.
}

TEST_F(QuantizeFiles, APlanFoldsWhatWasFolded) {
  schema::Model model = ImageModel();
  auto& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name("scale");
  layer.add_input("y");
  layer.add_output("z");
  layer.mutable_scale()->add_shapescale(3);
  for (const float value : {2.f, 3.f, 4.f}) {
    layer.mutable_scale()->mutable_scale()->add_floatvalue(value);
  }
  model.mutable_description()->mutable_output(0)->set_name("z");
  Write(model);
  const std::string plan = folder_ / "p.json";
  EXPECT_EQ(Json({"--bits", "8", "--save-plan", plan})["folded_layers"], 1);
  const std::string bytes = ReadFile(out_);
  EXPECT_EQ(Json({"--plan", plan})["folded_layers"], 1);
  EXPECT_EQ(ReadFile(out_), bytes);
}

TEST_F(QuantizeFiles, TheResultOfAPlanIsCalledAfterIt) {
  const std::string plan = folder_ / "small.json";
  ASSERT_EQ(Run({"--bits", "3", "--save-plan", plan, "--dry-run"}).exit_code, 0);
  EXPECT_EQ(RunProgram({"quantize", model_, "--plan", plan}).exit_code, 0);
  EXPECT_EQ(RunProgram({"quantize", model_, "--layer", "top=4"}).exit_code, 0);
  EXPECT_THAT(folder_.Names(),
              ElementsAre("m-mixed.mlmodel", "m-small.mlmodel", "m.mlmodel", "small.json"));
}

TEST_F(QuantizeFiles, BadPlansAreOneLine) {
  const std::string good = folder_ / "p.json";
  ASSERT_EQ(Run({"--bits", "3", "--save-plan", good, "--dry-run"}).exit_code, 0);
  std::string other = ReadFile(good);
  other.replace(other.find("dense"), 5, "tense");
  const std::vector<std::pair<std::string, std::string>> files = {
      {folder_ / "none.json", "none.json"},
      {File("empty.json", ""), "empty.json"},
      {File("text.json", "no plan"), "text.json"},
      {File("list.json", "[]"), "list.json"},
      {File("deep.json", std::string(100000, '[')), "deep.json"},
      {File("version.json", R"({"nbits_plan": 2, "fold": "none", "weights": []})"), "version 2"},
      {File("fold.json", R"({"nbits_plan": 1, "fold": "all", "weights": []})"), "folded"},
      {File("few.json", R"({"nbits_plan": 1, "fold": "none", "weights": []})"), "0 weights"},
      {File("other.json", other), "tense/weights"},
      {folder_ / "", "not a file"}};
  for (const auto& [file, text] : files) {
    SCOPED_TRACE(file);
    const ProgramResult result = Run({"--plan", file});
    ExpectOneLine(result, text == "not a file" ? "" : text);
  }
  EXPECT_THAT(folder_.Names(), Not(Contains("out.mlmodel")));
}

TEST_F(QuantizeFiles, TablesFromCsvAndJson) {
  const std::string csv = File("t.csv", "dense,-0.1,0,0.1\ntop,-0.3,0.3\n");
  EXPECT_THAT(Changed({"--mode", "custom_lut", "--table", csv}),
              AllOf(Contains("dense/weights 2:custom_lut"), Contains("top/weights 1:custom_lut")));
  const std::string one = File("one.json", "[-0.3, -0.1, 0, 0.1, 0.3]");
  EXPECT_THAT(Changed({"--bits", "4", "--mode", "custom_lut", "--table", one, "--only", "dense"}),
              Contains("dense/weights 4:custom_lut"));
  const std::string named = File("named.json", R"({"top": [0, 0.25]})");
  EXPECT_THAT(Changed({"--bits", "8", "--layer", "top=custom_lut", "--table", named}),
              AllOf(Contains("dense/weights 8:linear"), Contains("top/weights 1:custom_lut")));
  const auto json = Json({"--mode", "custom_lut", "--table", named});
  EXPECT_EQ(json["kept"][0]["reason"], "no table for it");
}

TEST_F(QuantizeFiles, BadTablesAreOneLine) {
  std::string many = "0";
  for (int i = 1; i < 257; ++i) many.append(",").append(std::to_string(i));
  const std::vector<std::pair<std::string, std::string>> files = {
      {folder_ / "none.csv", "none.csv"},
      {File("empty.csv", ""), "empty.csv: no table"},
      {File("word.csv", "dense,1,two"), "word.csv: line 1: \"two\""},
      {File("many.csv", many), "257 entries"},
      {File("infinite.csv", "1,inf"), "finite"},
      {File("broken.json", "{"), "broken.json: malformed"},
      {File("text.json", R"({"dense": "no"})"), "\"dense\""},
      {File("stranger.json", R"({"stranger": [1, 2]})"), "\"stranger\""}};
  for (const auto& [file, text] : files) {
    SCOPED_TRACE(file);
    ExpectOneLine(Run({"--mode", "custom_lut", "--table", file}), text);
  }
  EXPECT_THAT(Run({"--mode", "custom_lut", "--bits", "1", "--table", File("4.csv", "1,2,3,4")}),
              ::testing::Field(&ProgramResult::exit_code, 1));
  EXPECT_THAT(folder_.Names(), Not(Contains("out.mlmodel")));
}

TEST_F(QuantizeFiles, ReportHasALineForEveryWeight) {
  schema::Model model = TwoProducts();
  model.mutable_neuralnetwork()->mutable_layers(1)->set_name("top, \"last\"");
  Write(model);
  ASSERT_EQ(Run({"--bits", "2", "--keep", "*/bias", "--report", folder_ / "e.csv"}).exit_code, 0);
  const std::string csv = ReadFile(folder_ / "e.csv");
  EXPECT_THAT(csv, StartsWith("weight,layer,layer_type,elements,from,to,bytes_before,bytes_after,"
                              "snr_db,squared_error,max_absolute_error,zeros_flipped,"
                              "zeros_flipped_share,kept_because,findings\n"
                              "dense/weights,dense,innerProduct,128,Float32,2:linear,512,96,"));
  EXPECT_THAT(csv, HasSubstr("\n\"top, \"\"last\"\"/bias\",\"top, \"\"last\"\"\",innerProduct,4,"
                             "Float32,kept,16,16,,,,,,asked for,\n"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
}

TEST_F(QuantizeFiles, DryRunShowsThePlanAndWritesNoModel) {
  setenv("COLUMNS", "100", 1);  // Narrower, types and numbers of values are left out.
  const ProgramResult result = Run({"--bits", "4", "--keep", "*/bias", "--dry-run"});
  unsetenv("COLUMNS");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_output,
              MatchesRegex("  weight +layer type +values +from +to +bytes +-> bytes +SNR\n"
                           "  dense/weights +innerProduct +128 +Float32 +4:linear +512 +128 .* dB\n"
                           "  top/weights .*\n"
                           "  top/bias +innerProduct +4 +Float32 +kept +16 +16 +asked for\n"
                           ".*m.mlmodel \\(dry run, not written\\): .* bytes .*\n"));
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
  EXPECT_EQ(Json({"--bits", "4", "--dry-run"})["output"], nullptr);
}

// The sizes that a dry run shows are those of the file.
TEST_F(QuantizeFiles, DryRunTellsTheTruth) {
  const auto dry = Json({"--bits", "4", "--dry-run"});
  const auto done = Json({"--bits", "4"});
  EXPECT_EQ(dry["changed"], done["changed"]);
  EXPECT_EQ(done["bytes_after"], ReadFile(out_).size());
  EXPECT_EQ(dry["bytes_after"], done["bytes_after"]);
  EXPECT_EQ(done["bytes_before"], ReadFile(model_).size());
}

TEST_F(QuantizeFiles, SummaryNamesSizesRatioWorstWeightAndTime) {
  const ProgramResult result = Run({"--bits", "4"});
  EXPECT_THAT(
      result.standard_output,
      MatchesRegex(".*out.mlmodel: .* -> .* bytes \\(.* %\\), . weights changed.*, worst SNR "
                   ".* dB in .*/weights, .* s\n.* nbits compare .*\n"));
  EXPECT_THAT(result.standard_error, IsEmpty());
}

TEST_F(QuantizeFiles, QuantizingAgainIsAWarning) {
  ASSERT_EQ(Run({"--bits", "8"}).exit_code, 0);
  const ProgramResult again =
      RunProgram({"quantize", out_, "--bits", "4", "-o", folder_ / "again.mlmodel"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.standard_error, AllOf(HasSubstr("warning: 2 weights"), HasSubstr("8 bits"),
                                          HasSubstr("dense/weights")));
}

TEST_F(QuantizeFiles, UnusedTableEntriesAndConstantChannelsAreNoted) {
  schema::Model model = TwoProducts();
  for (int i = 0; i < 16; ++i) DenseWeights(model).set_floatvalue(i, 0.5f);
  Write(model);
  EXPECT_THAT(Run({"--bits", "4", "--only", "dense"}).standard_error,
              HasSubstr("note: dense/weights: 1 of 8 channels are stored as a single value"));
  ASSERT_EQ(Run({"--bits", "4", "--report", folder_ / "e.csv"}).exit_code, 0);
  EXPECT_THAT(ReadFile(folder_ / "e.csv"),
              HasSubstr(",\"1 of 8 channels are stored as a single value, worst 0.5\"\n"));
  const std::string table = File("t.csv", "-0.1,0.1,99");
  EXPECT_THAT(Run({"--mode", "custom_lut", "--table", table, "--only", "dense"}).standard_error,
              HasSubstr("note: dense/weights: 1 of 3 table entries are not used, worst 99"));
}

TEST_F(QuantizeFiles, WrongCombinationsAreWrongUsage) {
  const std::string plan = folder_ / "p.json", table = folder_ / "t.csv";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--plan", plan, "--bits", "4"},
           {"--plan", plan, "--layer", "dense=4"},
           {"--plan", plan, "--no-fold"},
           {"--plan", plan, "--min-elements", "1"},
           {"--plan", plan, "--save-plan", plan},
           {"--plan"},
           {"--bits", "4", "--table", table},
           {"--mode", "custom_lut"},
           {"--layer", "dense=custom_lut"},
           {"--bits", "4", "--save-plan", model_},
           {"--bits", "4", "--report", out_},
           {"--bits", "4", "--report", folder_ / "./out.mlmodel"},
           {"--bits", "4", "--report", plan, "--save-plan", plan}}) {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(arguments);
  }
  EXPECT_EQ(RunProgram({"quantize", model_, "--bits", "4", "-o", folder_ / "small.onnx"}).exit_code,
            2);
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(QuantizeFiles, FilesThatCannotBeWrittenLeaveNothingBehind) {
  for (const char* option : {"--save-plan", "--report"}) {
    ExpectOneLine(Run({"--bits", "4", option, model_ + "/no/file"}),
                  "cannot make the folder " + model_ + "/no");
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(QuantizeFiles, OptionsThatRepeatLeaveTheModelAlone) {
  const ProgramResult result = RunProgram(
      {"quantize", "--keep", "dense", "--layer", "top=4", model_, "--bits", "8", "-o", out_});
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
}

// The format ends at 2^31 - 1 bytes. The file is sparse and takes no room.
TEST_F(QuantizeFiles, FilesBeyondTheFormatsLimitAreOneLine) {
  ASSERT_EQ(truncate(model_.c_str(), int64_t{1} << 31), 0);
  ExpectOneLine(Run({"--bits", "4"}), "2147483648 bytes");
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

}  // namespace
}  // namespace nbits::cli
