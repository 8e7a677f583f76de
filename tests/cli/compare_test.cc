// SPDX-License-Identifier: Apache-2.0
// nbits compare and nbits sweep on a network that marks what is bright, and two pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "nbits/image.h"
#include "nbits/npy.h"
#include "nbits/report.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/program.h"
#include "tests/support/made_models.h"

namespace nbits::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Comparison : public ::testing::Test {
 protected:
  Comparison() {
    AddModel("matte", nbits::testing::MatteModel());
    AddModel("half", nbits::testing::HalfMatteModel());
    AddModel("array", nbits::testing::ArrayModel());
    AddModel("custom", CustomLayerModel());
    for (const char* name : {"images", "masks"}) fs::create_directory(folder_ / name);
    for (int i = 0; i < 3; ++i) {
      const std::string name = std::to_string(i) + ".png";
      WriteFile(folder_ / "images/" + name, *EncodePng(nbits::testing::DiscPicture(64, i)));
      WriteFile(folder_ / "masks/" + name, *EncodeMaskPng(nbits::testing::DiscMask(64, i)));
    }
  }
  void AddModel(const std::string& name, const schema::Model& model) {
    WriteFile(Model(name), model.SerializeAsString());
  }
  std::string Model(const std::string& name) const { return folder_ / (name + ".mlmodel"); }
  std::string masks() const { return folder_ / "masks"; }
  // On two of the three pictures.
  ProgramResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--images", folder_ / "images", "--limit", "2"});
    arguments.insert(arguments.end(), {"-o", folder_ / "out", "--runs", "1"});
    return RunProgram(arguments);
  }
  Results ReadResults() {
    auto results = ResultsFromJson(ReadFile(folder_ / "out/results.json"));
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? *results : Results();
  }

  TestFolder folder_;
};

TEST_F(Comparison, SweepQuantizesComparesAndNamesTheReport) {
  const ProgramResult run = Run({"sweep", Model("matte"), "--bits", "16,8,2", "--modes",
                                 "linear,kmeans_lut", "--masks", masks()});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_error, IsEmpty());
  EXPECT_THAT(run.standard_output, ::testing::EndsWith("out/report.html\n"));
  EXPECT_THAT(run.standard_output, Not(HasSubstr("\x1b")));
  const Results results = ReadResults();
  ASSERT_EQ(results.variants.size(), 6u);  // 16 bits once.
  EXPECT_EQ(results.task, "segmentation");
  EXPECT_EQ(results.variants[1].name, "float16");
  EXPECT_EQ(results.variants[4].name, "2-linear");
  for (const VariantResult& variant : results.variants) {
    EXPECT_FALSE(variant.error.has_value()) << variant.name << ": " << *variant.error;
    EXPECT_GT(variant.peak_memory_bytes.value_or(0), 1000000) << variant.name;
    EXPECT_GT(variant.median_ms.value_or(0), 0) << variant.name;
    EXPECT_EQ(variant.bytes, static_cast<int64_t>(fs::file_size(variant.file))) << variant.name;
  }
  EXPECT_EQ(results.variants[0].metrics.agreement, 1);
  EXPECT_GT(results.variants[0].metrics.miou.value(), 0.6);
  EXPECT_GT(results.variants[1].metrics.agreement.value(), 0.999);
  EXPECT_GT(results.variants[2].metrics.agreement.value(), 0.99);
  // Two bits are too few.
  EXPECT_LT(results.variants[4].metrics.agreement.value(),
            results.variants[2].metrics.agreement.value() - 0.02);
  EXPECT_THAT(ReadFile(folder_ / "out/results.csv"), HasSubstr("\n8-kmeans_lut,"));
  if (fs::exists(folder_ / "out/report.html")) {
    EXPECT_THAT(ReadFile(folder_ / "out/report.html"), HasSubstr("data:image/png;base64,"));
  }
}

