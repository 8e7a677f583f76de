// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/figures.h"
#include "base/printable.h"
#include "nbits/report.h"
#include "results/metric_fields.h"
#include "results/words.h"

namespace nbits {
namespace {

// Text of a cell: nothing that Markdown or HTML would take for more than text.
std::string MarkdownCell(absl::string_view text) {
  return absl::StrReplaceAll(
      Printable(text, ' '),
      {{"|", "\\|"}, {"<", "&lt;"}, {"`", "\\`"}, {"*", "\\*"}, {"_", "\\_"}});
}

bool IsMeasured(const Results& results, const MetricField& field) {
  for (const VariantResult& variant : results.variants) {
    if (variant.metrics.*field.member) return true;
  }
  return false;
}

std::string Row(const std::vector<std::string>& cells) {
  return absl::StrCat("| ", absl::StrJoin(cells, " | "), " |\n");
}

std::vector<std::string> Titles(const Results& results) {
  std::vector<std::string> titles = {"model", "size", "smaller", "time", "memory"};
  for (const MetricField& field : kMetricFields) {
    if (!IsMeasured(results, field)) continue;
    titles.push_back(MarkdownCell(MeasureTitle(results, field.name)));
  }
  return titles;
}

std::vector<std::string> Cells(const Results& results, const VariantResult& variant) {
  const double ratio = static_cast<double>(results.variants.front().bytes) /
                       static_cast<double>(std::max<int64_t>(1, variant.bytes));
  std::vector<std::string> cells = {MarkdownCell(variant.name), BytesText(variant.bytes),
                                    absl::StrFormat("%.2f x", ratio)};
  cells.push_back(variant.median_ms ? absl::StrFormat("%.1f ± %.1f ms", *variant.median_ms,
                                                      variant.spread_ms.value_or(0) / 2)
                                    : "");
  cells.push_back(variant.peak_memory_bytes ? BytesText(*variant.peak_memory_bytes) : "");
  for (const MetricField& field : kMetricFields) {
    if (!IsMeasured(results, field)) continue;
    const auto& value = variant.metrics.*field.member;
    cells.push_back(
        value ? absl::StrCat(MeasureText(field.name, *value), IntervalText(field, variant))
              : EqualText(field, variant));
  }
  if (variant.error) cells[3] = absl::StrCat("failed: ", MarkdownCell(*variant.error));
  return cells;
}

}  // namespace

std::string ResultsToMarkdown(const Results& results) {
  std::string text = absl::StrCat("### ", MarkdownCell(results.model_name), "\n\n",
                                  MarkdownCell(VerdictText(results)), "\n\n");
  const std::vector<std::string> titles = Titles(results);
  absl::StrAppend(&text, Row(titles), Row(std::vector<std::string>(titles.size(), "---")));
  for (const VariantResult& variant : results.variants) {
    absl::StrAppend(&text, Row(Cells(results, variant)));
  }
  absl::StrAppend(&text, "\n", SamplesText(results), MarkdownCell(results.cpu), ", ",
                  CountText(results.threads, "thread"), ".\n");
  return text;
}

}  // namespace nbits
