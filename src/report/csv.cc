// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/printable.h"
#include "nbits/report.h"
#include "results/metric_fields.h"

namespace nbits {
namespace {

std::string Quoted(absl::string_view raw) {
  const std::string text = Printable(raw);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

template <typename T>
std::string CsvCell(const std::optional<T>& value) {
  return value ? absl::StrCat(*value) : "";
}

std::string CsvCell(const std::optional<std::string>& text) { return text ? Quoted(*text) : ""; }

std::string FiniteCell(double value) { return std::isfinite(value) ? absl::StrCat(value) : ""; }

std::vector<std::string> ColumnNames() {
  std::vector<std::string> names = {"name",   "file",      "is_original",      "bits",
                                    "mode",   "bytes",     "load_ms",          "median_ms",
                                    "min_ms", "spread_ms", "peak_memory_bytes"};
  for (const MetricField& field : kMetricFields) names.push_back(field.name);
  for (const MetricField& field : kMetricFields) {
    names.insert(names.end(),
                 {absl::StrCat(field.name, "_low"), absl::StrCat(field.name, "_high")});
  }
  names.insert(names.end(), {"blank_masks", "nonfinite_values", "policy", "error"});
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
  for (const MetricField& field : kMetricFields) {
    const auto found = variant.intervals.find(field.name);
    const bool known = found != variant.intervals.end();
    cells.push_back(known ? FiniteCell(found->second.low) : "");
    cells.push_back(known ? FiniteCell(found->second.high) : "");
  }
  cells.push_back(absl::StrCat(variant.blank_masks));
  cells.push_back(absl::StrCat(variant.nonfinite_values));
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
