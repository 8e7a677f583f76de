// SPDX-License-Identifier: Apache-2.0
// What operations that resample have in common.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_SAMPLING_MODE_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_SAMPLING_MODE_H_

#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {

// The sampling modes of resize_bilinear, resize and crop_resize.
enum class SamplingMode : uint8_t {
  kStrictAlignCorners,
  kAlignCorners,
  kDefault,
  kOffsetCorners,
  kUnalignCorners,
};

// Of the argument "sampling_mode"; DEFAULT when it is missing.
absl::StatusOr<SamplingMode> SamplingModeOf(const Operation& op);

// InvalidArgument for extents below 1 or above kMaxElements.
absl::Status CheckPlane(const Pair& plane);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_SAMPLING_MODE_H_
