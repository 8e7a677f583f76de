#include "cli/build_facts.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace nbits::cli {
namespace {

std::string Quoted(const std::string& argument) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  return absl::StrCat("'", absl::StrReplaceAll(argument, {{"'", "'\\''"}}), "'");
}

}  // namespace

std::string BuildCommit() { return NBITS_COMMIT; }

std::string CommandLine() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!text.empty() && text.back() == '\0') text.pop_back();
  std::string line;
  bool first = true;
  const std::vector<std::string> arguments = absl::StrSplit(text, '\0');
  for (const std::string& argument : arguments) {
    const std::string shown =
        first ? std::filesystem::path(argument).filename().string() : Quoted(argument);
    absl::StrAppend(&line, first ? "" : " ", shown);
    first = false;
  }
  return line;
}

}  // namespace nbits::cli
