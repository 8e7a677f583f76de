// SPDX-License-Identifier: Apache-2.0
// nbits compare with grey masks of one class, on a made model and made pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "nbits/image.h"
#include "nbits/report.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class GreyMasks : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_.path() / "images");
    fs::create_directories(folder_.path() / "masks");
    WriteFile(folder_ / "model.mlmodel", ColorClassModel().SerializeAsString());
    WriteFile(folder_ / "images/one.png", *EncodePng(Stripes()));
    WriteFile(folder_ / "masks/one.png", *EncodeMaskPng(Mask()));
  }

  // 12 columns of red (person), 10 of green (dog), 10 of black.
  static Image Stripes() {
    Image image{32, 32, 3, {}};
    for (int i = 0; i < 32 * 32; ++i) {
      const int column = i % 32;
      for (int channel = 0; channel < 3; ++channel) {
        image.pixels.push_back(channel == (column < 12 ? 0 : column < 22 ? 1 : 3) ? 255 : 0);
      }
    }
    return image;
  }
  // Bright in 16 columns: the model's 12 are 3 / 4 of them. Dark ones are not 0.
  static ClassMap Mask() {
    ClassMap mask{32, 32, {}};
    for (int i = 0; i < 32 * 32; ++i) mask.ids.push_back(i % 32 < 16 ? 200 : 1);
    return mask;
  }

  ProgramResult Compare(const std::string& mask_map, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"compare",
                                          folder_ / "model.mlmodel",
                                          folder_ / "model.mlmodel",
                                          "--images",
                                          folder_ / "images",
                                          "--masks",
                                          folder_ / "masks",
                                          "--mask-map",
                                          mask_map,
                                          "-o",
                                          folder_ / "out",
                                          "--runs",
                                          "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }

  TestFolder folder_;
};

TEST_F(GreyMasks, OneClassIsJudgedAndNamed) {
  setenv("COLUMNS", "200", 1);  // Narrower tables break titles between words.
  const ProgramResult run = Compare("person=1", {"--fail-if", "iou_drop > 0.1% or iou < 74%"});
  unsetenv("COLUMNS");
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  // Headings are broken where the terminal is narrow.
  EXPECT_THAT(run.standard_output, AllOf(HasSubstr("IoU of"), HasSubstr("person")));
  EXPECT_THAT(run.standard_output, Not(HasSubstr("  mIoU")));
  const auto results = ResultsFromJson(ReadFile(folder_ / "out/results.json"));
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_TRUE(results->judged_class.has_value());
  EXPECT_EQ(results->judged_class->id, 1);
  EXPECT_EQ(results->judged_class->label, "person");
  EXPECT_EQ(results->variants[0].metrics.iou, 0.75);
  EXPECT_FALSE(results->variants[0].metrics.miou.has_value());
  EXPECT_EQ(results->variants[0].metrics.pixel_accuracy, 28.0 / 32);
  EXPECT_EQ(results->pictures.at(0).outputs.at(0).iou, 0.75);
  EXPECT_EQ(results->verdict->metric, "iou");
  EXPECT_THAT(ReadFile(folder_ / "out/results.csv"), HasSubstr(",miou,iou,"));
}

TEST_F(GreyMasks, ClassesThatTheModelDoesNotHaveAreErrors) {
  for (const char* wrong : {"person=2", "cat=1", "person=4"}) {
    const ProgramResult run = Compare(wrong);
    EXPECT_EQ(run.exit_code, 1) << wrong;
    EXPECT_THAT(run.standard_error, HasSubstr(wrong));
  }
  EXPECT_THAT(Compare("cat=1").standard_error, HasSubstr("background=0, person=1, dog=2, car=3"));
}

TEST_F(GreyMasks, MaskMapWithoutMasksIsWrongUsage) {
  const ProgramResult run =
      RunProgram({"compare", folder_ / "model.mlmodel", folder_ / "model.mlmodel", "--images",
                  folder_ / "images", "--mask-map", "person=1", "-o", folder_ / "out"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.standard_error, HasSubstr("--masks"));
}

}  // namespace
}  // namespace nbits::cli
