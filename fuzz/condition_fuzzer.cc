// SPDX-License-Identifier: Apache-2.0
// Any text as a condition of --fail-if, tried on rows with and without figures.
#include "fuzz/fuzz.h"
#include "nbits/report.h"
#include "results/metric_fields.h"

namespace {

nbits::VariantResult Row(const char* name, bool measured, double figure) {
  nbits::VariantResult row;
  row.name = name;
  row.is_original = figure == 1;
  row.bytes = 1000;
  if (!measured) return row;
  row.median_ms = 10 * figure;
  row.peak_memory_bytes = 5000;
  for (const nbits::MetricField& field : nbits::kMetricFields) row.metrics.*field.member = figure;
  return row;
}

nbits::Results Rows(bool measured) {
  nbits::Results results;
  results.variants = {Row("original", measured, 1), Row("small", measured, 0.75),
                      Row("failed", measured, 0.5)};
  results.variants[2].error = "it failed";
  return results;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const nbits::Results measured = Rows(true), bare = Rows(false);
  const absl::string_view text = nbits::fuzz::Text(data, size);
  const bool is_condition = nbits::CheckCondition(text).ok();
  for (const nbits::Results* results : {&measured, &bare}) {
    const absl::Status verdict = nbits::FailIf(*results, text);
    // A row that failed always counts, so that the verdict is never "fine" here.
    nbits::fuzz::Require(verdict.code() == (is_condition ? absl::StatusCode::kFailedPrecondition
                                                         : absl::StatusCode::kInvalidArgument));
  }
  return 0;
}
