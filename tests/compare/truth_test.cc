// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/compare.h"
#include "tests/compare/row_map.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Task Segmentation(int classes, std::vector<std::string> labels = {}) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.classes = classes;
  task.table.labels = std::move(labels);
  return task;
}

TEST(MaskMap, ParsesPairsAndIgnore) {
  EXPECT_THAT(ParseMaskMap("10=0,11=ignore")->ids, ElementsAre(Pair(10, 0), Pair(11, 255)));
  EXPECT_FALSE(ParseMaskMap("10=0")->grey.has_value());
  EXPECT_TRUE(ParseMaskMap("")->ids.empty());
  for (const char* text : {"10", "=", "1=2=3", "256=1", "-1=0", "a=b", "1=2,"}) {
    EXPECT_FALSE(ParseMaskMap(text).ok()) << text;
  }
}

TEST(MaskMap, ParsesAClassOfGreyMasks) {
  const auto map = ParseMaskMap("potted plant=16");
  ASSERT_TRUE(map.ok()) << map.status();
  ASSERT_TRUE(map->grey.has_value());
  EXPECT_EQ(map->grey->label, "potted plant");
  EXPECT_EQ(map->grey->id, 16);
  EXPECT_TRUE(map->ids.empty());
  for (const char* text : {"=15", "person=", "person=256", "person=-1", "person=ignore",
                           "person=15,11=ignore", "person=15=0"}) {
    const auto wrong = ParseMaskMap(text);
    ASSERT_FALSE(wrong.ok()) << text;
    EXPECT_THAT(std::string(wrong.status().message()), HasSubstr("person=15")) << text;
  }
}

TEST(JudgedClass, IsOneOfTheModelsByNameAndId) {
  const Task task = Segmentation(3, {"background", "cat", "person"});
  EXPECT_TRUE(CheckJudgedClass(task, {2, "person"}).ok());
  EXPECT_TRUE(CheckJudgedClass(task, {2, "Person"}).ok());
  const absl::Status other = CheckJudgedClass(task, {1, "person"});
  EXPECT_THAT(std::string(other.message()), HasSubstr("background=0, cat=1, person=2"));
  const absl::Status beyond = CheckJudgedClass(task, {3, "person"});
  EXPECT_THAT(std::string(beyond.message()), HasSubstr("classes 0 to 2"));
}

TEST(JudgedClass, HasAnyNameWhereTheModelGivesNone) {
  EXPECT_TRUE(CheckJudgedClass(Segmentation(21), {15, "person"}).ok());
  EXPECT_FALSE(CheckJudgedClass(Segmentation(21), {21, "person"}).ok());
  EXPECT_FALSE(CheckJudgedClass(Task(), {15, "person"}).ok());  // Arrays have no classes.
}

TEST(MapIds, TwoClassesAreThresholdedUnlessTheMaskHasIds) {
  ClassMap grey = RowMap({0, 127, 128, 255});
  ASSERT_TRUE(MapIds(grey, Segmentation(2), {}).ok());
  EXPECT_THAT(grey.ids, ElementsAre(0, 0, 1, 1));
  ClassMap ids = RowMap({0, 1, 255});
  ASSERT_TRUE(MapIds(ids, Segmentation(2), {}).ok());
  EXPECT_THAT(ids.ids, ElementsAre(0, 1, 255));
}

// Id 1 of a grey mask is dark, whatever a mask of ids would mean by it.
TEST(MapIds, GreyMarksOneClassAboveTheThreshold) {
  const MaskMap person{.grey = JudgedClass{15, "person"}};
  ClassMap mask = RowMap({0, 1, 127, 128, 255});
  ASSERT_TRUE(MapIds(mask, Segmentation(21), person).ok());
  EXPECT_THAT(mask.ids, ElementsAre(0, 0, 0, 15, 15));
  ClassMap sky = RowMap({0, 255});
  ASSERT_TRUE(MapIds(sky, Segmentation(21), {.grey = JudgedClass{0, "sky"}}).ok());
  EXPECT_THAT(sky.ids, ElementsAre(255, 0));
}

TEST(MapIds, MapsAllAtOnce) {
  ClassMap mask = RowMap({0, 1, 2, 3});
  ASSERT_TRUE(MapIds(mask, Segmentation(3), {{{0, 1}, {1, 0}, {3, 255}}, {}}).ok());
  EXPECT_THAT(mask.ids, ElementsAre(1, 0, 2, 255));
}

TEST(MapIds, UnknownIdIsAnError) {
  ClassMap mask = RowMap({0, 7});
  const absl::Status status = MapIds(mask, Segmentation(3), {});
  EXPECT_THAT(std::string(status.message()), HasSubstr("id 7"));
  ClassMap other = RowMap({0});
  EXPECT_FALSE(MapIds(other, Segmentation(3), {{{0, 300}}, {}}).ok());
}

TEST(ReadTruth, NoFolderOrNoFileIsNoTruth) {
  const Task task = Segmentation(2);
  EXPECT_FALSE(ReadTruth("", "a.jpg", task, {}, 4, 4).value().has_value());
  const TestFolder empty;
  const std::string folder = empty.path().string();
  EXPECT_FALSE(ReadTruth(folder, "not there.jpg", task, {}, 4, 4).value().has_value());
}

}  // namespace
}  // namespace nbits
