// SPDX-License-Identifier: Apache-2.0
#include "cli/help/usage.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/help/interface.h"
#include "cli/help/usage_operand.h"
#include "cli/option_values.h"

namespace nbits::cli {
namespace {

// What other tools call what ours do.
const std::map<std::string, std::string>& OtherNames() {
  static const std::map<std::string, std::string> names = {
      {"compress", "quantize"},   {"convert", "quantize"},
      {"shrink", "quantize"},     {"palettize", "quantize"},
      {"dequantize", "quantize"}, {"predict", "run"},
      {"infer", "run"},           {"eval", "compare"},
      {"diff", "compare"},        {"evaluate", "compare"},
      {"time", "bench"},          {"profile", "bench"},
      {"describe", "info"},       {"show", "info"},
      {"inspect", "info"},        {"ls", "info"},
      {"version", "--version"}};
  return names;
}

std::string InQuotes(const std::string& text) { return absl::StrCat("'", text, "'"); }

std::vector<std::string> CommandNames(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CommandText& command : DescribeCommands(program)) names.push_back(command.name);
  return names;
}

// Those that do something with a model.
std::string MainCommands(const CLI::App& program) {
  std::vector<std::string> names = CommandNames(program);
  std::erase(names, "help");
  return absl::StrJoin(names, ", ");
}

bool LooksLikeFile(const std::string& text) {
  std::error_code error;
  return absl::StrContains(text, '/') || absl::StrContains(text, ".ml") ||
         std::filesystem::exists(text, error);
}

// Options that begin with one dash, or with the long dash that word processors make of two.
bool LooksLikeOption(const std::string& text) {
  return (text.size() > 1 && text[0] == '-') || absl::StartsWith(text, "\xE2\x80\x93") ||
         absl::StartsWith(text, "\xE2\x80\x94");
}

// "--bit=4", "-bit" and the like: "bit".
std::string BareName(const std::string& argument) {
  const std::string plain =
      absl::StrReplaceAll(argument, {{"\xE2\x80\x93", "-"}, {"\xE2\x80\x94", "-"}});
  const size_t begin = std::min(plain.find_first_not_of('-'), plain.size());
  return plain.substr(begin, plain.find('=') - begin);
}

std::vector<std::string> LongNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const OptionText& option : DescribeCommand(command).options) {
    for (const std::string& name : option.names) {
      if (absl::StartsWith(name, "--")) names.push_back(name.substr(2));
    }
  }
  return names;
}

bool HasOption(const CLI::App& command, const std::string& name) {
  const std::vector<std::string> names = LongNames(command);
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The commands that know an option that this one does not.
std::string WhoHas(const CLI::App& program, const std::string& name) {
  std::vector<std::string> commands;
  for (const std::string& each : CommandNames(program)) {
    if (HasOption(*program.get_subcommand(each), name)) commands.push_back(each);
  }
  if (commands.empty()) return "";
  return absl::StrCat(" (", absl::StrJoin(commands, ", "),
                      commands.size() > 1 ? " have it)" : " has it)");
}

std::string SeeHelp(const CLI::App& command) {
  return absl::StrCat("nbits help ", command.get_name(), " names all options");
}

UsageProblem UnknownOption(const CLI::App& program, const CLI::App& command,
                           const std::string& argument) {
  const std::string name = BareName(argument);
  const std::vector<std::string> meant = LikelyMeant(name, LongNames(command), 1);
  const std::string shown = InQuotes(argument.substr(0, argument.find('=')));
  const std::string what = absl::StrCat(command.get_name(), " has no option ", shown);
  const std::string others = WhoHas(program, name);
  // Another command's option was rather meant than one that only looks like it.
  const bool is_near = !meant.empty() && (absl::StrContains(meant[0], name) || others.empty());
  if (is_near) return {absl::StrCat(what, " (did you mean --", meant[0], "?)"), ""};
  return {absl::StrCat(what, others), SeeHelp(command)};
}

// An option in front of the command that it belongs to.
UsageProblem OptionInFront(const CLI::App& program, const std::string& argument) {
  const std::string name = BareName(argument);
  const std::vector<std::string> meant = LikelyMeant(name, LongNames(program), 1);
  const std::string what = absl::StrCat("unknown option ", InQuotes(argument));
  if (!meant.empty()) return {absl::StrCat(what, " (did you mean --", meant[0], "?)"), ""};
  return {absl::StrCat(what, " in front of a command: it stands behind its command",
                       WhoHas(program, name)),
          ""};
}

// The first word that is no option.
std::string FirstWord(const std::vector<std::string>& arguments) {
  const auto word = std::find_if_not(arguments.begin(), arguments.end(), LooksLikeOption);
  return word == arguments.end() ? "" : *word;
}

UsageProblem WithoutCommand(const CLI::App& program, const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return {absl::StrCat("a command is missing: ", MainCommands(program)),
            "nbits help explains them"};
  }
  if (LooksLikeOption(arguments.front())) return OptionInFront(program, arguments.front());
  return UnknownCommand(program, FirstWord(arguments));
}

