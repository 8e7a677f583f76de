// SPDX-License-Identifier: Apache-2.0
// Where the weights of a linear layer stand in its tensor.
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_MATRIX_LAYOUT_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_MATRIX_LAYOUT_H_

#include <cstdint>

namespace nbits {

// Each group is a matrix W [outputs, K = inputs * taps]. The weight of group g, output o and input
// k = i * taps + t is element
//   g * group_stride + o * output_stride + i * input_stride + t
// of the row-major tensor: taps are contiguous.
struct MatrixLayout {
  int64_t groups = 1;
  int64_t outputs = 0, inputs = 0;  // Of a group.
  int64_t taps = 1;
  int64_t group_stride = 0, output_stride = 0, input_stride = 0;

  int64_t columns() const { return inputs * taps; }  // K.
  int64_t elements() const { return groups * outputs * columns(); }
  int64_t ElementOf(int64_t group, int64_t output, int64_t column) const {
    return group * group_stride + output * output_stride + column / taps * input_stride +
           column % taps;
  }
};

// A tensor [groups * outputs, inputs, taps]: convolutions, and inner products (taps 1). `outputs`
// and `inputs` are those of a group.
constexpr MatrixLayout OutputsFirst(int64_t groups, int64_t outputs, int64_t inputs, int64_t taps) {
  return {groups, outputs, inputs, taps, outputs * inputs * taps, inputs * taps, taps};
}

// A tensor [groups * inputs, outputs, taps]: transposed convolutions, and matrices [inputs,
// outputs] that a product has on its right.
constexpr MatrixLayout InputsFirst(int64_t groups, int64_t outputs, int64_t inputs, int64_t taps) {
  return {groups, outputs, inputs, taps, inputs * outputs * taps, taps, outputs * taps};
}

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_MATRIX_LAYOUT_H_
