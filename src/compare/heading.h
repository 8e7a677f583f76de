// SPDX-License-Identifier: Apache-2.0
// What stands above the table: what was compared, by what, where and when.
#ifndef NBITS_COMPARE_HEADING_H_
#define NBITS_COMPARE_HEADING_H_

#include "compare/judge/task.h"
#include "nbits/compare.h"
#include "nbits/model.h"
#include "nbits/results.h"

namespace nbits {

// Fills in the time, the program, the machine, the original `model` and its task with labels and
// colours.
void FillHeading(const CompareOptions& options, const ModelDescription& model, const Task& task,
                 Results& results);

}  // namespace nbits

#endif  // NBITS_COMPARE_HEADING_H_
