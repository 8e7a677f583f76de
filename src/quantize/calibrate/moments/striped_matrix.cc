// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/moments/striped_matrix.h"

#include <algorithm>

#include "base/threads/parallel.h"

namespace nbits {
namespace {

// Calls visit(element in the stripes, element in the tensor) for all weights.
template <typename Visit>
void ForEachWeight(const MatrixLayout& layout, const Visit& visit) {
  const StripeLayout stripes(layout);
  ParallelFor(stripes.groups * stripes.stripes, [&](int64_t i) {
    const int64_t group = i / stripes.stripes, stripe = i % stripes.stripes;
    const int64_t first = stripe * kStripe;
    const int64_t outputs = std::min(kStripe, stripes.outputs - first);
    const int64_t start = stripes.StartOf(group, stripe);
    for (int64_t column = 0; column < stripes.columns; ++column) {
      const int64_t element = layout.ElementOf(group, first, column);
      for (int64_t o = 0; o < outputs; ++o) {
        visit(start + column * kStripe + o, element + o * layout.output_stride);
      }
    }
  });
}

}  // namespace

StripedMatrix<float> StripedFrom(std::span<const float> values, const MatrixLayout& layout,
                                 float factor) {
  StripedMatrix<float> matrix{StripeLayout(layout)};
  ForEachWeight(layout, [&](int64_t striped, int64_t plain) {
    matrix.data[striped] = values[plain] * factor;
  });
  return matrix;
}

void PlaceInTensor(const StripedMatrix<float>& matrix, const MatrixLayout& layout, float factor,
                   std::span<float> values) {
  ForEachWeight(layout, [&](int64_t striped, int64_t plain) {
    values[plain] = matrix.data[striped] * factor;
  });
}

StripedMatrix<uint8_t> StripedFrom(std::span<const uint8_t> codes, const MatrixLayout& layout) {
  StripedMatrix<uint8_t> matrix{StripeLayout(layout)};
  ForEachWeight(layout,
                [&](int64_t striped, int64_t plain) { matrix.data[striped] = codes[plain]; });
  return matrix;
}

void PlaceInTensor(const StripedMatrix<uint8_t>& matrix, const MatrixLayout& layout,
                   std::span<uint8_t> codes) {
  ForEachWeight(layout,
                [&](int64_t striped, int64_t plain) { codes[plain] = matrix.data[striped]; });
}

}  // namespace nbits
