// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/task.h"

#include <gtest/gtest.h>

namespace nbits {
namespace {

FeatureDescription PictureFeature(const char* name, int64_t height, int64_t width,
                                  ImageColor color = ImageColor::kRgb) {
  FeatureDescription feature;
  feature.name = name;
  feature.kind = FeatureKind::kImage;
  feature.shape = {height, width};
  feature.color = color;
  return feature;
}

FeatureDescription ArrayFeature(const char* name, const char* element_type = "float32") {
  FeatureDescription feature;
  feature.name = name;
  feature.kind = FeatureKind::kMultiArray;
  feature.element_type = element_type;
  return feature;
}

Tensor Filled(Shape shape, float first, float rest) {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  Tensor tensor{shape, std::vector<float>(static_cast<size_t>(count), rest)};
  tensor.values[0] = first;
  return tensor;
}

Task Recognize(const std::vector<FeatureDescription>& features, const TensorMap& outputs,
               const FeatureDescription& input = PictureFeature("image", 32, 16)) {
  ModelDescription model;
  model.outputs = features;
  return RecognizeTask(model, &input, outputs);
}

TEST(RecognizeTask, ClassesPerChannel) {
  const Task task = Recognize({ArrayFeature("y")}, {{"y", Filled({1, 12, 32, 16}, 0, 1)}});
  EXPECT_EQ(task.kind, TaskKind::kSegmentation);
  EXPECT_EQ(task.rule, MapRule::kArgmaxFirst);
  EXPECT_EQ(task.classes, 12);
}

TEST(RecognizeTask, LabelMap) {
  const Task task = Recognize({ArrayFeature("y", "int32")}, {{"y", Filled({32, 16}, 15, 0)}});
  EXPECT_EQ(task.kind, TaskKind::kSegmentation);
  EXPECT_EQ(task.rule, MapRule::kLabels);
}

TEST(RecognizeTask, Mattes) {
  Task task = Recognize({ArrayFeature("y")}, {{"y", Filled({1, 32, 16}, 0.3f, 0.9f)}});
  EXPECT_EQ(task.kind, TaskKind::kSegmentation);
  EXPECT_EQ(task.rule, MapRule::kUnitMatte);
  EXPECT_EQ(task.classes, 2);
  task = Recognize({ArrayFeature("y")}, {{"y", Filled({32, 16}, -3.5f, 2.25f)}});
  EXPECT_EQ(task.rule, MapRule::kLogit);
  task = Recognize({PictureFeature("y", 32, 16, ImageColor::kGrayscale)},
                   {{"y", Filled({1, 32, 16}, 255, 0.5f)}});
  EXPECT_EQ(task.kind, TaskKind::kSegmentation);
  EXPECT_EQ(task.rule, MapRule::kByteMatte);
  task = Recognize({PictureFeature("y", 32, 16, ImageColor::kGrayscale)},
                   {{"y", Filled({1, 32, 16}, 0.998f, 0.01f)}});
  EXPECT_EQ(task.rule, MapRule::kUnitMatte);
}

TEST(RecognizeTask, DepthAndOtherRatiosAndSeveralMapsAreArrays) {
  EXPECT_EQ(Recognize({ArrayFeature("y")}, {{"y", Filled({32, 16}, 0.5f, 7.5f)}}).kind,
            TaskKind::kArrays);
  EXPECT_EQ(Recognize({ArrayFeature("y")}, {{"y", Filled({12, 16, 32}, 0, 1)}}).kind,
            TaskKind::kArrays);
  EXPECT_EQ(Recognize({ArrayFeature("a"), ArrayFeature("b")},
                      {{"a", Filled({17, 32, 16}, 0, 1)}, {"b", Filled({34, 32, 16}, 0, 1)}})
                .kind,
            TaskKind::kArrays);
}

TEST(RecognizeTask, Pictures) {
  Task task = Recognize({PictureFeature("y", 64, 32, ImageColor::kBgr)},
                        {{"y", Filled({3, 64, 32}, 0, 200)}});
  EXPECT_EQ(task.kind, TaskKind::kImageToImage);
  EXPECT_EQ(task.color, ImageColor::kBgr);
  EXPECT_EQ(task.scale, 1);
  task = Recognize({ArrayFeature("y")}, {{"y", Filled({3, 64, 32}, 0, 0.5f)}});
  EXPECT_EQ(task.kind, TaskKind::kImageToImage);
  EXPECT_EQ(task.scale, 255);
  task = Recognize({PictureFeature("y", 64, 32, ImageColor::kGrayscale)},
                   {{"y", Filled({1, 64, 32}, 0, 200)}},
                   PictureFeature("image", 32, 16, ImageColor::kGrayscale));
  EXPECT_EQ(task.kind, TaskKind::kImageToImage);
}

TEST(RecognizeTask, PicturesWithTheirChannelsLast) {
  Tensor output = Filled({1, 64, 32, 3}, 0, 0.5f);
  output.values[3] = 1;  // Red of the second pixel.
  const Task task = Recognize({ArrayFeature("y")}, {{"y", output}});
  EXPECT_EQ(task.kind, TaskKind::kImageToImage);
  EXPECT_TRUE(task.channels_last);
  const auto picture = OutputPicture(task, output);
  ASSERT_TRUE(picture.ok()) << picture.status();
  EXPECT_EQ(picture->width, 32);
  EXPECT_EQ(picture->height, 64);
  EXPECT_EQ((std::vector<int>(picture->pixels.begin(), picture->pixels.begin() + 6)),
            (std::vector<int>{0, 128, 128, 255, 128, 128}));
}

TEST(RecognizeTask, Classifier) {
  ModelDescription model;
  model.outputs = {ArrayFeature("p")};
  model.class_labels = {"cat", "dog"};
  model.predicted_probabilities_name = "p";
  const FeatureDescription input = PictureFeature("image", 32, 16);
  const Task task = RecognizeTask(model, &input, {{"p", Filled({2}, 0.25f, 0.75f)}});
  EXPECT_EQ(task.kind, TaskKind::kClassification);
  EXPECT_EQ(task.labels.size(), 2u);
  // As many probabilities as labels, or it is something else.
  EXPECT_EQ(RecognizeTask(model, &input, {{"p", Filled({3}, 0, 1)}}).kind, TaskKind::kArrays);
}

TEST(LabelOfFileName, FindsSynonymsAndRefusesAmbiguity) {
  const std::vector<std::string> labels = {"tench, Tinca tinca", "house finch, linnet", "crane",
                                           "crane"};
  EXPECT_EQ(LabelOfFileName(labels, "n01440764_tench.JPEG"), 0);
  EXPECT_EQ(LabelOfFileName(labels, "house_finch.jpg"), 1);
  EXPECT_EQ(LabelOfFileName(labels, "Tinca-tinca.png"), 0);
  EXPECT_EQ(LabelOfFileName(labels, "n02012849_crane.JPEG"), -1);
  EXPECT_EQ(LabelOfFileName(labels, "n0144076x_tench.JPEG"), -1);
  EXPECT_EQ(LabelOfFileName(labels, ""), -1);
}

}  // namespace
}  // namespace nbits