// What CLI11's message is about, or null.
const CLI::Option* OptionNamedIn(const CLI::App& command, const std::string& message) {
  const CLI::Option* named = nullptr;
  for (const CLI::Option* option : command.get_options({})) {
    const std::string name = option->get_name();
    const bool is_longer = named == nullptr || name.size() > named->get_name().size();
    if (absl::StrContains(message, name) && is_longer) named = option;
  }
  return named;
}

UsageProblem MissingOperand(const CLI::App& command, const std::string& message) {
  const CommandText text = DescribeCommand(command);
  for (const OptionText& option : text.options) {
    const CLI::Option* given = command.get_option_no_throw(option.names.back());
    if (!option.required || given == nullptr || given->count() > 0) continue;
    const std::string value = option.positional ? "" : " " + option.value;
    return {absl::StrCat(text.name, ": ", option.names.back(), value, " is missing"),
            "usage: " + UsageText(text)};
  }
  return {absl::StrCat(text.name, ": ", message), SeeHelp(command)};
}

UsageProblem WrongCount(const CLI::App& command, const std::string& message) {
  const CLI::Option* option = OptionNamedIn(command, message);
  if (option == nullptr) return {message, SeeHelp(command)};
  const std::string name = option->get_name();
  if (option->get_items_expected_max() == 0) return {name + " takes no value", ""};
  if (option->count() > 1) {
    return {absl::StrCat(name, " is given ", option->count() == 2 ? "twice" : "several times"), ""};
  }
  return {absl::StrCat(name, " needs a value: ", name, " ", DescribeValue(*option)),
          SeeHelp(command)};
}

// "Could not convert: --threads = abc".
UsageProblem NotConverted(const CLI::App& command, const std::string& message) {
  const CLI::Option* option = OptionNamedIn(command, message);
  const size_t equals = message.rfind(" = ");
  if (option == nullptr) return {message, SeeHelp(command)};
  if (option->get_items_expected_max() == 0) return {option->get_name() + " takes no value", ""};
  const std::string value = equals == std::string::npos ? "" : message.substr(equals + 3);
  return {
      absl::StrCat(option->get_name(), ": ", InQuotes(value), " is no ", DescribeValue(*option)),
      ""};
}

// "-bits 4" reads as "-b its": the value that was refused is the rest of a long name.
UsageProblem OneDash(const CLI::App& command, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument.size() < 4 || argument[0] != '-' || argument[1] == '-') continue;
    const std::string name = BareName(argument);
    if (!HasOption(command, name)) continue;
    return {absl::StrCat(command.get_name(), " has no option ", InQuotes(argument),
                         " (did you mean --", name, "?)"),
            ""};
  }
  return {};
}

