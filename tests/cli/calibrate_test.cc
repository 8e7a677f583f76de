// SPDX-License-Identifier: Apache-2.0
// nbits quantize --calibrate and nbits sweep --calibrate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "nbits/image.h"
#include "tests/cli/expect.h"
#include "tests/cli/program.h"
#include "tests/support/made_models.h"

namespace nbits::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kSize = 32;

class CalibrateCommand : public ::testing::Test {
 protected:
  CalibrateCommand() {
    WriteFile(model_, nbits::testing::MatteModel(kSize).SerializeAsString());
    AddPictures("first", 0, 5);
    AddPictures("second", 5, 3);
  }
  void AddPictures(const std::string& name, int first, int count) {
    std::filesystem::create_directories(folder_ / name);
    for (int i = first; i < first + count; ++i) {
      WriteFile(folder_ / (name + "/" + std::to_string(i) + ".png"),
                *EncodePng(nbits::testing::DiscPicture(kSize, i)));
    }
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel";
};

TEST_F(CalibrateCommand, WritesAModelAndAPlanThatGivesTheSameBytes) {
  const ProgramResult result = RunProgram({"quantize", model_, "--bits", "3", "--calibrate",
                                           folder_ / "first", "--save-plan", folder_ / "p.json"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_output,
              HasSubstr("quantized weights on 4 pictures, judged on 1 held back"));
  std::filesystem::remove_all(folder_ / "first");
  const ProgramResult replayed = RunProgram(
      {"quantize", model_, "--plan", folder_ / "p.json", "-o", folder_ / "again.mlmodel"});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.standard_error;
  EXPECT_TRUE(ReadFile(folder_ / "m-3-linear-calibrated.mlmodel") ==
              ReadFile(folder_ / "again.mlmodel"));
}

TEST_F(CalibrateCommand, ReportsAsJson) {
  const ProgramResult result =
      RunProgram({"quantize", model_, "--bits", "2", "--calibrate", folder_ / "first",
                  "--calibration-limit", "3", "--dry-run", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_output, HasSubstr("\"calibration\": {"));
  EXPECT_THAT(result.standard_output, HasSubstr("\"path\": \"levels/weights\""));
  EXPECT_THAT(result.standard_output, HasSubstr("\"calibrated_error\""));
}

TEST_F(CalibrateCommand, WrongUsageIsNamed) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--bits", "3", "--calibration-limit", "3"},
                                             {"--bits", "3", "--scale", "1/255"},
                                             {"--bits", "3", "--depthwise-bits", "9"},
                                             {"--plan", "p.json", "--calibrate", "first"}}) {
    std::vector<std::string> words = {"quantize", model_};
    words.insert(words.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(RunProgram(words).exit_code, 2) << ::testing::PrintToString(arguments);
  }
  const ProgramResult missing =
      RunProgram({"quantize", model_, "--bits", "3", "--calibrate", folder_ / "nowhere"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.standard_error, HasSubstr("nowhere"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m-3-linear-calibrated.mlmodel"));
}

TEST_F(CalibrateCommand, SweepsBesidePlainVariants) {
  const std::vector<std::string> words = {"sweep",   model_,   "--bits",      "3",
                                          "--modes", "linear", "--calibrate", folder_ / "first",
                                          "--runs",  "1",      "-o",          folder_ / "out"};
  std::vector<std::string> apart = words, same = words;
  apart.insert(apart.end(), {"--images", folder_ / "second"});
  const ProgramResult result = RunProgram(apart);
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_output, HasSubstr("3-linear-calibrated"));
  EXPECT_THAT(result.standard_error, Not(HasSubstr("calibrate, too")));
  same.insert(same.end(), {"--images", folder_ / "first", "--overwrite"});
  EXPECT_THAT(RunProgram(same).standard_error, HasSubstr("5 of the 5 files that judge"));
}

}  // namespace
}  // namespace nbits::cli
