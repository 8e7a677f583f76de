// SPDX-License-Identifier: Apache-2.0
// What `nbits run` makes of an object detector's outputs.
#ifndef NBITS_CLI_RUN_RUN_DETECTIONS_H_
#define NBITS_CLI_RUN_RUN_DETECTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/detection.h"

namespace nbits::cli {

struct DetectionReport {
  std::vector<Detection> found;
  std::vector<std::string> labels;  // Of the classes.
  std::vector<std::string> files;
};

// Writes into the existing `folder`: detections.json, detections.csv and, unless `picture` is
// empty, detections.png, the picture with the boxes.
absl::StatusOr<DetectionReport> WriteDetections(std::vector<Detection> found,
                                                const std::vector<std::string>& labels,
                                                const Image& picture, const std::string& folder);

// A line for each box, as parts of the picture.
std::string DetectionsText(const DetectionReport& report);

// [{"label", "class", "confidence", "x", "y", "width", "height"}], relative to the picture, x and y
// of the centre.
std::string DetectionsJson(const DetectionReport& report);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_RUN_DETECTIONS_H_
