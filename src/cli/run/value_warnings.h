// SPDX-License-Identifier: Apache-2.0
// What is to be said on standard error about values that a run has computed.
#ifndef NBITS_CLI_RUN_VALUE_WARNINGS_H_
#define NBITS_CLI_RUN_VALUE_WARNINGS_H_

#include "nbits/predictor.h"
#include "nbits/tensor.h"

namespace nbits::cli {

// One line that names the outputs with NaN or infinite values; nothing when all are finite.
void WarnOfNonFinite(const TensorMap& outputs);

// One line when tensors have left Float16's range, in which they were to be stored.
void NoteWideTensors(const Predictor& predictor);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_VALUE_WARNINGS_H_
