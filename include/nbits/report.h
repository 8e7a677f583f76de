// Results in the forms that people and programs read.
//
// Example:
//   NBITS_RETURN_IF_ERROR(nbits::WriteReports(results, "out"));
//   std::cout << nbits::ResultsTable(results, {});
#ifndef NBITS_REPORT_H_
#define NBITS_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/results.h"

namespace nbits {

// The document of docs/results.md. Bytes that are not UTF-8 become U+FFFD.
std::string ResultsToJson(const Results& results);
// InvalidArgument, naming the field, for anything that is not such a document: wrong types, another
// version, pictures whose outputs do not match the variants, paths that leave the folder.
absl::StatusOr<Results> ResultsFromJson(absl::string_view text);

// One line per variant after a line of column names (RFC 4180, LF line ends).
std::string ResultsToCsv(const Results& results);

struct TableOptions {
  bool color = false;  // ANSI colours, for terminals.
};
// An aligned table, a line per variant. Columns without any value are left out.
std::string ResultsTable(const Results& results, const TableOptions& options);

// `page` with the document in place of {"nbits":"results"} and every picture, read from `folder`,
// as a data: URI. InvalidArgument when `page` does not hold that text exactly once.
absl::StatusOr<std::string> FillReport(absl::string_view page, const Results& results,
                                       const std::string& folder);

// Writes results.json, results.csv and report.html into `folder`, which holds the pictures.
// FailedPrecondition, after the first two are written, when nbits was built without its page.
absl::Status WriteReports(const Results& results, const std::string& folder);

}  // namespace nbits

#endif  // NBITS_REPORT_H_
