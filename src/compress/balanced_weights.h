// SPDX-License-Identifier: Apache-2.0
// Which weights balanced rounding is for.
#ifndef NBITS_COMPRESS_BALANCED_WEIGHTS_H_
#define NBITS_COMPRESS_BALANCED_WEIGHTS_H_

#include "nbits/plan.h"

namespace nbits {

// Kernels whose channels add up products with what came before, most often from a ReLU: of
// convolutions, inner products and products of matrices, in tables of nbits' own. Not recurrent
// matrices, whose inputs have a mean of about 0, nor embedding tables, whose values are not summed.
bool HasBalancedRounding(const WeightRef& weight, const PlanEntry& entry);

}  // namespace nbits

#endif  // NBITS_COMPRESS_BALANCED_WEIGHTS_H_
