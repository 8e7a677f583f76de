// SPDX-License-Identifier: Apache-2.0
// What object detectors find: boxes with a class, from a model's outputs, and drawn on a picture.
//
// Source: NonMaximumSuppression.proto of the Core ML format, whose two outputs these are.
#ifndef NBITS_DETECTION_H_
#define NBITS_DETECTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// Lengths are relative to the picture: 0 is its left or upper edge, 1 the other.
struct Detection {
  int class_id = 0;
  double confidence = 0;
  double x = 0, y = 0;  // Of the box's centre.
  double width = 0, height = 0;
};

// One for each row of the two outputs, with the class of its largest confidence, in their order;
// rows without any confidence fill the outputs up and are left out. InvalidArgument when an output
// is missing or is not [boxes, classes] or [boxes, 4].
//
// Example:
//   nbits::TensorMap outputs = {{"confidence", {{1, 2}, {0.1f, 0.7f}}},
//                               {"coordinates", {{1, 4}, {0.5f, 0.5f, 0.2f, 0.4f}}}};
//   auto found = nbits::DetectionsOf({"confidence", "coordinates"}, outputs);
//   if (!found.ok()) return found.status();
//   assert(found->size() == 1 && found->front().class_id == 1);
absl::StatusOr<std::vector<Detection>> DetectionsOf(const DetectorOutputs& names,
                                                    const TensorMap& outputs);

// "dog", or "class 3" where there is no such label.
std::string LabelOf(const std::vector<std::string>& labels, int class_id);

// `image` in RGB with every box in its class's colour and, above it, the label and the confidence
// in percent. The least confident are drawn first. ResourceExhausted: no memory to draw.
absl::StatusOr<Image> DrawDetections(const Image& image, const std::vector<Detection>& detections,
                                     const std::vector<std::string>& labels);

}  // namespace nbits

#endif  // NBITS_DETECTION_H_
