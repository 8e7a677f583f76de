// SPDX-License-Identifier: Apache-2.0
#include "report/table_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<TableColumn> Columns() {
  return {{"model", true, 0, {"original", "8-linear"}},
          {"", true, 9, {"########", "##"}},
          {"agreement boundary F", false, 2, {"100.00 %", "97.20 %"}},
          {"spread", false, 3, {"1.2 ms", "0.8 ms"}}};
}

std::vector<std::string> Titles(const std::vector<TableColumn>& columns) {
  std::vector<std::string> titles;
  for (const TableColumn& column : columns) titles.push_back(column.title);
  return titles;
}

TEST(FitColumns, WideEnoughChangesNothing) {
  auto columns = Columns();
  EXPECT_THAT(FitColumns(columns, 48), IsEmpty());  // 8 + 8 + 20 + 6 and three gaps.
  EXPECT_THAT(columns[2].title_lines, ElementsAre("agreement boundary F"));
  columns = Columns();
  EXPECT_THAT(FitColumns(columns, 0), IsEmpty());
  EXPECT_THAT(columns[2].title_lines, ElementsAre("agreement boundary F"));
}

TEST(FitColumns, BreaksTitlesFirst) {
  auto columns = Columns();
  EXPECT_THAT(FitColumns(columns, 47), IsEmpty());
  EXPECT_THAT(columns[2].title_lines, ElementsAre("agreement", "boundary", "F"));
  EXPECT_THAT(columns[0].title_lines, ElementsAre("", "", "model"));
  EXPECT_EQ(WidthOf(columns[2]), 9u);
}

TEST(FitColumns, LeavesOutWhatIsLeastNeededAndNamesIt) {
  auto columns = Columns();
  EXPECT_THAT(FitColumns(columns, 27), IsEmpty());  // The bar has no title to name.
  EXPECT_THAT(Titles(columns), ElementsAre("model", "agreement boundary F", "spread"));
  columns = Columns();
  EXPECT_THAT(FitColumns(columns, 20), ElementsAre("spread"));
  EXPECT_THAT(Titles(columns), ElementsAre("model", "agreement boundary F"));
  columns = Columns();
  EXPECT_THAT(FitColumns(columns, 1), ElementsAre("spread", "agreement boundary F"));
  EXPECT_THAT(Titles(columns), ElementsAre("model"));
}

}  // namespace
}  // namespace nbits
