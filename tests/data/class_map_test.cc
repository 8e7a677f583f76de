// SPDX-License-Identifier: Apache-2.0
#include "nbits/class_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace nbits {
namespace {

using ::testing::ElementsAre;

FeatureDescription Array(std::string element_type = "float32") {
  FeatureDescription feature;
  feature.kind = FeatureKind::kMultiArray;
  feature.element_type = std::move(element_type);
  return feature;
}

MapRule RuleOf(const Tensor& tensor, const FeatureDescription& feature = Array()) {
  return DetectMapRule(feature, tensor).value();
}

TEST(MapRule, FollowsShapeAndValues) {
  EXPECT_EQ(RuleOf({{2, 2}, {0, 15, 7, 254}}), MapRule::kLabels);
  EXPECT_EQ(RuleOf({{1, 1, 2, 2}, {0, 0.25f, 1, 1}}), MapRule::kUnitMatte);
  EXPECT_EQ(RuleOf({{2, 2, 1}, {0, 0.25f, 200, 1}}), MapRule::kByteMatte);
  EXPECT_EQ(RuleOf({{2, 2}, {-3, 0.25f, 200, 1}}), MapRule::kLogit);
  EXPECT_EQ(RuleOf({{2, 2}, {-3, 1, 2, 1}}, Array("int32")), MapRule::kLabels);
  EXPECT_EQ(RuleOf({{1, 2, 5, 6}, std::vector<float>(60)}), MapRule::kArgmaxFirst);
  EXPECT_EQ(RuleOf({{5, 6, 2}, std::vector<float>(60)}), MapRule::kArgmaxLast);
  FeatureDescription image;
  image.kind = FeatureKind::kImage;
  EXPECT_EQ(RuleOf({{1, 2, 2}, {0, 1, 1, 0}}, image), MapRule::kByteMatte);
  EXPECT_FALSE(DetectMapRule(image, {{3, 2, 2}, std::vector<float>(12)}).ok());
  EXPECT_FALSE(DetectMapRule(Array(), {{1000, 1, 1}, std::vector<float>(1000)}).ok());
  EXPECT_FALSE(DetectMapRule(Array(), {{2, 2, 2, 2}, std::vector<float>(16)}).ok());
}

TEST(ToClassMap, TakesTheFirstOfTheLargestChannels) {
  // Three channels of 1 x 2 ... as [C, H, W] = [3, 2, 2].
  const Tensor first{{3, 2, 2}, {1, 0, 5, 0, /**/ 2, 0, 5, -1, /**/ 3, -1, 4, 9}};
  EXPECT_THAT(ToClassMap(first, MapRule::kArgmaxFirst)->ids, ElementsAre(2, 0, 0, 2));
  const Tensor last{{2, 2, 3}, {1, 2, 3, 0, 0, -1, 5, 5, 4, 0, -1, 9}};
  EXPECT_THAT(ToClassMap(last, MapRule::kArgmaxLast)->ids, ElementsAre(2, 0, 0, 2));
}

TEST(ToClassMap, Thresholds) {
  EXPECT_THAT(ToClassMap({{1, 2, 2}, {0.5f, 0.51f, 0, 1}}, MapRule::kUnitMatte)->ids,
              ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(ToClassMap({{2, 2}, {127, 128, 0, 255}}, MapRule::kByteMatte)->ids,
              ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(ToClassMap({{2, 2}, {-1, 1, 0, NAN}}, MapRule::kLogit)->ids, ElementsAre(0, 1, 0, 0));
}

TEST(ToClassMap, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(ToClassMap({{2, 2}, {0, 1, 2, 255}}, MapRule::kLabels).ok());
  EXPECT_FALSE(ToClassMap({{2, 2}, {0, 1, 2, 0.5f}}, MapRule::kLabels).ok());
  EXPECT_FALSE(ToClassMap({{2, 2}, {0, 1, 2, NAN}}, MapRule::kLabels).ok());
  EXPECT_FALSE(ToClassMap({{2, 2}, {0, 1, 2}}, MapRule::kLabels).ok());
  EXPECT_FALSE(ToClassMap({{2, 2}, {0, 1, 2, 3}}, MapRule::kArgmaxFirst).ok());
  EXPECT_FALSE(ToClassMap({{2, 2, 2}, {0, 1, 2, 3}}, MapRule::kArgmaxFirst).ok());
}

TEST(ResizeClassMap, TakesPixelCentres) {
  const ClassMap map{2, 2, {1, 2, 3, 4}};
  EXPECT_THAT(ResizeClassMap(map, 4, 2).ids, ElementsAre(1, 1, 2, 2, 3, 3, 4, 4));
  EXPECT_THAT(ResizeClassMap({1, 5, {1, 2, 3, 4, 5}}, 1, 1).ids, ElementsAre(3));
}

TEST(ClassShares, SumToOne) {
  const auto shares = ClassShares({1, 4, {0, 15, 15, 0}});
  EXPECT_EQ(shares[0], 0.5);
  EXPECT_EQ(shares[15], 0.5);
}

TEST(Color, GoesToTextAndBack) {
  EXPECT_EQ(ToHex({255, 0, 16}), "#ff0010");
  EXPECT_EQ(ParseColor("#ff0010").value(), (Color{255, 0, 16}));
  EXPECT_EQ(ParseColor("0xC0018099").value(), (Color{0xc0, 1, 0x80}));
  for (const char* text : {"", "#", "ff0010", "#ff001", "#-f0010", "#ff00100", "0xgg0000"}) {
    EXPECT_FALSE(ParseColor(text).ok()) << text;
  }
}

TEST(DefaultColors, AreThoseOfPascalVoc) {
  const std::vector<Color> colors = DefaultColors();
  ASSERT_EQ(colors.size(), 256u);
  EXPECT_EQ(colors[0], (Color{0, 0, 0}));
  EXPECT_EQ(colors[1], (Color{128, 0, 0}));
  EXPECT_EQ(colors[15], (Color{192, 128, 128}));
  EXPECT_EQ(colors[20], (Color{0, 64, 128}));
  EXPECT_EQ(colors[255], (Color{224, 224, 192}));
}

constexpr char kKey[] = "com.apple.coreml.model.preview.params";

TEST(ClassTable, ReadsTheModelsLabelsAndColours) {
  ModelDescription model;
  model.user_defined[kKey] =
      R"({"labels": ["sky", "Background", "dog"], "colors": ["0x01020399", "#0a0b0c"]})";
  const ClassTable table = ReadClassTable(model);
  EXPECT_THAT(table.labels, ElementsAre("sky", "Background", "dog"));
  EXPECT_THAT(table.colors, ElementsAre(Color{1, 2, 3}, Color{10, 11, 12}, Color{0, 128, 0}));
  EXPECT_EQ(table.background_id, 1);
}

// As published segmentation models have them: the default palette after a colour profile.
TEST(ClassTable, TakesAPaletteThatIsNearlyTheDefaultOneForThat) {
  ModelDescription model;
  model.user_defined[kKey] =
      R"({"colors": ["0x00000000", "0x80000099", "0x00800299", "0x80800099", "0x05008099"]})";
  const ClassTable table = ReadClassTable(model);
  const std::vector<Color> defaults = DefaultColors();
  EXPECT_EQ(table.colors, std::vector<Color>(defaults.begin(), defaults.begin() + 5));
}

TEST(ClassTable, FallsBackOnAnythingElse) {
  for (const char* text :
       {"", "{", "[]", "{\"labels\": 3}", "{\"labels\": [1], \"colors\": [\"x\"]}"}) {
    ModelDescription model;
    model.user_defined[kKey] = text;
    const ClassTable table = ReadClassTable(model, 21);
    EXPECT_TRUE(table.labels.empty());
    ASSERT_EQ(table.colors.size(), 21u);
    EXPECT_EQ(table.colors[15], (Color{192, 128, 128}));
  }
}

}  // namespace
}  // namespace nbits
