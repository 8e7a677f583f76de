// SPDX-License-Identifier: Apache-2.0
// How far two processes of one model are apart: differences below that mean nothing.
#ifndef NBITS_COMPARE_NOISE_H_
#define NBITS_COMPARE_NOISE_H_

#include "nbits/results.h"

namespace nbits {

// Of the original's two rows, finished and with their metrics; what one of them lacks is not set.
NoiseFloor NoiseBetween(const VariantResult& first, const VariantResult& second);

}  // namespace nbits

#endif  // NBITS_COMPARE_NOISE_H_
