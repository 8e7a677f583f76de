// SPDX-License-Identifier: Apache-2.0
// RunInt8Product with AVX-512 VNNI, which Highway 1.0.3 has no operation for.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_PRODUCT_VNNI_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_PRODUCT_VNNI_H_

#include "engine/kernels/int8/int8_product.h"

namespace nbits {

// Whether this machine has it.
bool HasVnni();
// Only where it has.
void RunVnniProduct(const Int8Product& product);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_PRODUCT_VNNI_H_
