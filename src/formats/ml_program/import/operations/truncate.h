// SPDX-License-Identifier: Apache-2.0
// Conversion to integers.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_TRUNCATE_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_TRUNCATE_H_

#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {

// The values without their fractions, towards zero.
absl::StatusOr<TensorId> Truncated(const Operation& op, TensorId x);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_TRUNCATE_H_
