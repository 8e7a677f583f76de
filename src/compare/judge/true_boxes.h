// SPDX-License-Identifier: Apache-2.0
// Ground truth of object detectors: boxes from text files.
#ifndef NBITS_COMPARE_JUDGE_TRUE_BOXES_H_
#define NBITS_COMPARE_JUDGE_TRUE_BOXES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/detection.h"

namespace nbits {

// The boxes of a text, one on each line: class id, x and y of the centre, width, height, all but
// the first relative to the picture (Ultralytics' "YOLO format"). InvalidArgument, with `name` and
// the line, for anything else, and for a class that is none of `classes` (0: any is).
absl::StatusOr<std::vector<Detection>> ParseTrueBoxes(absl::string_view text,
                                                      absl::string_view name, size_t classes);

// Those of `picture` ("a.jpg" -> FOLDER/a.txt); nullopt when there is no file, or no folder is
// given.
absl::StatusOr<std::optional<std::vector<Detection>>> ReadTrueBoxes(const std::string& folder,
                                                                    const std::string& picture,
                                                                    size_t classes);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_TRUE_BOXES_H_
