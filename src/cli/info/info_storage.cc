// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/info/info_report.h"

namespace nbits::cli {

std::string StorageName(const PackedTensor& tensor) {
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      return "Float32";
    case Scheme::kFloat16:
      return "Float16";
    case Scheme::kLinear:
      return absl::StrCat(tensor.bits, "-bit linear");
    case Scheme::kSignedLinear:
      return absl::StrCat(tensor.bits, "-bit signed linear");
    case Scheme::kLookupTable:
      return absl::StrCat(tensor.bits, "-bit table");
  }
  return "unknown";
}

int64_t StoredBytes(const PackedTensor& tensor) {
  const size_t parameters = tensor.scale.size() + tensor.offset.size() + tensor.table.size();
  return static_cast<int64_t>(tensor.bytes.size() + parameters * sizeof(float));
}

std::vector<StorageSummary> SummarizeStorage(const Model& model) {
  std::vector<StorageSummary> rows;
  for (const WeightRef& weight : model.weights()) {
    const std::string name = StorageName(weight.tensor);
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const StorageSummary& known) { return known.storage == name; });
    if (row == rows.end()) row = rows.insert(row, {.storage = name});
    ++row->count;
    row->elements += ElementCount(weight.tensor.shape).value_or(0);
    row->bytes += StoredBytes(weight.tensor);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return rows;
}

}  // namespace nbits::cli
