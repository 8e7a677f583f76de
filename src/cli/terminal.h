// SPDX-License-Identifier: Apache-2.0
// How wide the text may be that is printed, and text that is no wider.
#ifndef NBITS_CLI_TERMINAL_H_
#define NBITS_CLI_TERMINAL_H_

#include <string>

namespace nbits::cli {

// Columns of the terminal that a file descriptor writes to. Where it is none: what COLUMNS in the
// environment says, or 80. At least 20.
int TerminalWidth(int descriptor);

// Columns that UTF-8 text takes, each code point counted as one.
size_t TextWidth(const std::string& text);

// `text` as lines of at most `width` columns, broken at blanks; words that are longer stand alone.
// Every line but the first begins with `indent` blanks, which the width includes; the first is
// taken to begin there too. Line breaks in `text` stay. Does not end with a line break.
std::string Wrapped(const std::string& text, size_t width, size_t indent = 0);

// Sentences for standard output: where that is a terminal, lines are broken at blanks; those that
// begin with a blank are to be copied and stay, and so does all text for files and other programs.
std::string Sentences(const std::string& text);

}  // namespace nbits::cli

#endif  // NBITS_CLI_TERMINAL_H_
