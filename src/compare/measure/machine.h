// SPDX-License-Identifier: Apache-2.0
// Facts about this machine for the results.
#ifndef NBITS_COMPARE_MEASURE_MACHINE_H_
#define NBITS_COMPARE_MEASURE_MACHINE_H_

#include <string>

#include "nbits/results.h"

namespace nbits {

// Sets cpu ("unknown" when the system does not say), memory_bytes, system and instructions (the
// instruction set that our kernels run on).
void DescribeMachine(Results& results);
std::string UtcNow();  // ISO 8601, to the second.

}  // namespace nbits

#endif  // NBITS_COMPARE_MEASURE_MACHINE_H_
