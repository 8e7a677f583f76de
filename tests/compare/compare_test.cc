// SPDX-License-Identifier: Apache-2.0
// Compare with a worker that marks bright pixels: the table, the pictures and every kind of
// failure.
#include "nbits/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files/file.h"
#include "nbits/image.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/npy.h"
#include "tests/compare/compare_fixture.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST_F(CompareTest, FillsTheTable) {
  AddPicture("a.png");
  AddPicture("b.png");
  AddMask("a.png");
  AddVariant("same");
  AddVariant("half-wrong");
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->task, "segmentation");
  EXPECT_EQ(results->model_name, "model");
  ASSERT_EQ(results->variants.size(), 3u);
  const VariantResult& original = results->variants[0];
  EXPECT_TRUE(original.is_original);
  EXPECT_EQ(original.name, "original");
  EXPECT_EQ(original.bits, 32);
  EXPECT_EQ(original.mode, "float32");
  EXPECT_EQ(original.bytes, static_cast<int64_t>(fs::file_size(options_.original.file)));
  EXPECT_EQ(original.load_ms, 1.5);
  EXPECT_EQ(original.times_ms, std::vector<double>(4, 2.5));  // 2 pictures, 2 runs.
  EXPECT_EQ(original.median_ms, 2.5);
  EXPECT_EQ(original.peak_memory_bytes, 1000000);
  EXPECT_EQ(results->noise_floor.time_ratio_spread, 0);
  EXPECT_EQ(results->variants[1].metrics.agreement, 1);
  EXPECT_EQ(results->variants[1].metrics.miou, original.metrics.miou);
  EXPECT_GT(*original.metrics.miou, 0.98);
  EXPECT_NEAR(*results->variants[2].metrics.agreement, 0.5, 0.001);
  EXPECT_LT(*results->variants[2].metrics.miou, 0.6);
}

TEST_F(CompareTest, WritesPicturesOfTheModelsSize) {
  AddPicture("a.png");
  AddMask("a.png");
  AddVariant("half-wrong");
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->pictures.size(), 1u);
  const PictureResult& picture = results->pictures[0];
  EXPECT_EQ(picture.width, 448);
  ASSERT_EQ(picture.outputs.size(), 2u);
  const auto truth = ReadMask(options_.output + "/" + picture.ground_truth.value());
  ASSERT_TRUE(truth.ok()) << truth.status();
  const auto ids = ReadMask(options_.output + "/" + picture.outputs[1].ids.value());
  ASSERT_TRUE(ids.ok()) << ids.status();
  EXPECT_EQ(ids->width, 448);
  EXPECT_EQ(ids->ids[0], 1);              // Upper half: the opposite.
  EXPECT_EQ(ids->ids[448 * 448 - 1], 1);  // Lower half: bright on the right.
  EXPECT_EQ(truth->ids[448 * 448 - 1], 1);
  EXPECT_EQ(truth->ids[0], 0);
  for (const char* name : {"image.jpg", "0-colors.png", "1-blur.jpg", "1-difference.png"}) {
    EXPECT_TRUE(ReadImage(options_.output + "/pictures/0/" + name).ok()) << name;
  }
}

