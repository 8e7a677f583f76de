#include "compare/truth.h"

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

TEST(MaskMap, ParsesPairsAndIgnore) {
  EXPECT_THAT(ParseMaskMap("10=0,11=ignore").value(), ElementsAre(Pair(10, 0), Pair(11, 255)));
  EXPECT_TRUE(ParseMaskMap("").value().empty());
  for (const char* text : {"10", "=", "1=2=3", "256=1", "-1=0", "a=b", "1=2,"}) {
    EXPECT_FALSE(ParseMaskMap(text).ok()) << text;
  }
}

TEST(MapIds, TwoClassesAreThresholdedUnlessTheMaskHasIds) {
  ClassMap grey = RowMap({0, 127, 128, 255});
  ASSERT_TRUE(MapIds(grey, 2, {}).ok());
  EXPECT_THAT(grey.ids, ElementsAre(0, 0, 1, 1));
  ClassMap ids = RowMap({0, 1, 255});
  ASSERT_TRUE(MapIds(ids, 2, {}).ok());
  EXPECT_THAT(ids.ids, ElementsAre(0, 1, 255));
}

TEST(MapIds, MapsAllAtOnce) {
  ClassMap mask = RowMap({0, 1, 2, 3});
  ASSERT_TRUE(MapIds(mask, 3, {{0, 1}, {1, 0}, {3, 255}}).ok());
  EXPECT_THAT(mask.ids, ElementsAre(1, 0, 2, 255));
}

TEST(MapIds, UnknownIdIsAnError) {
  ClassMap mask = RowMap({0, 7});
  const absl::Status status = MapIds(mask, 3, {});
  EXPECT_THAT(std::string(status.message()), HasSubstr("id 7"));
  ClassMap other = RowMap({0});
  EXPECT_FALSE(MapIds(other, 3, {{0, 300}}).ok());
}

TEST(ReadTruth, NoFolderOrNoFileIsNoTruth) {
  EXPECT_FALSE(ReadTruth("", "a.jpg", 2, {}, 4, 4).value().has_value());
  const TestFolder empty;
  EXPECT_FALSE(ReadTruth(empty.path().string(), "not there.jpg", 2, {}, 4, 4).value().has_value());
}

}  // namespace
}  // namespace nbits
