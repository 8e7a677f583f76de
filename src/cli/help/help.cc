// SPDX-License-Identifier: Apache-2.0
#include "cli/help/help.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "cli/terminal.h"

namespace nbits::cli {
namespace {

// Longer lines are hard to read.
constexpr size_t kWidest = 100;
constexpr char kOtherOptions[] = "Options";

// Where descriptions begin.
size_t DescriptionColumn(size_t width) { return width < 60 ? 12 : 26; }

std::string Blanks(size_t count) { return std::string(count, ' '); }

// "-b, --bits N".
std::string Head(const OptionText& option) {
  std::string head = absl::StrJoin(option.names, ", ");
  if (option.positional && option.repeatable) absl::StrAppend(&head, "...");
  if (!option.positional && !option.value.empty()) absl::StrAppend(&head, " ", option.value);
  return head;
}

// Lines of "word  what it means", the meanings below each other.
std::string WordList(const std::string& text, size_t width, size_t column) {
  std::vector<std::pair<std::string, std::string>> entries;
  size_t widest = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t end = line.find("  ");
    const std::string word(line.substr(0, end));
    const std::string meaning(end == absl::string_view::npos ? "" : line.substr(end));
    widest = std::max(widest, TextWidth(word));
    entries.emplace_back(word, std::string(absl::StripAsciiWhitespace(meaning)));
  }
  const size_t indent = column + widest + 2;
  std::vector<std::string> lines;
  for (const auto& [word, meaning] : entries) {
    lines.push_back(
        absl::StrCat(word, Blanks(widest + 2 - TextWidth(word)), Wrapped(meaning, width, indent)));
  }
  return absl::StrJoin(lines, "\n" + Blanks(column));
}

std::string Entry(const std::string& head, const std::string& description, size_t width) {
  const size_t column = DescriptionColumn(width);
  std::string entry = absl::StrCat("  ", head);
  const size_t used = TextWidth(entry);
  const bool fits = used + 2 <= column;
  absl::StrAppend(&entry, fits ? Blanks(column - used) : "\n" + Blanks(column));
  const bool is_list = absl::StrContains(description, "  ");
  absl::StrAppend(
      &entry, is_list ? WordList(description, width, column) : Wrapped(description, width, column));
  return entry + "\n";
}

// The words that a value may be are in the description, or else are put behind it.
std::string Description(const OptionText& option) {
  std::string text = option.description;
  const bool names_all =
      std::all_of(option.choices.begin(), option.choices.end(),
                  [&](const std::string& word) { return absl::StrContains(text, word); });
  if (!names_all) absl::StrAppend(&text, ": ", absl::StrJoin(option.choices, ", "));
  if (option.required && !option.positional) absl::StrAppend(&text, " (required)");
  if (!option.standard.empty()) absl::StrAppend(&text, " (default ", option.standard, ")");
  return text;
}

// In the order in which they appear, those without a heading of their own last.
std::vector<std::string> Groups(const CommandText& command) {
  std::vector<std::string> groups;
  for (const OptionText& option : command.options) {
    const bool is_new = std::find(groups.begin(), groups.end(), option.group) == groups.end();
    if (is_new && !option.positional && option.group != kOtherOptions) {
      groups.push_back(option.group);
    }
  }
  groups.emplace_back(kOtherOptions);
  return groups;
}

template <typename Belongs>
std::string Section(const std::string& heading, const CommandText& command, size_t width,
                    Belongs belongs) {
  std::string entries;
  for (const OptionText& option : command.options) {
    if (belongs(option)) {
      absl::StrAppend(&entries, Entry(Head(option), Description(option), width));
    }
  }
  if (entries.empty()) return "";
  return absl::StrCat("\n", Wrapped(heading + ":", width), "\n", entries);
}

// A line of an example that is too long goes on in the next, as the shell reads it.
std::string ExampleLine(const std::string& line, size_t width) {
  const size_t last = line.rfind(' ', width - 2);
  const bool is_command = absl::StrContains(line, "nbits ") && !absl::StrContains(line, "#");
  if (TextWidth(line) <= width || !is_command || last == std::string::npos || last < 8) return line;
  return absl::StrCat(line.substr(0, last), " \\\n",
                      ExampleLine(Blanks(6) + line.substr(last + 1), width));
}

// Lines that begin with a blank stay lines, others are filled.
std::string Paragraph(const std::string& text, size_t width) {
  std::string paragraph, filled;
  const auto flush = [&] {
    if (!filled.empty()) absl::StrAppend(&paragraph, Wrapped(filled, width), "\n");
    filled.clear();
  };
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, " ")) {
      flush();
      absl::StrAppend(&paragraph, ExampleLine(std::string(line), width), "\n");
    } else {
      absl::StrAppend(&filled, filled.empty() ? "" : " ", line);
    }
  }
  flush();
  return paragraph;
}

std::string Paragraphs(const std::string& text, size_t width) {
  std::string paragraphs;
  for (const std::string& each :
       std::vector<std::string>(absl::StrSplit(text, "\n\n", absl::SkipWhitespace()))) {
    absl::StrAppend(&paragraphs, "\n", Paragraph(each, width));
  }
  return paragraphs;
}

class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    const auto width = std::min(kWidest, static_cast<size_t>(TerminalWidth(STDOUT_FILENO)));
    const CommandText text = DescribeCommand(*app);
    if (app->get_parent() != nullptr) return CommandHelp(text, width);
    return ProgramHelp(text, DescribeCommands(*app), width);
  }
};

}  // namespace

std::string UsageText(const CommandText& command) {
  std::string text = absl::StrCat("nbits ", command.name, " [OPTIONS]");
  for (const OptionText& option : command.options) {
    if (!option.positional) continue;
    const std::string name = option.names[0] + (option.repeatable ? "..." : "");
    absl::StrAppend(&text, " ", option.required ? name : absl::StrCat("[", name, "]"));
  }
  return text;
}

std::string CommandHelp(const CommandText& command, size_t width) {
  std::string text = absl::StrCat(Wrapped(command.summary + ".", width), "\n\n",
                                  Wrapped("Usage: " + UsageText(command), width, 2), "\n");
  absl::StrAppend(&text, Section("Operands", command, width,
                                 [](const OptionText& option) { return option.positional; }));
  for (const std::string& group : Groups(command)) {
    absl::StrAppend(&text, Section(group, command, width, [&](const OptionText& option) {
      return !option.positional && option.group == group;
    }));
  }
  return text + Paragraphs(command.details, width);
}

std::string ProgramHelp(const CommandText& program, const std::vector<CommandText>& commands,
                        size_t width) {
  std::string text = absl::StrCat(Wrapped(program.summary, width), "\n\n",
                                  "Usage: nbits COMMAND [OPTIONS] FILE...\n\nCommands:\n");
  for (const CommandText& command : commands) {
    const size_t column = 12;
    absl::StrAppend(&text, "  ", command.name, Blanks(column - 2 - command.name.size()),
                    Wrapped(command.summary, width, column), "\n");
  }
  absl::StrAppend(&text,
                  Section(kOtherOptions, program, width, [](const OptionText&) { return true; }));
  return text + Paragraphs(program.details, width);
}

void UseHelpTexts(CLI::App& program) { program.formatter(std::make_shared<HelpFormatter>()); }

}  // namespace nbits::cli
