// SPDX-License-Identifier: Apache-2.0
// Which files of a folder become samples of which model.
#include "compare/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files/file.h"
#include "nbits/npy.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

FeatureDescription Picture(const std::string& name) {
  FeatureDescription picture;
  picture.name = name;
  picture.kind = FeatureKind::kImage;
  picture.shape = {4, 2};
  return picture;
}

FeatureDescription Array(const std::string& name, bool optional = false) {
  FeatureDescription array;
  array.name = name;
  array.kind = FeatureKind::kMultiArray;
  array.optional = optional;
  array.shape = {3};
  return array;
}

class SamplesTest : public ::testing::Test {
 protected:
  void SetUp() override { options_.inputs = folder_.string(); }

  void AddArray(const std::string& name, float value) {
    fs::create_directories((folder_ / name).parent_path());
    ASSERT_TRUE(WriteNpy((folder_ / name).string(), {{3}, {value, value, value}}).ok());
  }
  void AddPicture(const std::string& name) {
    fs::create_directories((folder_ / name).parent_path());
    const Image image{2, 4, 3, std::vector<uint8_t>(24, 200)};
    ASSERT_TRUE(WriteFileAtomically((folder_ / name).string(), *EncodePng(image)).ok());
  }

  const TestFolder temporary_;
  const fs::path folder_ = temporary_.path();
  CompareOptions options_;
};

// A network whose preprocessing is done outside: what it was given is shown all the same.
TEST_F(SamplesTest, ArraysOfPictureShapeAreShown) {
  FeatureDescription input = Array("x");
  input.shape = {3, 20, 16};
  const Tensor grey{{3, 20, 16}, std::vector<float>(960, 0.2f)};
  ASSERT_TRUE(WriteNpy((folder_ / "a.npy").string(), grey).ok());
  ModelDescription model;
  model.inputs = {input};
  const auto samples = Samples::List(options_, model);
  ASSERT_TRUE(samples.ok()) << samples.status();
  const auto sample = samples->Read(0);
  ASSERT_TRUE(sample.ok()) << sample.status();
  ASSERT_TRUE(sample->picture.has_value());
  EXPECT_EQ(sample->picture->width, 16);
  EXPECT_EQ(sample->picture->pixels[0], 51);
  EXPECT_EQ(sample->own_height, 20);
  const auto seen = samples->PictureOf(*sample);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->kind, FeatureKind::kImage);
  EXPECT_EQ(seen->shape, (Shape{20, 16}));
}

TEST_F(SamplesTest, InputsThatNoFileHoldsAreNamed) {
  AddArray("a.npy", 1);
  ModelDescription model;
  model.inputs = {Array("x"), Array("words")};
  const std::pair<FeatureKind, const char*> kinds[] = {
      {FeatureKind::kString, "input 'words' takes text; models are compared on pictures"},
      {FeatureKind::kDictionary, "takes a dictionary"},
      {FeatureKind::kSequence, "takes a sequence"}};
  for (const auto& [kind, text] : kinds) {
    model.inputs[1].kind = kind;
    const absl::Status refused = Samples::List(options_, model).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused));
    EXPECT_THAT(std::string(refused.message()), HasSubstr(text));
    const bool can_run = kind != FeatureKind::kSequence;
    EXPECT_EQ(refused.message().find("nbits run MODEL -i words=VALUE") != absl::string_view::npos,
              can_run);
  }
  model.inputs[1].optional = true;
  EXPECT_TRUE(Samples::List(options_, model).ok());
}

// An image given as its pixels.
TEST_F(SamplesTest, ArraysOfImagesAreShown) {
  const Tensor pixels{{3, 4, 2}, std::vector<float>(24, 200)};
  ASSERT_TRUE(WriteNpy((folder_ / "a.npy").string(), pixels).ok());
  ModelDescription model;
  model.inputs = {Picture("photo")};
  const auto samples = Samples::List(options_, model);
  ASSERT_TRUE(samples.ok()) << samples.status();
  const auto sample = samples->Read(0);
  ASSERT_TRUE(sample.ok()) << sample.status();
  ASSERT_TRUE(sample->picture.has_value());
  EXPECT_EQ(sample->picture->width, 2);
  EXPECT_EQ(sample->picture->height, 4);
  EXPECT_EQ(sample->picture->pixels[0], 200);
  EXPECT_EQ(samples->PictureOf(*sample)->shape, (Shape{4, 2}));
}

