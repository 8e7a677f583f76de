// SPDX-License-Identifier: Apache-2.0
// Aligned text for terminals.
#ifndef NBITS_CLI_TEXT_TABLE_H_
#define NBITS_CLI_TEXT_TABLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nbits::cli {

// Lines of cells; every column but the last as wide as its widest cell. Text is UTF-8; each code
// point counts as one column.
//
// Where lines would be wider than they may be, first cells that need more room than the other
// columns leave stand on a line of their own, and last cells go on below; only columns of which the
// caller says so are left out.
class TextTable {
 public:
  explicit TextTable(std::vector<bool> right_aligned) : right_aligned_(std::move(right_aligned)) {}

  // Columns that may be left out, the first of them first, while lines would be too wide.
  void LeaveOutFirst(std::vector<size_t> columns) { less_needed_ = std::move(columns); }

  // As many cells as columns, or fewer.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Lines of at most `width` columns, where the columns in between allow it; without it, as wide as
  // standard output's terminal.
  void AppendTo(std::string& out, size_t width) const;
  void AppendTo(std::string& out) const;

 private:
  std::vector<size_t> NaturalWidths() const;
  std::vector<size_t> Widths(size_t width) const;
  size_t LeftOut(size_t width) const;
  TextTable Without(size_t count) const;
  void AppendRow(const std::vector<std::string>& row, const std::vector<size_t>& widths,
                 size_t width, std::string& out) const;

  std::vector<bool> right_aligned_;
  std::vector<size_t> less_needed_;
  std::vector<std::vector<std::string>> rows_;
};

// 1234567 as "1,234,567".
std::string Grouped(int64_t number);

}  // namespace nbits::cli

#endif  // NBITS_CLI_TEXT_TABLE_H_
