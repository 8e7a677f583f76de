// SPDX-License-Identifier: Apache-2.0
// Ground truth: masks of a folder, and the mapping of their ids to a model's classes.
#ifndef NBITS_COMPARE_JUDGE_TRUTH_H_
#define NBITS_COMPARE_JUDGE_TRUTH_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/judge/task.h"
#include "nbits/class_map.h"
#include "nbits/compare.h"

namespace nbits {

// Whether the class that grey masks mark is one of the task's. InvalidArgument, with the classes
// that there are, when it is not, or has another name there, or the task is not segmentation.
absl::Status CheckJudgedClass(const Task& task, const JudgedClass& judged);

// Where the mask of `picture` would be: "a.jpg" -> FOLDER/a.png.
std::string MaskFile(const std::string& folder, const std::string& picture);

// The mask of `picture` ("a.jpg" -> FOLDER/a.png) in ids below task.classes or kIgnoredClass,
// scaled to width x height; nullopt when there is none. InvalidArgument for a file that is no mask
// or holds other ids.
absl::StatusOr<std::optional<ClassMap>> ReadTruth(const std::string& folder,
                                                  const std::string& picture, const Task& task,
                                                  const MaskMap& mask_map, int width, int height);

// The second half of ReadTruth: values of a mask as read to the model's classes. `mask_map` is
// applied first. Without one, for two classes, a mask without an id 1 is taken as grey: above 127
// is class 1. What is not the class of a grey mask becomes the background, or kIgnoredClass where
// the background is what the masks mark.
absl::Status MapIds(ClassMap& mask, const Task& task, const MaskMap& mask_map);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_TRUTH_H_
