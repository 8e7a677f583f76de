// SPDX-License-Identifier: Apache-2.0
#include "nbits/detection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace nbits {

absl::StatusOr<std::vector<Detection>> DetectionsOf(const DetectorOutputs& names,
                                                    const TensorMap& outputs) {
  const auto confidence = outputs.find(names.confidence);
  const auto coordinates = outputs.find(names.coordinates);
  if (confidence == outputs.end() || coordinates == outputs.end()) {
    return absl::InvalidArgumentError(absl::StrCat("no outputs '", names.confidence, "' and '",
                                                   names.coordinates, "' of a detector"));
  }
  const Shape& shape = confidence->second.shape;
  if (shape.size() != 2 || coordinates->second.shape != Shape{shape[0], 4} ||
      (shape[0] > 0 && shape[1] < 1)) {
    return absl::InvalidArgumentError(absl::StrCat("outputs '", names.confidence, "' and '",
                                                   names.coordinates,
                                                   "' are not [boxes, classes] and [boxes, 4]"));
  }
  std::vector<Detection> detections;
  for (int64_t i = 0; i < shape[0]; ++i) {
    const float* row = confidence->second.values.data() + i * shape[1];
    const float* best = std::max_element(row, row + shape[1]);
    const float* box = coordinates->second.values.data() + 4 * i;
    if (!(*best > 0)) continue;
    detections.push_back({static_cast<int>(best - row), *best, box[0], box[1], box[2], box[3]});
  }
  return detections;
}

std::string LabelOf(const std::vector<std::string>& labels, int class_id) {
  const auto index = static_cast<size_t>(class_id);
  return index < labels.size() ? labels[index] : absl::StrCat("class ", class_id);
}

}  // namespace nbits
