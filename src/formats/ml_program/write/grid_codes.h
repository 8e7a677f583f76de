// SPDX-License-Identifier: Apache-2.0
// Codes of grids that stand for 0.
#ifndef NBITS_FORMATS_ML_PROGRAM_WRITE_GRID_CODES_H_
#define NBITS_FORMATS_ML_PROGRAM_WRITE_GRID_CODES_H_

#include "nbits/packed_tensor.h"

namespace nbits {

// The code that stands for 0, of a channel.
double ZeroPoint(const PackedTensor& tensor, size_t channel);

// Whether all channels have the middle code for 0: two's complement codes without zero point.
bool IsCentred(const PackedTensor& tensor);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_WRITE_GRID_CODES_H_
