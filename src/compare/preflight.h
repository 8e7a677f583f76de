// SPDX-License-Identifier: Apache-2.0
// What can be known to go wrong before anything is run.
#ifndef NBITS_COMPARE_PREFLIGHT_H_
#define NBITS_COMPARE_PREFLIGHT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compare/judge/task.h"
#include "nbits/compare.h"
#include "nbits/results.h"

namespace nbits {

// NotFound, naming all of them, when variants' files are not there.
absl::Status CheckVariants(const CompareOptions& options);

// NotFound, naming it, when the folder of masks or the table of labels is not there, or no mask has
// a picture's name; InvalidArgument when options.needed_measures holds one that cannot come of
// these options. Looks at no variant.
absl::Status CheckBeforeRun(const CompareOptions& options,
                            const std::vector<std::string>& pictures);

// FailedPrecondition, with the reasons, when there are variants and each has failed already.
absl::Status CheckSomeVariant(const std::vector<VariantResult>& rows);

// The same as soon as the task is known: InvalidArgument when a needed measure is none of the task,
// or options.allowed_loss is in another unit than the task's measure. `labelled`: true classes are
// known.
absl::Status CheckForTask(const CompareOptions& options, const Task& task, bool labelled);

}  // namespace nbits

#endif  // NBITS_COMPARE_PREFLIGHT_H_
