// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "base/files/file.h"
#include "base/status_macros.h"
#include "nbits/report.h"
#include "report/report_template.h"

namespace nbits {

namespace {

namespace fs = std::filesystem;

// The table lies in the folder, and so names files as seen from there.
Results RelativeTo(const std::string& folder, Results results) {
  for (VariantResult& variant : results.variants) {
    std::error_code error;
    const fs::path file = fs::canonical(variant.file, error);
    if (error) continue;  // It is not there any more, or was seen from another folder.
    const fs::path relative = fs::proximate(file, fs::canonical(folder, error), error);
    if (!error) variant.file = relative.string();
  }
  return results;
}

}  // namespace

absl::Status WriteReports(const Results& results, const std::string& folder) {
  const auto write = [&](const char* name, absl::string_view contents) {
    return WriteFileAtomically((std::filesystem::path(folder) / name).string(), contents);
  };
  NBITS_RETURN_IF_ERROR(write("results.json", ResultsToJson(results)));
  NBITS_RETURN_IF_ERROR(write("results.csv", ResultsToCsv(RelativeTo(folder, results))));
  if (ReportTemplate().empty()) {
    return absl::FailedPreconditionError(
        "nbits was built without npm and cannot write report.html; results.json and results.csv "
        "are written");
  }
  NBITS_ASSIGN_OR_RETURN(const std::string page, FillReport(ReportTemplate(), results, folder));
  return write("report.html", page);
}

}  // namespace nbits
