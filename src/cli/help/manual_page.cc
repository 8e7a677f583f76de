// SPDX-License-Identifier: Apache-2.0
// The manual page, in the man(7) language of troff.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "cli/help/shell_text.h"
#include "nbits/version.h"

namespace nbits::cli {
namespace {

// Text as troff shows it unchanged: hyphens can be copied, and no line begins with a request.
std::string Plain(const std::string& text) {
  const std::string escaped = absl::StrReplaceAll(
      text, {{"\\", "\\e"}, {"-", "\\-"}, {"\n.", "\n\\&."}, {"\n'", "\n\\&'"}});
  const bool is_request = !text.empty() && (text[0] == '.' || text[0] == '\'');
  return is_request ? absl::StrCat("\\&", escaped) : escaped;
}

std::string Bold(const std::string& text) { return absl::StrCat("\\fB", Plain(text), "\\fR"); }
std::string Italic(const std::string& text) { return absl::StrCat("\\fI", Plain(text), "\\fR"); }

std::string ValueText(const OptionText& option) {
  if (option.choices.empty()) return Italic(option.value);
  return absl::StrJoin(option.choices, "|", [](std::string* out, const std::string& word) {
    absl::StrAppend(out, Plain(word));
  });
}

std::string OptionHead(const OptionText& option) {
  if (option.positional) return Italic(option.names[0]);
  const std::string names = absl::StrJoin(
      option.names, ", ",
      [](std::string* out, const std::string& name) { absl::StrAppend(out, Bold(name)); });
  if (option.value.empty()) return names;
  return absl::StrCat(names, " ", ValueText(option));
}

std::string OptionEntry(const OptionText& option) {
  const bool is_table = option.description.find('\n') != std::string::npos;  // Keeps its lines.
  std::string entry = absl::StrCat(".TP\n", OptionHead(option), "\n", is_table ? ".nf\n" : "",
                                   Plain(option.description), is_table ? "\n.fi" : "");
  if (!option.standard.empty()) absl::StrAppend(&entry, " (default ", Plain(option.standard), ")");
  if (option.required && !option.positional) absl::StrAppend(&entry, " (required)");
  return entry + "\n";
}

// Examples and tables keep their lines; other paragraphs are filled.
std::string Paragraph(const std::string& text) {
  if (text.find("\n ") == std::string::npos) {
    return absl::StrCat(".PP\n", Plain(std::string(absl::StripAsciiWhitespace(text))), "\n");
  }
  return absl::StrCat(".PP\n.nf\n", Plain(text), "\n.fi\n");
}

std::string Synopsis(const CommandText& command) {
  std::string line = absl::StrCat(Bold("nbits " + command.name), " [", Italic("options"), "]");
  for (const OptionText& option : command.options) {
    if (!option.positional) continue;
    const std::string operand =
        absl::StrCat(Italic(option.names[0]), option.repeatable ? "..." : "");
    absl::StrAppend(&line, " ", option.required ? operand : absl::StrCat("[", operand, "]"));
  }
  return line;
}

std::string Paragraphs(const std::string& text) {
  std::string paragraphs;
  for (const std::string& each :
       std::vector<std::string>(absl::StrSplit(text, "\n\n", absl::SkipWhitespace()))) {
    absl::StrAppend(&paragraphs, Paragraph(each));
  }
  return paragraphs;
}

// Operands, then options; the one that prints help stands in the synopsis of all.
std::string Entries(const CommandText& command) {
  std::string operands, options;
  for (const OptionText& option : command.options) {
    if (option.names.back() == "--help") continue;
    absl::StrAppend(option.positional ? &operands : &options, OptionEntry(option));
  }
  return operands + options;
}

std::string CommandSection(const CommandText& command) {
  return absl::StrCat(".SS nbits ", command.name, "\n", Synopsis(command), "\n", ".PP\n",
                      Plain(command.summary), ".\n", Paragraphs(command.details), Entries(command));
}

std::string ExitStatus() {
  const auto entry = [](int code, const char* text) {
    return absl::StrCat(".TP\n", Bold(std::to_string(code)), "\n", text, "\n");
  };
  return absl::StrCat(".SH EXIT STATUS\n", entry(kDone, "All was done."),
                      entry(kFailed, "Something failed; one line of standard error says what."),
                      entry(kWrongUsage, "The program was called wrongly."),
                      entry(kGateClosed, "The condition of --fail-if holds for a variant."),
                      entry(130,
                            "Interrupted by Ctrl-C; 143: by SIGTERM. What a comparison has "
                            "measured until then is in its folder."));
}

std::string Environment() {
  const auto entry = [](const char* name, const char* text) {
    return absl::StrCat(".TP\n", Bold(name), "\n", text, "\n");
  };
  return absl::StrCat(
      ".SH ENVIRONMENT\n",
      entry("NBITS_TARGET",
            "Vector instructions that the kernels use, where no option names them."),
      entry("NBITS_MEMORY_LIMIT", "As --memory-limit."),
      entry("NO_COLOR", "When it is not empty, tables have no colours."),
      entry("COLUMNS",
            "How wide text may be where standard output is no terminal (80 without it)."));
}

}  // namespace

std::string ManualPage(const CommandText& program, const std::vector<CommandText>& commands) {
  std::string page = absl::StrCat(
      ".TH NBITS 1 \"\" \"nbits ", NBITS_VERSION, "\" \"User Commands\"\n.SH NAME\n",
      "nbits \\- Core ML models in fewer bits, and what that costs\n.SH SYNOPSIS\n", Bold("nbits"),
      " ", Italic("command"), " [", Italic("options"), "] ", Italic("file"), "...\n.br\n",
      Bold("nbits"), " [", Italic("command"), "] ", Bold("--help"), "\n.br\n", Bold("nbits"), " ",
      Bold("--version"), "\n.SH DESCRIPTION\n", Paragraphs(program.summary),
      Paragraphs(program.details), ".SH COMMANDS\n");
  for (const CommandText& command : commands) absl::StrAppend(&page, CommandSection(command));
  return page + ExitStatus() + Environment();
}

}  // namespace nbits::cli
