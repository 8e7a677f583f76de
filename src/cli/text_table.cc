// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "cli/terminal.h"

namespace nbits::cli {
namespace {

constexpr size_t kLeastFirst = 12;  // Columns that first cells keep beside the others.
constexpr size_t kLeastLast = 20;   // The same for last cells; with fewer, they go below.
constexpr size_t kIndentBelow = 6;

std::string Padding(size_t width, const std::string& cell) {
  return std::string(width - std::min(width, TextWidth(cell)), ' ');
}

size_t LineWidth(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 2 * widths.size());
}

size_t LongestWord(const std::string& text) {
  size_t longest = 0, begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    longest = std::max(longest, TextWidth(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return longest;
}

void AppendTrimmed(std::string line, std::string& out) {
  line.erase(line.find_last_not_of(' ') + 1);
  absl::StrAppend(&out, line, "\n");
}

// A last cell behind `line`, which ends at `column`: on it, going on below it, or all below it.
std::string WithLastCell(std::string line, const std::string& cell, size_t column, size_t width,
                         std::string& out) {
  if (column + TextWidth(cell) <= width) return line + cell;
  const bool has_room = column + std::max(kLeastLast, LongestWord(cell)) <= width;
  if (has_room) return line + Wrapped(cell, width, column);
  AppendTrimmed(std::move(line), out);
  return std::string(kIndentBelow, ' ') + Wrapped(cell, width, kIndentBelow);
}

}  // namespace

std::vector<size_t> TextTable::NaturalWidths() const {
  std::vector<size_t> widths(right_aligned_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], TextWidth(row[i]));
  }
  return widths;
}

// The last column has no width where it is text: it takes what is left.
std::vector<size_t> TextTable::Widths(size_t width) const {
  std::vector<size_t> widths = NaturalWidths();
  if (LineWidth(widths) <= width || widths.size() < 2) return widths;
  if (!right_aligned_.back()) widths.back() = std::min(widths.back(), kLeastLast);
  const size_t others = LineWidth(widths) - widths[0];
  const size_t left = width - std::min(width, others);
  widths[0] = std::min(widths[0], std::max(left, kLeastFirst));
  return widths;
}

// How many of the columns that may be have to be left out.
size_t TextTable::LeftOut(size_t width) const {
  size_t count = 0;
  while (count < less_needed_.size() && LineWidth(Without(count).NaturalWidths()) > width) ++count;
  return count;
}

// The same without the first `count` of the columns that may be left out.
TextTable TextTable::Without(size_t count) const {
  const auto end = less_needed_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto is_left_out = [&](size_t i) { return std::find(less_needed_.begin(), end, i) != end; };
  TextTable table({});
  for (size_t i = 0; i < right_aligned_.size(); ++i) {
    if (!is_left_out(i)) table.right_aligned_.push_back(right_aligned_[i]);
  }
  for (const auto& row : rows_) {
    std::vector<std::string>& cells = table.rows_.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      if (!is_left_out(i)) cells.push_back(row[i]);
    }
  }
  return table;
}

void TextTable::AppendTo(std::string& out, size_t width) const {
  if (const size_t count = LeftOut(width); count > 0) return Without(count).AppendTo(out, width);
  const std::vector<size_t> widths = Widths(width);
  for (const auto& row : rows_) AppendRow(row, widths, width, out);
}

void TextTable::AppendTo(std::string& out) const {
  AppendTo(out, static_cast<size_t>(TerminalWidth(STDOUT_FILENO)));
}

void TextTable::AppendRow(const std::vector<std::string>& row, const std::vector<size_t>& widths,
                          size_t width, std::string& out) const {
  std::string line;
  size_t column = 0;  // Of the line's end.
  for (size_t i = 0; i < row.size(); ++i) {
    const bool right = right_aligned_[i];
    line += "  ";
    if (i > 0 && i + 1 == right_aligned_.size() && !right) {
      line = WithLastCell(std::move(line), row[i], column + 2, width, out);
      break;
    }
    absl::StrAppend(&line, right ? Padding(widths[i], row[i]) : "", row[i],
                    right ? "" : Padding(widths[i], row[i]));
    if (i == 0 && TextWidth(row[0]) > widths[0] && row.size() > 1) {
      AppendTrimmed(std::exchange(line, std::string(2 + widths[0], ' ')), out);
    }
    column += 2 + widths[i];
  }
  AppendTrimmed(std::move(line), out);
}

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

}  // namespace nbits::cli
