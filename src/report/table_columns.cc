// SPDX-License-Identifier: Apache-2.0
#include "report/table_columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nbits {
namespace {

size_t WidestCell(const TableColumn& column) {
  size_t width = 0;
  for (const std::string& cell : column.cells) width = std::max(width, ColumnsOf(cell));
  return width;
}

size_t LineWidth(const std::vector<TableColumn>& columns) {
  size_t width = 0;
  for (const TableColumn& column : columns) width += WidthOf(column) + 2;
  return width - std::min<size_t>(width, 2);
}

// The title in as many lines as it takes to be no wider than its cells or its longest word.
void BreakTitle(TableColumn& column) {
  const std::vector<std::string> words = absl::StrSplit(column.title, ' ', absl::SkipEmpty());
  size_t width = WidestCell(column);
  for (const std::string& word : words) width = std::max(width, ColumnsOf(word));
  column.title_lines.clear();
  for (const std::string& word : words) {
    const bool fits = !column.title_lines.empty() &&
                      ColumnsOf(column.title_lines.back()) + 1 + ColumnsOf(word) <= width;
    if (fits) {
      absl::StrAppend(&column.title_lines.back(), " ", word);
    } else {
      column.title_lines.push_back(word);
    }
  }
}

void LevelTitles(std::vector<TableColumn>& columns) {
  size_t most = 1;
  for (const TableColumn& column : columns) most = std::max(most, column.title_lines.size());
  for (TableColumn& column : columns) {
    column.title_lines.insert(column.title_lines.begin(), most - column.title_lines.size(), "");
  }
}

}  // namespace

size_t ColumnsOf(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

size_t WidthOf(const TableColumn& column) {
  size_t width = WidestCell(column);
  for (const std::string& line : column.title_lines) width = std::max(width, ColumnsOf(line));
  return width;
}

std::vector<std::string> FitColumns(std::vector<TableColumn>& columns, size_t width) {
  for (TableColumn& column : columns) column.title_lines = {column.title};
  std::vector<std::string> left_out;
  const auto fits = [&] { return width == 0 || LineWidth(columns) <= width; };
  if (!fits()) std::for_each(columns.begin(), columns.end(), BreakTitle);
  while (!fits()) {
    const auto least = std::max_element(
        columns.begin(), columns.end(),
        [](const TableColumn& a, const TableColumn& b) { return a.dispensable < b.dispensable; });
    if (least == columns.end() || least->dispensable == 0) break;
    if (!least->title.empty()) left_out.push_back(least->title);
    columns.erase(least);
  }
  LevelTitles(columns);
  return left_out;
}

}  // namespace nbits