UsageProblem ExplainOf(const CLI::App& command, const CLI::ParseError& error,
                       const std::vector<std::string>& arguments) {
  const std::string message = error.what();
  if (UsageProblem problem = OneDash(command, arguments); !problem.what.empty()) return problem;
  // The error's name is the option's or the command's for some; its code is that of its kind.
  switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
    case CLI::ExitCodes::ExtrasError:
      return UnexpectedOperand(command, message, arguments);
    case CLI::ExitCodes::RequiredError:
      return MissingOperand(command, message);
    case CLI::ExitCodes::ArgumentMismatch:
      return WrongCount(command, message);
    case CLI::ExitCodes::ConversionError:
    case CLI::ExitCodes::InvalidError:
      return NotConverted(command, message);
    case CLI::ExitCodes::ExcludesError:
      return {absl::StrReplaceAll(message, {{" excludes ", " and "}}) + " exclude each other", ""};
    case CLI::ExitCodes::RequiresError:
      return {absl::StrReplaceAll(message, {{" requires ", " needs "}}), ""};
    default:
      return {message, ""};
  }
}

}  // namespace

UsageProblem UnknownCommand(const CLI::App& program, const std::string& name) {
  const std::vector<std::string> names = CommandNames(program);
  const std::string all = MainCommands(program);
  if (LooksLikeFile(name)) {
    return {
        absl::StrCat(InQuotes(name), " is no command; one comes first, as in: nbits info ", name),
        absl::StrCat("commands: ", all)};
  }
  const auto other = OtherNames().find(name);
  std::vector<std::string> meant = LikelyMeant(name, names, 1);
  if (other != OtherNames().end()) meant = {other->second};
  const std::string guess = meant.empty() ? "" : absl::StrCat("did you mean ", meant[0], "? ");
  return {absl::StrCat("unknown command ", InQuotes(name), " (", guess, all, ")"), ""};
}

UsageProblem ValueOfFlag(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* command = &program;
  for (const std::string& argument : arguments) {
    if (argument == "--") break;  // What follows are operands.
    if (command == &program && !LooksLikeOption(argument)) {
      const std::vector<const CLI::App*> all = program.get_subcommands(
          [&argument](const CLI::App* each) { return each->check_name(argument); });
      if (all.empty()) break;
      command = all.front();
    }
    const size_t equals = argument.find('=');
    if (!absl::StartsWith(argument, "--") || equals == std::string::npos) continue;
    const std::string name = argument.substr(0, equals);
    const CLI::Option* option = command->get_option_no_throw(name);
    const bool is_flag = option != nullptr && option->get_items_expected_max() == 0;
    // A flag of words stands for one of them alone, and takes the others.
    if (!is_flag || !ChoicesOf(*option).empty()) continue;
    return {
        absl::StrCat(name, " takes no value, and is given ", InQuotes(argument.substr(equals + 1))),
        ""};
  }
  return {};
}

UsageProblem ExplainUsage(const CLI::App& program, const CLI::ParseError& error,
                          const std::vector<std::string>& arguments) {
  const std::vector<CLI::App*> commands = program.get_subcommands();
  const std::vector<std::string> left = program.remaining(false);
  if (commands.empty()) return WithoutCommand(program, arguments);
  if (!left.empty()) {
    return LooksLikeOption(left[0]) ? OptionInFront(program, left[0])
                                    : UnknownCommand(program, left[0]);
  }
  const CLI::App& command = *commands.front();
  const std::vector<std::string> unknown = command.remaining(true);
  const auto option = std::find_if(unknown.begin(), unknown.end(), LooksLikeOption);
  if (option != unknown.end()) return UnknownOption(program, command, *option);
  return ExplainOf(command, error, arguments);
}

int SayUsageProblem(const UsageProblem& problem) {
  std::fprintf(stderr, "nbits: %s\n", Printable(problem.what).c_str());
  if (!problem.hint.empty()) std::fprintf(stderr, "nbits: %s\n", Printable(problem.hint).c_str());
  return kWrongUsage;
}

}  // namespace nbits::cli
