// SPDX-License-Identifier: Apache-2.0
// Aligned text for terminals.
#ifndef NBITS_CLI_TEXT_TABLE_H_
#define NBITS_CLI_TEXT_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace nbits::cli {

// Lines of cells; every column but the last as wide as its widest cell. Text is UTF-8; each code
// point counts as one column.
class TextTable {
 public:
  explicit TextTable(std::vector<bool> right_aligned) : right_aligned_(std::move(right_aligned)) {}

  // As many cells as columns, or fewer.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  void AppendTo(std::string& out) const;

 private:
  void AppendRow(const std::vector<std::string>& row, const std::vector<size_t>& widths,
                 std::string& out) const;

  std::vector<bool> right_aligned_;
  std::vector<std::vector<std::string>> rows_;
};

// 1234567 as "1,234,567".
std::string Grouped(int64_t number);

}  // namespace nbits::cli

#endif  // NBITS_CLI_TEXT_TABLE_H_
