// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cli/command.h"
#include "cli/quantize/quantize_report.h"

namespace nbits::cli {
namespace {

constexpr char kHead[] =
    "weight,layer,layer_type,elements,from,to,bytes_before,bytes_after,snr_db,squared_error,"
    "max_absolute_error,zeros_flipped,zeros_flipped_share,kept_because,findings\n";

// Names of layers may hold anything.
std::string CsvCell(const std::string& text) {
  const std::string line = Printable(text);
  if (line.find_first_of(",\"") == std::string::npos) return line;
  return absl::StrCat("\"", absl::StrReplaceAll(line, {{"\"", "\"\""}}), "\"");
}

// 9 digits bring back every Float32; "inf" is the SNR of an exact weight.
std::string Number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return absl::StrFormat("%.9g", value);
}

std::string Errors(const WeightReport* error) {
  if (error == nullptr) return ",,,,";
  return absl::StrCat(Number(error->snr_db), ",", Number(error->squared_error), ",",
                      Number(error->max_absolute_error), ",", error->zeros_flipped, ",",
                      Number(FlippedShare(*error)));
}

// For each weight "1 of 8 channels are stored as a single value, worst 0; ...".
std::vector<std::string> FindingsOfWeights(const QuantizeResult& result) {
  std::vector<std::string> texts(result.rows.size());
  for (const Finding& finding : result.report.findings) {
    if (finding.weight >= texts.size()) continue;
    std::string& text = texts[finding.weight];
    const std::string sentence = FindingText(finding);
    absl::StrAppend(&text, text.empty() ? "" : "; ", sentence.substr(finding.path.size() + 2));
  }
  return texts;
}

}  // namespace

std::string ErrorsCsv(const QuantizeResult& result) {
  std::string text = kHead;
  const std::vector<std::string> findings = FindingsOfWeights(result);
  for (size_t i = 0; i < result.rows.size(); ++i) {
    const WeightRow& row = result.rows[i];
    absl::StrAppend(&text, CsvCell(row.path), ",", CsvCell(row.layer), ",", row.layer_type, ",",
                    row.elements, ",", row.from, ",", row.to, ",", row.bytes_before, ",",
                    row.bytes_after, ",");
    absl::StrAppend(&text, Errors(row.error), ",", CsvCell(row.reason), ",", CsvCell(findings[i]),
                    "\n");
  }
  return text;
}

}  // namespace nbits::cli
