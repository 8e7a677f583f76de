// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/compare/comparison.h"
#include "nbits/results.h"

namespace nbits::cli {
namespace {

constexpr char kReportDescription[] =
    "Draw the report of a folder again, also of a run that was cut short\n"
    "\n"
    "Reads FOLDER/results.json, as compare and sweep write it, and writes report.html and "
    "results.csv anew.";

absl::Status Run(const std::string& folder, const OutputForms& forms) {
  const std::string path = (std::filesystem::path(folder) / "results.json").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat(
        path, " is not there; compare and sweep write it into the folder that their -o names"));
  }
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  if (!forms.png.empty()) NBITS_RETURN_IF_ERROR(CheckWritable(forms.png));
  const auto results = ResultsFromJson(text);
  if (!results.ok()) return InFile(path, results.status());
  if (results->variants.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": no variant is in it"));
  }
  return PresentResults(*results, forms, folder);
}

}  // namespace

void AddReportCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("report", kReportDescription);
  static std::string folder;
  static OutputForms forms;
  command.add_option("FOLDER", folder, "The folder that compare or sweep wrote")->required();
  AddFormOptions(command, forms);
  SetAction(command, [] { return Run(folder, forms); });
}

}  // namespace nbits::cli
