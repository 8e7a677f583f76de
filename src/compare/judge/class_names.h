// SPDX-License-Identifier: Apache-2.0
// Names of a segmentation's classes from a text file, for models that do not carry them.
#ifndef NBITS_COMPARE_JUDGE_CLASS_NAMES_H_
#define NBITS_COMPARE_JUDGE_CLASS_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compare/judge/task.h"

namespace nbits {

// One name a line, the first of class 0; white space around names and empty lines at the end do not
// count. InvalidArgument: none, more than 255, or an empty line between names.
absl::StatusOr<std::vector<std::string>> ParseClassNames(absl::string_view text);

// Gives the classes of `task` the names of this file; nothing when `file` is empty. InvalidArgument
// when the task has no masks or gives another number of classes.
absl::Status NameClasses(const std::string& file, Task& task);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_CLASS_NAMES_H_
