// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "base/file.h"
#include "base/status_macros.h"
#include "nbits/report.h"
#include "report/report_template.h"

namespace nbits {

absl::Status WriteReports(const Results& results, const std::string& folder) {
  const auto write = [&](const char* name, absl::string_view contents) {
    return WriteFileAtomically((std::filesystem::path(folder) / name).string(), contents);
  };
  NBITS_RETURN_IF_ERROR(write("results.json", ResultsToJson(results)));
  NBITS_RETURN_IF_ERROR(write("results.csv", ResultsToCsv(results)));
  if (ReportTemplate().empty()) {
    return absl::FailedPreconditionError(
        "nbits was built without npm and cannot write report.html; results.json and results.csv "
        "are written");
  }
  NBITS_ASSIGN_OR_RETURN(const std::string page, FillReport(ReportTemplate(), results, folder));
  return write("report.html", page);
}

}  // namespace nbits
