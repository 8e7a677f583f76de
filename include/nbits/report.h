// SPDX-License-Identifier: Apache-2.0
// Results in the forms that people and programs read.
//
// Example:
//   nbits::Results results;  // As nbits::Compare returns them.
//   results.variants.resize(2);
//   results.variants[0].is_original = true;
//   results.variants[0].bytes = 8'000'000;
//   results.variants[1].name = "4 bits";
//   results.variants[1].bytes = 1'000'000;
//   std::cout << nbits::ResultsTable(results, {.color = true});
//   return nbits::FailIf(results, "bytes_ratio > 0.2");
#ifndef NBITS_REPORT_H_
#define NBITS_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/results.h"

namespace nbits NBITS_EXPORT {

// One line per variant after a line of column names (RFC 4180, LF line ends).
std::string ResultsToCsv(const Results& results);

// A title, the verdict in words and a table, for a pull request (GitHub's Markdown).
std::string ResultsToMarkdown(const Results& results);

// What to take, what it saves, and what became of time and memory: a few sentences made from the
// figures, by the rule of docs/results.md, a line each. Nothing in it steers a terminal.
std::string VerdictText(const Results& results);

// "4 pictures, masks for 2 of them; times are known to 3.0 %": what the figures rest on.
std::string SamplesSummary(const Results& results);

// For use in tests of models: FailedPrecondition that names the variants for which `condition`
// ("miou_drop > 0.005 or time_ratio > 1.1"; docs/results.md has the grammar and the names) holds,
// that failed, or whose outputs hold NaN or infinities. NotFound where no variant is so bad, but a
// figure that decides was not measured, the truth that it rests on is hardly met by the original
// itself, or no row is the original's. InvalidArgument for a text that is not a condition, which
// CheckCondition tells beforehand.
absl::Status FailIf(const Results& results, absl::string_view condition);
absl::Status CheckCondition(absl::string_view condition);
// The measures that a condition asks about, for CompareOptions::needed_measures. InvalidArgument
// as of CheckCondition.
absl::StatusOr<std::vector<std::string>> ConditionMeasures(absl::string_view condition);
// The names that a condition may use, in one line for people.
std::string ConditionFigures();

struct TableOptions {
  bool color = false;  // ANSI colours, for terminals.
  // Characters that a line may be wide: titles are broken, and less needed columns are left out and
  // named below the table. 0: whatever it takes.
  size_t width = 0;
};
// An aligned table, a line per variant. Columns without any value are left out.
std::string ResultsTable(const Results& results, const TableOptions& options);

// `page` with the document in place of {"nbits":"results"} and every picture, read from `folder`,
// as a data: URI. InvalidArgument when `page` does not hold that text exactly once; otherwise the
// error of a picture that cannot be read.
absl::StatusOr<std::string> FillReport(absl::string_view page, const Results& results,
                                       const std::string& folder);

// A PNG for a README or a pull request: the pictures with the most damage, a column for the
// original and for up to six variants (the recommended and the smallest good one among them), with
// their figures. Reads the pictures from `folder`. FailedPrecondition without pictures; otherwise
// the error of one that cannot be read.
absl::StatusOr<std::string> ContactSheet(const Results& results, const std::string& folder);

// Writes results.json, results.csv and report.html into `folder`, which holds the pictures.
// FailedPrecondition, after the first two are written, when nbits was built without its page;
// otherwise the system's error with the path.
absl::Status WriteReports(const Results& results, const std::string& folder);

}  // namespace nbits

#endif  // NBITS_REPORT_H_