// Its pixels are those of a picture: so are its masks, and what is shown of it.
TEST_F(CompareTest, APictureGivenAsAnArrayIsJudgedAtItsSize) {
  AddPicture("a.png");
  AddMask("a.png");
  AddVariant("half-wrong");
  const auto of_picture = Compare(options_);
  ASSERT_TRUE(of_picture.ok()) << of_picture.status();
  const auto model = Model::Open(options_.original.file);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto input = ReadInput(model->description().inputs[0], options_.images + "/a.png");
  ASSERT_TRUE(input.ok()) << input.status();
  fs::create_directories(folder_ / "arrays");
  ASSERT_TRUE(WriteNpy((folder_ / "arrays/a.npy").string(), *input).ok());
  options_.images.clear();
  options_.inputs = (folder_ / "arrays").string();
  options_.output = (folder_ / "of-array").string();
  const auto of_array = Compare(options_);
  ASSERT_TRUE(of_array.ok()) << of_array.status();
  EXPECT_TRUE(of_array->skipped.empty());
  EXPECT_EQ(of_array->truth_pictures, 1);
  ASSERT_TRUE(of_array->variants[1].metrics.miou.has_value());
  EXPECT_LT(*of_array->variants[1].metrics.miou, 0.5);
  EXPECT_EQ(of_array->variants[1].metrics.miou, of_picture->variants[1].metrics.miou);
  EXPECT_EQ(of_array->variants[1].metrics.agreement, of_picture->variants[1].metrics.agreement);
  EXPECT_EQ(of_array->pictures[0].width, of_picture->pictures[0].width);
  ASSERT_TRUE(of_array->pictures[0].image.has_value());
  EXPECT_TRUE(fs::exists(folder_ / "of-array" / *of_array->pictures[0].image));
}

TEST_F(CompareTest, VariantsThatFailAreLinesOfTheTable) {
  AddPicture("a.png");
  AddVariant("x-unloadable");
  AddVariant("x-crash");
  AddVariant("same");
  const std::string broken = (folder_ / "broken.mlmodel").string();
  ASSERT_TRUE(WriteFileAtomically(broken, "no model").ok());
  options_.variants.push_back({.file = broken});
  options_.variants.push_back({.file = "none", .name = "unmade", .error = "no weights"});
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->variants.size(), 6u);
  EXPECT_THAT(results->variants[1].error.value(), HasSubstr("layer \"x\" is unknown"));
  EXPECT_THAT(results->variants[2].error.value(), HasSubstr("signal 9"));
  EXPECT_FALSE(results->variants[3].error.has_value());
  EXPECT_EQ(results->variants[3].metrics.agreement, 1);
  EXPECT_TRUE(results->variants[4].error.has_value());
  EXPECT_EQ(results->variants[5].error, "no weights");
  EXPECT_FALSE(results->variants[2].metrics.agreement.has_value());
  EXPECT_FALSE(results->pictures[0].outputs[1].ids.has_value());
  EXPECT_TRUE(results->pictures[0].outputs[3].ids.has_value());
}

TEST_F(CompareTest, VariantsThatAreNotThereAreAnErrorBeforeTheFirstRun) {
  AddPicture("a.png");
  AddVariant("same");
  options_.variants.push_back({.file = (folder_ / "missing.mlmodel").string()});
  const absl::Status status = Compare(options_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("missing.mlmodel"));
  options_.variants = {{.file = "none", .name = "unmade", .error = "no weights"}};
  EXPECT_THAT(std::string(Compare(options_).status().message()),
              HasSubstr("every variant failed: unmade: no weights"));
}

TEST_F(CompareTest, TheOriginalFailingIsAnError) {
  AddPicture("a.png");
  options_.original.file = AddModel("x-crash");
  EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("signal 9"));
  options_.original.file = AddModel("x-unloadable");
  EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("layer \"x\""));
  options_.original.file = (folder_ / "missing.mlmodel").string();
  EXPECT_FALSE(Compare(options_).ok());
}

TEST_F(CompareTest, UnreadablePicturesAndMasksAreSkipped) {
  AddPicture("a.png");
  AddMask("a.png");
  const std::string png = *ReadFile((folder_ / "images" / "a.png").string());
  ASSERT_TRUE(WriteFileAtomically((folder_ / "images" / "b.png").string(), png.substr(0, 40)).ok());
  // A text is no picture, and nobody would take it for one.
  ASSERT_TRUE(WriteFileAtomically((folder_ / "images" / "c.txt").string(), "text").ok());
  ASSERT_TRUE(WriteFileAtomically((folder_ / "images" / "d.jpg").string(), "text").ok());
  ASSERT_TRUE(WriteFileAtomically((folder_ / "masks" / "a.png").string(), "no mask").ok());
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->pictures.size(), 1u);
  std::vector<std::string> skipped;
  for (const SkippedFile& file : results->skipped) skipped.push_back(file.file);
  EXPECT_THAT(skipped, ::testing::UnorderedElementsAre("b.png", "d.jpg", "mask of a.png"));
  EXPECT_FALSE(results->variants[0].metrics.miou.has_value());
}

