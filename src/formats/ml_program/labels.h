// SPDX-License-Identifier: Apache-2.0
// The labels of a classifier that is an ML Program: the classes of its operation `classify`.
#ifndef NBITS_COREML_PROGRAM_LABELS_H_
#define NBITS_COREML_PROGRAM_LABELS_H_

#include <string>
#include <vector>

#include "proto/mil.pb.h"

namespace nbits {

// Integers as decimal text; empty when there is no `classify`, or none that can be read.
std::vector<std::string> ProgramLabels(const schema::mil::Program& program);

}  // namespace nbits

#endif  // NBITS_COREML_PROGRAM_LABELS_H_