TEST_F(SamplesTest, FilesAreSamplesOfTheOnlyInput) {
  AddArray("b.npy", 2);
  AddArray("a.npy", 1);
  ASSERT_TRUE(WriteFileAtomically((folder_ / "notes.txt").string(), "x").ok());
  ModelDescription model;
  model.inputs = {Array("state", /*optional=*/true), Array("x")};
  const auto samples = Samples::List(options_, model);
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_THAT(samples->names(), ElementsAre("a.npy", "b.npy"));
  EXPECT_THAT(samples->skipped(), ElementsAre(Pair("notes.txt", HasSubstr("not a .npy"))));
  const auto sample = samples->Read(1);
  ASSERT_TRUE(sample.ok()) << sample.status();
  ASSERT_EQ(sample->inputs.size(), 1u);
  EXPECT_THAT(sample->inputs.at("x").values, ElementsAre(2, 2, 2));
  EXPECT_FALSE(sample->picture.has_value());
  EXPECT_FALSE(samples->PictureOf(*sample).has_value());
}

TEST_F(SamplesTest, FoldersHoldAFileForEachInput) {
  AddPicture("one/photo.png");
  AddArray("one/x.npy", 1);
  AddArray("one/state.npy", 5);
  AddPicture("two/photo.png");
  AddArray("two/x.npy", 2);
  AddPicture("three/photo.png");
  AddArray("loose.npy", 1);
  ModelDescription model;
  model.inputs = {Picture("photo"), Array("x"), Array("state", /*optional=*/true)};
  const auto samples = Samples::List(options_, model);
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_THAT(samples->names(), ElementsAre("one", "two"));
  EXPECT_EQ(samples->skipped().size(), 2u);
  EXPECT_EQ(samples->InputNames(), "photo, x");
  const auto one = samples->Read(0), two = samples->Read(1);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(one->inputs.size(), 3u);
  EXPECT_EQ(two->inputs.size(), 2u);
  EXPECT_EQ(samples->PictureOf(*one)->name, "photo");
  EXPECT_EQ(samples->PictureOf(*one)->shape, (Shape{4, 2}));
  EXPECT_THAT(samples->skipped()[1], Pair("three", HasSubstr("no file for 'x' (x.npy)")));
  ASSERT_TRUE(one->picture.has_value());
  EXPECT_EQ(one->picture->width, 2);
  EXPECT_EQ(one->picture->height, 4);
  EXPECT_EQ(one->inputs.at("photo").shape, (Shape{3, 4, 2}));
}

TEST_F(SamplesTest, OneFileIsASampleToo) {
  AddArray("a.npy", 1);
  AddArray("b.npy", 2);
  ModelDescription model;
  model.inputs = {Array("x")};
  options_.inputs = (folder_ / "b.npy").string();
  auto samples = Samples::List(options_, model);
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_THAT(samples->names(), ElementsAre("b.npy"));
  EXPECT_TRUE(samples->Read(0).ok());
  model.inputs.push_back(Array("y"));
  EXPECT_THAT(std::string(Samples::List(options_, model).status().message()),
              HasSubstr("takes 2 inputs"));
}

TEST_F(SamplesTest, PicturesBecomeArraysWhereItIsSaidHow) {
  AddPicture("photo.png");
  ModelDescription model;
  model.inputs = {Array("x")};
  model.inputs[0].shape = {1, 3, 8, 8};
  options_.inputs.clear();
  options_.images = folder_.string();
  EXPECT_THAT(std::string(Samples::List(options_, model).status().message()),
              HasSubstr("--scale 1/255"));
  options_.pictures.scale = {0.01};
  const auto samples = Samples::List(options_, model);
  ASSERT_TRUE(samples.ok()) << samples.status();
  const auto sample = samples->Read(0);
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_FLOAT_EQ(sample->inputs.at("x").values[0], 2);
  EXPECT_EQ(samples->PictureOf(*sample)->shape, (Shape{8, 8}));
  EXPECT_EQ(sample->own_width, 2);
}

TEST_F(SamplesTest, WhatCannotBeUsedIsAnError) {
  ModelDescription arrays;
  arrays.inputs = {Array("x")};
  EXPECT_TRUE(absl::IsNotFound(Samples::List(options_, arrays).status()));  // An empty folder.
  AddArray("short.npy", 1);
  arrays.inputs[0].shape = {4};
  const auto samples = Samples::List(options_, arrays);
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_THAT(std::string(samples->Read(0).status().message()), HasSubstr("short.npy has shape"));
  options_.images = options_.inputs;
  EXPECT_TRUE(absl::IsInvalidArgument(Samples::List(options_, arrays).status()));  // Both.
  options_.inputs.clear();
  EXPECT_THAT(std::string(Samples::List(options_, arrays).status().message()),
              HasSubstr("only input is a picture"));
  options_ = {};
  EXPECT_TRUE(absl::IsInvalidArgument(Samples::List(options_, arrays).status()));  // Neither.
}

}  // namespace
}  // namespace nbits