TEST_F(Comparison, NamesTheClassesOfMasksFromAFile) {
  WriteFile(folder_ / "names.txt", "backdrop\nstatue\n");
  const ProgramResult run = Run({"compare", Model("matte"), Model("half"), "--masks", masks(),
                                 "--labels", folder_ / "names.txt"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_EQ(ReadResults().labels, (std::vector<std::string>{"backdrop", "statue"}));
  WriteFile(folder_ / "names.txt", "backdrop\nstatue\nplinth\n");
  const ProgramResult more = Run(
      {"compare", Model("matte"), Model("half"), "--overwrite", "--labels", folder_ / "names.txt"});
  EXPECT_EQ(more.exit_code, 1);
  EXPECT_THAT(more.standard_error, HasSubstr("names.txt: 3 names for 2 classes"));
}

// The 8-bit model in integer arithmetic; 16 bits have none.
TEST_F(Comparison, SweepInIntegerArithmetic) {
  const ProgramResult run = Run({"sweep", Model("matte"), "--bits", "16,8", "--modes", "linear",
                                 "--compute", "int8", "--masks", masks()});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  const Results results = ReadResults();
  ASSERT_EQ(results.variants.size(), 3u);
  EXPECT_EQ(results.variants[1].name, "float16");
  EXPECT_EQ(results.variants[2].name, "8-linear-int8");
  EXPECT_FALSE(results.variants[2].error.has_value());
  EXPECT_GT(results.variants[2].metrics.agreement.value(), 0.99);
  EXPECT_NEAR(results.variants[2].metrics.miou.value(), results.variants[0].metrics.miou.value(),
              0.005);  // Half a point.
}

TEST_F(Comparison, SweepTakesPoliciesAndRecordsThem) {
  const ProgramResult run = Run({"sweep", Model("matte"), "--bits", "4", "--modes", "linear",
                                 "--policy", "coremltools,bulk", "--csv"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_output, HasSubstr("\n4-linear-coremltools,"));
  const Results results = ReadResults();
  ASSERT_EQ(results.variants.size(), 3u);
  EXPECT_EQ(results.variants[0].policy, std::nullopt);
  EXPECT_EQ(results.variants[1].policy, "coremltools");
  EXPECT_EQ(results.variants[2].name, "4-linear");
  EXPECT_EQ(results.variants[2].policy, "bulk");
  // Its ranges are fitted, and its biases are not quantized.
  for (size_t i = 0; i < results.variants[2].layers.size(); ++i) {
    const LayerResult &theirs = results.variants[1].layers[i],
                      &ours = results.variants[2].layers[i];
    if (ours.elements > 64) {
      EXPECT_GT(ours.snr_db.value(), theirs.snr_db.value()) << ours.name << " " << ours.kind;
    } else {
      EXPECT_GT(ours.bits.value(), 4) << ours.name << " " << ours.kind;
    }
  }
}

TEST_F(Comparison, SweepLeavesOutWhatWouldBeCopies) {
  const ProgramResult run =
      Run({"sweep", Model("half"), "--bits", "16,4", "--modes", "linear", "--csv"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_error, HasSubstr("nbits: note: left out float16: no weight would"));
  const Results results = ReadResults();
  ASSERT_EQ(results.variants.size(), 2u);
  EXPECT_EQ(results.variants[1].name, "4-linear");
  const ProgramResult none = Run({"sweep", Model("half"), "--bits", "16", "--overwrite"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.standard_error, HasSubstr("half.mlmodel: no weight would change"));
}

TEST_F(Comparison, VariantOfAnotherMakerAndBrokenOnes) {
  WriteFile(folder_ / "broken.mlmodel", ReadFile(Model("matte")).substr(0, 1000));
  const ProgramResult run = Run({"compare", Model("matte"), Model("half"),
                                 folder_ / "broken.mlmodel", Model("array"), "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  const auto results = ResultsFromJson(run.standard_output);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->variants[1].bits, 16);
  EXPECT_EQ(results->variants[1].mode, "float16");
  EXPECT_GT(results->variants[1].metrics.agreement.value(), 0.999);
  EXPECT_TRUE(results->variants[2].error.has_value());
  EXPECT_TRUE(results->variants[3].error.has_value());  // Another input altogether.
}

TEST_F(Comparison, OriginalsThatCannotRunAreErrors) {
  const ProgramResult tree = Run({"compare", Model("custom"), Model("custom")});
  EXPECT_EQ(tree.exit_code, 1);
  EXPECT_THAT(tree.standard_error, HasSubstr("custom.mlmodel"));
  const ProgramResult none = RunProgram({"compare", Model("matte"), Model("matte"), "--images",
                                         folder_ / "nowhere", "-o", folder_ / "out"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.standard_error, HasSubstr("nowhere"));
}

TEST_F(Comparison, FailIfDecidesTheExitCode) {
  const ProgramResult good =
      Run({"sweep", Model("matte"), "--bits", "8", "--modes", "linear", "--fail-if",
           "agreement < 90% or bytes_ratio > 0.5", "--markdown"});
  EXPECT_EQ(good.exit_code, 0) << good.standard_error;
  EXPECT_THAT(good.standard_output, HasSubstr("| 8-linear | 40.9 kB | 3.85 x |"));
  const ProgramResult bad = Run({"sweep", Model("matte"), "--bits", "8", "--modes", "linear",
                                 "--fail-if", "bytes_ratio > 0.2", "--csv", "--overwrite"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.standard_error, HasSubstr("8-linear: bytes_ratio is 0.25"));
  EXPECT_THAT(bad.standard_output, ::testing::StartsWith("name,file,"));
}

// Nothing is measured, nor quantized, for a gate that cannot be judged.
TEST_F(Comparison, GatesThatCannotBeJudgedAreRefusedAtOnce) {
  const auto refused = [&](const std::string& gate, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"sweep", Model("matte"), "--bits", "8", "--fail-if", gate});
    const ProgramResult run = Run(more);
    EXPECT_EQ(run.exit_code, 1) << gate;
    EXPECT_FALSE(fs::exists(folder_ / "out/results.json")) << gate;
    return run.standard_error;
  };
  EXPECT_THAT(refused("miou_drop > 0.005"),
              HasSubstr("miou is asked for and cannot be measured: it "
                        "needs true masks (--masks FOLDER)"));
  EXPECT_FALSE(fs::exists(folder_ / "out/models"));
  EXPECT_THAT(refused("iou < 0.7", {"--masks", masks()}), HasSubstr("--mask-map person=15"));
  EXPECT_THAT(refused("top1 < 0.7"), HasSubstr("the model's task is segmentation"));
}

TEST_F(Comparison, WhatIsNotThereIsSaidBeforeTheFirstRun) {
  const auto failed = [&](std::vector<std::string> arguments) {
    const ProgramResult run = Run(std::move(arguments));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_FALSE(fs::exists(folder_ / "out/results.json"));
    return run.standard_error;
  };
  EXPECT_THAT(failed({"compare", Model("matte"), Model("half"), Model("nothere")}),
              HasSubstr("no such file: "));
  EXPECT_THAT(failed({"compare", Model("matte"), Model("half"), "--masks", folder_ / "nothere"}),
              HasSubstr("masks: there is no folder"));
  fs::create_directory(folder_ / "empty");
  EXPECT_THAT(failed({"compare", Model("matte"), Model("half"), "--masks", folder_ / "empty"}),
              HasSubstr("for 0.png it would be"));
  WriteFile(folder_ / "broken.mlmodel", "no model");
  EXPECT_THAT(failed({"compare", Model("matte"), folder_ / "broken.mlmodel"}),
              HasSubstr("every variant failed: broken: "));
}

TEST_F(Comparison, MasksOfSomePicturesAreCounted) {
  fs::remove(folder_ / "masks/1.png");
  const ProgramResult run = Run({"compare", Model("matte"), Model("half"), "--masks", masks()});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_output, HasSubstr("2 pictures, masks for 1 of them"));
  const Results results = ReadResults();
  EXPECT_EQ(results.truth_pictures, 1);
  // One picture with a mask tells nothing about mean IoU; two tell something about agreement.
  EXPECT_TRUE(std::isinf(results.variants[1].intervals.at("miou").low));
  EXPECT_TRUE(std::isfinite(results.variants[1].intervals.at("agreement").low));
}

// Ids that mean other classes judge nobody, in any form, and a better mapping is proposed.
TEST_F(Comparison, MasksThatTheOriginalDoesNotMeetRecommendNothing) {
  for (int i = 0; i < 3; ++i) {
    ClassMap mask = nbits::testing::DiscMask(64, i);
    for (uint8_t& id : mask.ids) id = id == 0 ? 1 : id == 1 ? 0 : id;
    WriteFile(folder_ / ("masks/" + std::to_string(i) + ".png"), *EncodeMaskPng(mask));
  }
  for (const char* form : {"--task", "--markdown"}) {
    std::vector<std::string> arguments = {"compare", Model("matte"), Model("half"), "--masks",
                                          masks(),   "--overwrite",  form};
    if (form == std::string("--task")) arguments.push_back("segmentation");
    arguments.push_back("--overwrite");
    const ProgramResult run = Run(arguments);
    ASSERT_EQ(run.exit_code, 0) << run.standard_error;
    EXPECT_THAT(run.standard_output, HasSubstr("The original itself reaches only mIoU"));
    EXPECT_THAT(run.standard_output, HasSubstr("-map 0=1,1=0 would fit better."));
    EXPECT_THAT(run.standard_output, Not(HasSubstr("Take ")));
  }
  EXPECT_TRUE(ReadResults().verdict->doubtful_truth);
}

TEST_F(Comparison, AFailedVariantIsSaidInTheLastLine) {
  WriteFile(folder_ / "broken.mlmodel", "no model");
  const ProgramResult run =
      Run({"compare", Model("matte"), Model("half"), folder_ / "broken.mlmodel"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.standard_output, ::testing::EndsWith("\n1 of 2 variants failed: broken\n"));
}

TEST_F(Comparison, AnAllowedLossIsOfTheMeasuresUnit) {
  const auto run = [&](const char* loss) {
    return Run({"compare", Model("matte"), Model("half"), "--allowed-loss", loss});
  };
  ASSERT_EQ(run("2%").exit_code, 0);
  EXPECT_EQ(ReadResults().verdict->allowed_loss, 0.02);
  EXPECT_EQ(run("40dB").exit_code, 1);
  EXPECT_EQ(run("much").exit_code, 2);
}

TEST_F(Comparison, ArraysAreInputsToo) {
  const auto sample = [&](const std::string& folder, float value) {
    fs::create_directories(folder_ / ("in/" + folder));
    ASSERT_TRUE(
        WriteNpy(folder_ / ("in/" + folder + "/x.npy"), {{48}, std::vector<float>(48, value)})
            .ok());
  };
  sample("first", 0.5f);
  sample("second", -1);
  fs::create_directories(folder_ / "in/third");  // Has not what the model needs.
  const ProgramResult run = RunProgram({"sweep", Model("array"), "--bits", "8,2", "--modes",
                                        "linear", "--inputs", folder_ / "in", "-o", folder_ / "out",
                                        "--runs", "1", "--png", folder_ / "sheet.png"});
  ASSERT_EQ(run.exit_code, 0) << run.standard_error;
  EXPECT_THAT(run.standard_error, HasSubstr("skipped third"));
  const Results results = ReadResults();
  EXPECT_EQ(results.task, "arrays");
  EXPECT_EQ(results.input, "x");
  ASSERT_EQ(results.pictures.size(), 2u);
  EXPECT_EQ(results.pictures[0].name, "first");
  EXPECT_FALSE(results.pictures[0].image.has_value());
  ASSERT_EQ(results.variants.size(), 3u);
  EXPECT_GT(results.variants[1].metrics.snr_db.value(), 20);
  EXPECT_LT(results.variants[2].metrics.snr_db.value(), results.variants[1].metrics.snr_db.value());
  EXPECT_FALSE(results.pictures[0].outputs[1].values.empty());
}

TEST_F(Comparison, ReportIsDrawnAgainFromItsFolder) {
  ASSERT_EQ(Run({"sweep", Model("matte"), "--bits", "4", "--modes", "linear_symmetric"}).exit_code,
            0);
  const std::string page = ReadFile(folder_ / "out/report.html");
  EXPECT_THAT(page, HasSubstr("\"4-linear_symmetric\""));
  const std::string results = ReadFile(folder_ / "out/results.json");
  fs::remove(folder_ / "out/report.html");
  const ProgramResult drawn =
      RunProgram({"report", folder_ / "out", "--png", folder_ / "sheet.png"});
  EXPECT_EQ(drawn.exit_code, 0) << drawn.standard_error;
  EXPECT_EQ(ReadFile(folder_ / "out/results.json"), results);
  EXPECT_TRUE(ReadFile(folder_ / "out/report.html") == page) << "another page for " << results;
  EXPECT_THAT(ReadFile(folder_ / "sheet.png"), ::testing::StartsWith("\x89PNG"));
  const ProgramResult none = RunProgram({"report", folder_ / "nowhere"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.standard_error, HasSubstr("nowhere/results.json"));
}

TEST_F(Comparison, ResumingWithOtherOptionsIsAnError) {
  const std::vector<std::string> sweep = {"sweep", Model("matte"), "--bits",
                                          "4",     "--modes",      "linear"};
  ASSERT_EQ(Run(sweep).exit_code, 0);
  std::vector<std::string> again = sweep;
  again.push_back("--resume");
  EXPECT_EQ(Run(again).exit_code, 0);
  again.insert(again.end(), {"--threads", "1"});
  const ProgramResult other = Run(again);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.standard_error, HasSubstr("--resume"));
}

TEST_F(Comparison, WrongOptionsAreWrongUsage) {
  EXPECT_EQ(Run({"sweep", Model("array"), "--bits", "9"}).exit_code, 2);
  EXPECT_EQ(Run({"sweep", Model("array"), "--fail-if", "speed > 1"}).exit_code, 2);
  EXPECT_EQ(Run({"sweep", Model("array"), "--csv", "--json"}).exit_code, 2);
  EXPECT_EQ(Run({"sweep", Model("array"), "--bits", "8", "--modes", "best"}).exit_code, 2);
  EXPECT_EQ(Run({"sweep", Model("array"), "--policy", "all"}).exit_code, 2);
  EXPECT_EQ(Run({"compare", Model("array")}).exit_code, 2);
  EXPECT_EQ(Run({"sweep", Model("array"), "--bits", "4", "--modes", "linear_symmetric", "--policy",
                 "coremltools"})
                .exit_code,
            2);
  EXPECT_EQ(Run({"sweep", Model("array"), "--inputs", folder_ / "."}).exit_code, 2);
  EXPECT_EQ(RunProgram({"compare", Model("array"), Model("array")}).exit_code, 2);
}

}  // namespace
}  // namespace nbits::cli
