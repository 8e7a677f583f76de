// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "compare/metric_fields.h"
#include "nbits/report.h"

namespace nbits {
namespace {

std::string Quoted(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

template <typename T>
std::string CsvCell(const std::optional<T>& value) {
  return value ? absl::StrCat(*value) : "";
}

std::string CsvCell(const std::optional<std::string>& text) { return text ? Quoted(*text) : ""; }

std::vector<std::string> ColumnNames() {
  std::vector<std::string> names = {"name",   "file",      "is_original",      "bits",
                                    "mode",   "bytes",     "load_ms",          "median_ms",
                                    "min_ms", "spread_ms", "peak_memory_bytes"};
  for (const MetricField& field : kMetricFields) names.push_back(field.name);
  names.insert(names.end(), {"policy", "error"});
  return names;
}

std::vector<std::string> Row(const VariantResult& variant) {
  std::vector<std::string> cells = {Quoted(variant.name),
                                    Quoted(variant.file),
                                    variant.is_original ? "true" : "false",
                                    CsvCell(variant.bits),
                                    CsvCell(variant.mode),
                                    absl::StrCat(variant.bytes),
                                    CsvCell(variant.load_ms),
                                    CsvCell(variant.median_ms),
                                    CsvCell(variant.min_ms),
                                    CsvCell(variant.spread_ms),
                                    CsvCell(variant.peak_memory_bytes)};
  for (const MetricField& field : kMetricFields) {
    cells.push_back(CsvCell(variant.metrics.*field.member));
  }
  cells.push_back(CsvCell(variant.policy));
  cells.push_back(CsvCell(variant.error));
  return cells;
}

}  // namespace

std::string ResultsToCsv(const Results& results) {
  std::string csv = absl::StrJoin(ColumnNames(), ",") + "\n";
  for (const VariantResult& variant : results.variants) {
    absl::StrAppend(&csv, absl::StrJoin(Row(variant), ","), "\n");
  }
  return csv;
}

}  // namespace nbits
