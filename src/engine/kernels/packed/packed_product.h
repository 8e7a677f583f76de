// SPDX-License-Identifier: Apache-2.0
// The inner loops of PackedMatrix, on the best instruction set of the machine.
#ifndef NBITS_ENGINE_KERNELS_PACKED_PACKED_PRODUCT_H_
#define NBITS_ENGINE_KERNELS_PACKED_PACKED_PRODUCT_H_

#include <cstdint>

#include "engine/kernels/packed/packed_matrix.h"

namespace nbits {

// See PackedMatrix::Multiply.
struct PackedProduct {
  const PackedMatrix& matrix;
  const ArrangedVectors& vectors;
  int64_t begin, end;
  float* out;
  int64_t out_pitch;
};
void RunPackedProduct(const PackedProduct& product);

// Words in a vector, which the order of arranged vectors depends on.
int64_t PackedLanes();

// Columns that rows are read by: a multiple of what any instruction set reads at a time.
inline constexpr int64_t kPackedColumns = CodeWords::kMostCodes * CodeWords::kMostLanes;

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PACKED_PACKED_PRODUCT_H_
