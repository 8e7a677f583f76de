// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/info/info_report.h"
#include "cli/quantize/quantize_report.h"

namespace nbits::cli {

std::vector<WeightRow> RowsOf(const Model& changed, const CompressReport& report) {
  std::vector<WeightRow> rows;
  size_t next_changed = 0, next_kept = 0;
  for (size_t i = 0; i < changed.weights().size(); ++i) {
    const WeightRef& weight = changed.weights()[i];
    WeightRow& row = rows.emplace_back();
    row.path = weight.path;
    row.layer = weight.layer;
    row.layer_type = weight.layer_type;
    row.elements = ElementCount(weight.tensor.shape).value_or(0);
    row.from = StorageName(report.originals[i]);
    row.bytes_before = StoredBytes(report.originals[i]);
    row.bytes_after = StoredBytes(weight.tensor);
    if (next_changed < report.changed.size() && report.changed[next_changed].path == weight.path) {
      row.error = &report.changed[next_changed++];
      row.to = WeightFormatName({.mode = row.error->mode, .bits = row.error->bits});
    } else {
      row.to = "kept";
      if (next_kept < report.kept.size()) row.reason = report.kept[next_kept++].reason;
    }
  }
  return rows;
}

double FlippedShare(const WeightReport& weight) {
  if (weight.elements == 0) return 0;
  return static_cast<double>(weight.zeros_flipped) / static_cast<double>(weight.elements);
}

}  // namespace nbits::cli
