// SPDX-License-Identifier: Apache-2.0
// What `nbits info` says of a model, as text for a terminal and as JSON.
#ifndef NBITS_CLI_INFO_INFO_REPORT_H_
#define NBITS_CLI_INFO_INFO_REPORT_H_

#include <string>
#include <vector>

#include "nbits/model.h"

namespace nbits::cli {

// All weights that are stored alike.
struct StorageSummary {
  std::string storage;  // "Float32", "Float16", "4-bit linear", "8-bit table", ...
  int64_t count = 0;
  int64_t elements = 0;
  int64_t bytes = 0;  // Values, scales, offsets and tables.
};

std::string StorageName(const PackedTensor& tensor);
int64_t StoredBytes(const PackedTensor& tensor);

// Most bytes first.
std::vector<StorageSummary> SummarizeStorage(const Model& model);

// Aligned lines. With `each_weight` every weight is listed. Control characters of the file's texts
// come out as spaces.
std::string InfoText(const Model& model, const std::string& path, bool each_weight);

// One object, indented; text that is not UTF-8 is replaced character by character.
//   {"file", "bytes", "type", "specification_version", "updatable", "inputs": [...],
//    "outputs": [...], "members": [{"path", "name", "type", "bytes", "updatable"}] of a pipeline,
//    "layers": [{"kind", "count"}], "weights": [{"storage", "count", "elements", "bytes"}],
//    "refused": [{"path", "reason"}] (what Core ML refuses in the file),
//    "class_labels": [...], "metadata": {...},
//    "each_weight": [{"path", "layer_type", "field", "shape", "storage", "bits", "bytes"}]}
std::string InfoJson(const Model& model, const std::string& path, bool each_weight);

}  // namespace nbits::cli

#endif  // NBITS_CLI_INFO_INFO_REPORT_H_