TEST_F(CompareTest, NoPictureIsAnError) {
  EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("no JPEG or PNG"));
  ASSERT_TRUE(
      WriteFileAtomically((folder_ / "images" / "b.png").string(), "\x89PNG\r\n\x1a\n").ok());
  EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("no readable picture"));
  options_.images = (folder_ / "nowhere").string();
  EXPECT_FALSE(Compare(options_).ok());
}

TEST_F(CompareTest, LimitAndProgressAndDistinctNames) {
  for (const char* name : {"a.png", "b.png", "c.png"}) AddPicture(name);
  AddVariant("same");
  options_.variants.push_back(options_.variants[0]);
  options_.limit = 2;
  std::vector<int64_t> done;
  int64_t total = 0;
  options_.progress = [&](int64_t value, int64_t of) { done.push_back(value), total = of; };
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->pictures.size(), 2u);
  EXPECT_EQ(results->variants[2].name, "same (2)");
  EXPECT_EQ(done.size(), 4u * 2 * 2);  // Original twice, two variants; pictures; runs.
  EXPECT_EQ(done.back(), total);
}

TEST_F(CompareTest, OrderOfTheVariantsChangesNoFigureAndNoVerdict) {
  AddPicture("a.png");
  AddMask("a.png");
  AddVariant("half-wrong");
  AddVariant("same");
  const auto one = Compare(options_);
  std::swap(options_.variants[0], options_.variants[1]);
  const auto other = Compare(options_);
  ASSERT_TRUE(one.ok() && other.ok());
  for (int i : {1, 2}) {
    const VariantResult &a = one->variants[i], &b = other->variants[3 - i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.metrics.miou, b.metrics.miou);
    EXPECT_EQ(a.metrics.agreement, b.metrics.agreement);
    EXPECT_EQ(a.metrics.boundary_f, b.metrics.boundary_f);
    EXPECT_EQ(a.median_ms, b.median_ms);
  }
}

TEST_F(CompareTest, NoiseAndLayersAndMachineAreInTheTable) {
  AddPicture("a.png");
  AddMask("a.png");
  AddVariant("same");
  options_.commit = "abc";
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->noise_floor.memory_ratio_spread, 0);
  EXPECT_EQ(results->noise_floor.metrics.miou, 0);
  EXPECT_EQ(results->commit, "abc");
  EXPECT_EQ(results->rule, "matte");
  EXPECT_EQ(results->truth, "masks");
  EXPECT_GT(results->memory_bytes.value(), 0);
  ASSERT_EQ(results->histograms.size(), 6u);
  EXPECT_GE(results->histograms[0].elements, results->histograms[1].elements);
  int64_t counted = 0;
  for (int64_t count : results->histograms[0].counts) counted += count;
  EXPECT_EQ(counted, results->histograms[0].elements);
  ASSERT_EQ(results->variants[1].layers.size(), results->variants[0].layers.size());
  EXPECT_EQ(results->variants[1].layers[0].max_error, 0);
}

TEST_F(CompareTest, TheTaskCanBeAskedFor) {
  AddPicture("a.png");
  AddVariant("half-wrong");
  options_.task = "arrays";
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->task, "arrays");
  ASSERT_EQ(results->pictures[0].outputs[1].values.size(), 1u);
  EXPECT_EQ(results->pictures[0].outputs[1].values[0].max, 255);
  options_.task = "classification";
  EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("classification"));
}

}  // namespace
}  // namespace nbits
