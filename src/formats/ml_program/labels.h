// SPDX-License-Identifier: Apache-2.0
// The labels of a classifier that is an ML Program: the classes of its operation `classify`.
#ifndef NBITS_FORMATS_ML_PROGRAM_LABELS_H_
#define NBITS_FORMATS_ML_PROGRAM_LABELS_H_

#include <string>
#include <vector>

#include "proto/mil.pb.h"

namespace nbits {

// Integers as decimal text; empty when there is no `classify`, or none that can be read.
std::vector<std::string> ProgramLabels(const schema::mil::Program& program);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_LABELS_H_
