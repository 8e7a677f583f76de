// SPDX-License-Identifier: Apache-2.0
// What a comparison is of, as far as it is known before anything runs.
#ifndef NBITS_COMPARE_COMPARED_INPUTS_H_
#define NBITS_COMPARE_COMPARED_INPUTS_H_

#include "compare/samples.h"
#include "nbits/model.h"

namespace nbits {

struct ComparedInputs {
  ModelDescription original;
  Samples samples;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_COMPARED_INPUTS_H_
