// SPDX-License-Identifier: Apache-2.0
// Element-wise work on rows of Float32, on the best instruction set of the machine (Highway). Rows
// may have any length and alignment; an output may be one of the inputs. Values that are not
// numbers may come out otherwise than from the plain kernels.
#ifndef NBITS_ENGINE_KERNELS_COMMON_VECTOR_ROWS_H_
#define NBITS_ENGINE_KERNELS_COMMON_VECTOR_ROWS_H_

#include <cstdint>

#include "graph/ops.h"

namespace nbits {

// out = f(scale * in + shift). Exponential functions and what is made of them are within 8 units in
// the last place of their largest part. Functions without a vector form go through ApplyUnary.
void UnaryRow(const graph::Unary& op, const float* in, float* out, int64_t count);

// kAdd, kSubtract, kMultiply, kDivide, kMinimum, kMaximum; HasBinaryRow tells.
bool HasBinaryRow(graph::BinaryOperation operation);
void BinaryRow(graph::BinaryOperation operation, const float* a, const float* b, float* out,
               int64_t count);
// `period` holds 16 values that stand for one of the operands, again and again; count % 16 == 0.
void BinaryRowPeriodic(graph::BinaryOperation operation, const float* a, const float* period,
                       bool period_first, float* out, int64_t count);

// out = scale[i % 16] * in + offset[i % 16]; count % 16 == 0.
void AffineRow(const float* in, const float* scale, const float* offset, float* out, int64_t count);
// out = in < 0 ? alpha[i % 16] * in : in; count % 16 == 0.
void ParametricReluRow(const float* in, const float* alpha, float* out, int64_t count);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_VECTOR_ROWS_H_
