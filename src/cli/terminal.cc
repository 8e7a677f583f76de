// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace nbits::cli {
namespace {

constexpr int kUsualWidth = 80, kLeastWidth = 20;

int WidthOfEnvironment() {
  const char* const columns = std::getenv("COLUMNS");
  int width = 0;
  return columns != nullptr && absl::SimpleAtoi(columns, &width) && width > 0 ? width : kUsualWidth;
}

void AppendWrappedLine(const std::string& line, size_t width, size_t indent, std::string& out) {
  size_t column = indent;
  for (const absl::string_view part : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
    const std::string word(part);
    const size_t needed = TextWidth(word) + (column > indent ? 1 : 0);
    if (column > indent && column + needed > width) {
      absl::StrAppend(&out, "\n", std::string(indent, ' '), word);
      column = indent + TextWidth(word);
    } else {
      absl::StrAppend(&out, column > indent ? " " : "", word);
      column += needed;
    }
  }
}

}  // namespace

int TerminalWidth(int descriptor) {
  winsize size = {};
  const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return std::max(kLeastWidth, known ? static_cast<int>(size.ws_col) : WidthOfEnvironment());
}

size_t TextWidth(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // Not the rest of a code point.
  }));
}

std::string Wrapped(const std::string& text, size_t width, size_t indent) {
  std::string wrapped;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) absl::StrAppend(&wrapped, "\n", lines[i].empty() ? "" : std::string(indent, ' '));
    AppendWrappedLine(lines[i], width, indent, wrapped);
  }
  return wrapped;
}

std::string Sentences(const std::string& text) {
  if (isatty(STDOUT_FILENO) == 0) return text;
  const auto width = static_cast<size_t>(TerminalWidth(STDOUT_FILENO));
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (std::string& line : lines) {
    if (!line.empty() && line[0] != ' ') line = Wrapped(line, width);
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace nbits::cli
