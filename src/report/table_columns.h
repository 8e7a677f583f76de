// SPDX-License-Identifier: Apache-2.0
// Columns of a table for terminals, and how they are brought to a width.
#ifndef NBITS_REPORT_TABLE_COLUMNS_H_
#define NBITS_REPORT_TABLE_COLUMNS_H_

#include <string>
#include <vector>

namespace nbits {

struct TableColumn {
  std::string title;
  bool left = false;                    // Aligned to the left.
  int dispensable = 0;                  // Left out before those with a smaller number; 0: never.
  std::vector<std::string> cells = {};  // One a row.
  std::vector<std::string> title_lines = {};
};

// Columns of UTF-8 text, a code point counted as one.
size_t ColumnsOf(const std::string& text);

// Gives each column its `title_lines`, all the same number of them, the last nearest to the cells:
// one where the lines, with two blanks between columns, are at most `width` wide (0: whatever they
// are), else broken at blanks. Where that is not enough, columns are taken out; returns their
// titles.
std::vector<std::string> FitColumns(std::vector<TableColumn>& columns, size_t width);

// How wide a column is: its widest cell or line of its title.
size_t WidthOf(const TableColumn& column);

}  // namespace nbits

#endif  // NBITS_REPORT_TABLE_COLUMNS_H_
