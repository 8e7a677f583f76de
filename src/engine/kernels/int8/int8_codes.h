// SPDX-License-Identifier: Apache-2.0
// Weight codes as the product of bytes wants them.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_CODES_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_CODES_H_

#include <cstdint>

namespace nbits {

// values[i] = codes[i] - middle in 8 bits (wrapping), for i < count; returns their sum, which must
// fit 31 bits.
int32_t CenterCodes(const uint8_t* codes, int64_t count, int middle, int8_t* values);

namespace reference {
int32_t CenterCodes(const uint8_t* codes, int64_t count, int middle, int8_t* values);
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_CODES_H_
