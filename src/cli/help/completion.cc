// SPDX-License-Identifier: Apache-2.0
// What completes nbits' command line in bash, zsh and fish. Where no word is known, files are
// offered.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/help/shell_text.h"

namespace nbits::cli {
namespace {

constexpr char kNote[] = "made by `nbits internal-generate`\n";

// In single quotes of the shell; a quote ends them, stands alone and begins them again.
std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}, {"\n", " "}}), "'");
}

// fish reads backslashes in single quotes.
std::string FishQuoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}, {"\n", " "}}),
                      "'");
}

// One line beside an option; some descriptions are tables.
std::string Hint(const OptionText& option) {
  const bool is_line = option.description.find('\n') == std::string::npos;
  return is_line ? option.description : option.value;
}

std::string CommandNames(const std::vector<CommandText>& commands) {
  return absl::StrJoin(commands, " ", [](std::string* out, const CommandText& command) {
    absl::StrAppend(out, command.name);
  });
}

std::string BashCommand(const CommandText& command) {
  std::string options, values, operands;
  for (const OptionText& option : command.options) {
    if (option.positional && !option.choices.empty()) {
      operands = absl::StrCat("      words=", Quoted(absl::StrJoin(option.choices, " ")), "\n");
    }
    if (option.positional) continue;
    absl::StrAppend(&options, options.empty() ? "" : " ", absl::StrJoin(option.names, " "));
    if (option.choices.empty()) continue;
    absl::StrAppend(&values, "        ", absl::StrJoin(option.names, "|"),
                    ") words=", Quoted(absl::StrJoin(option.choices, " ")), " ;;\n");
  }
  const std::string choose =
      values.empty() ? "" : absl::StrCat("      case $previous in\n", values, "      esac\n");
  return absl::StrCat("    ", command.name, ")\n      options=", Quoted(options), "\n", operands,
                      choose, "      ;;\n");
}

// What zsh's _arguments reads specially.
std::string ZshText(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string ZshValue(const OptionText& option) {
  if (option.value.empty() && !option.positional) return "";
  const std::string name = ZshText(option.positional ? option.names[0] : option.value);
  if (option.choices.empty()) return absl::StrCat(":", name, ":_files");
  return absl::StrCat(":", name, ":(", absl::StrJoin(option.choices, " "), ")");
}

std::string ZshOption(const OptionText& option) {
  if (option.positional) {
    return absl::StrCat(" ", Quoted(absl::StrCat(option.repeatable ? "*" : "", ZshValue(option))));
  }
  const std::string once = option.repeatable ? "*" : "";
  std::string specs;
  for (const std::string& name : option.names) {
    // "--bits=" takes "--bits 4" as well as "--bits=4".
    const char* join = absl::StartsWith(name, "--") && !option.value.empty() ? "=" : "";
    absl::StrAppend(
        &specs, " ",
        Quoted(absl::StrCat(once, name, join, "[", ZshText(Hint(option)), "]", ZshValue(option))));
  }
  return specs;
}

std::string ZshCommand(const CommandText& command) {
  std::string text = absl::StrCat("    ", command.name, ")\n      _arguments");
  for (const OptionText& option : command.options) {
    absl::StrAppend(&text, " \\\n       ", ZshOption(option));
  }
  return text + "\n      ;;\n";
}

// Words that an operand may be.
std::string FishOperand(const CommandText& command, const OptionText& option) {
  if (option.choices.empty()) return "";
  return absl::StrCat("complete -c nbits -n '__fish_seen_subcommand_from ", command.name,
                      "' -f -a ", FishQuoted(absl::StrJoin(option.choices, " ")), "\n");
}

std::string FishOption(const CommandText& command, const OptionText& option) {
  std::string line =
      absl::StrCat("complete -c nbits -n '__fish_seen_subcommand_from ", command.name, "'");
  for (const std::string& name : option.names) {
    const bool is_long = absl::StartsWith(name, "--");
    absl::StrAppend(&line, is_long ? " -l " : " -s ", name.substr(is_long ? 2 : 1));
  }
  if (!option.choices.empty()) {
    absl::StrAppend(&line, " -x -a ", FishQuoted(absl::StrJoin(option.choices, " ")));
  } else if (!option.value.empty()) {
    absl::StrAppend(&line, " -r");
  }
  return absl::StrCat(line, " -d ", FishQuoted(Hint(option)), "\n");
}

}  // namespace

std::string BashCompletion(const std::vector<CommandText>& commands) {
  std::string text = absl::StrCat("# bash completion of nbits, ", kNote, R"(_nbits() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} options='' words=''
  COMPREPLY=()
  case ${COMP_WORDS[1]} in
)");
  for (const CommandText& command : commands) absl::StrAppend(&text, BashCommand(command));
  return absl::StrCat(text, R"(  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=')",
                      CommandNames(commands), R"( --help --version'
  elif [[ $current == -* ]]; then
    words=$options
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _nbits nbits
)");
}

std::string ZshCompletion(const std::vector<CommandText>& commands) {
  std::string names, cases;
  for (const CommandText& command : commands) {
    absl::StrAppend(&names, "    ",
                    Quoted(absl::StrCat(ZshText(command.name), ":", command.summary)), "\n");
    absl::StrAppend(&cases, ZshCommand(command));
  }
  return absl::StrCat("#compdef nbits\n# zsh completion of nbits, ", kNote, R"(_nbits() {
  local -a commands=(
)",
                      names, R"(  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
)",
                      cases, R"(  esac
}
_nbits "$@"
)");
}

std::string FishCompletion(const std::vector<CommandText>& commands) {
  std::string text = absl::StrCat("# fish completion of nbits, ", kNote);
  for (const CommandText& command : commands) {
    absl::StrAppend(&text, "complete -c nbits -n __fish_use_subcommand -f -a ", command.name,
                    " -d ", FishQuoted(command.summary), "\n");
    for (const OptionText& option : command.options) {
      absl::StrAppend(
          &text, option.positional ? FishOperand(command, option) : FishOption(command, option));
    }
  }
  return text;
}

}  // namespace nbits::cli
