// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace nbits::cli {
namespace {

size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // Not the rest of a code point.
  }));
}

}  // namespace

void TextTable::AppendTo(std::string& out) const {
  std::vector<size_t> widths(right_aligned_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (const auto& row : rows_) AppendRow(row, widths, out);
}

void TextTable::AppendRow(const std::vector<std::string>& row, const std::vector<size_t>& widths,
                          std::string& out) const {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string padding(widths[i] - Width(row[i]), ' ');
    const bool right = right_aligned_[i];
    absl::StrAppend(&line, "  ", right ? padding : "", row[i], right ? "" : padding);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  absl::StrAppend(&out, line, "\n");
}

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

}  // namespace nbits::cli
