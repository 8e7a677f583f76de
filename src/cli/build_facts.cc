// SPDX-License-Identifier: Apache-2.0
#include "cli/build_facts.h"

#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/system.h"

namespace nbits::cli {

std::string ShellQuoted(const std::string& argument) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  return absl::StrCat("'", absl::StrReplaceAll(argument, {{"'", "'\\''"}}), "'");
}

std::string BuildCommit() { return NBITS_COMMIT; }

std::string CommandLine() {
  std::string line;
  bool first = true;
  for (const std::string& argument : ProcessArguments()) {
    const std::string shown =
        first ? std::filesystem::path(argument).filename().string() : ShellQuoted(argument);
    absl::StrAppend(&line, first ? "" : " ", shown);
    first = false;
  }
  return line;
}

}  // namespace nbits::cli
