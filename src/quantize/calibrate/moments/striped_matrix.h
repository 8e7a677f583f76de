// SPDX-License-Identifier: Apache-2.0
// Something for every weight of a layer, with outputs side by side.
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_STRIPED_MATRIX_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_STRIPED_MATRIX_H_

#include <cstdint>
#include <span>
#include <vector>

#include "quantize/calibrate/moments/matrix_layout.h"
#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {

// The extents: groups x stripes x K columns x kStripe outputs. Lane (group * stripes + stripe) *
// kStripe + i is an output; those beyond a group's outputs are there to fill vectors, with zeros.
struct StripeLayout {
  StripeLayout() = default;
  explicit StripeLayout(const MatrixLayout& layout)
      : groups(layout.groups),
        outputs(layout.outputs),
        columns(layout.columns()),
        stripes(StripesOf(layout.outputs)) {}

  int64_t groups = 0, outputs = 0, columns = 0;
  int64_t stripes = 0;  // Of a group.

  int64_t lanes() const { return groups * stripes * kStripe; }
  int64_t elements() const { return lanes() * columns; }
  int64_t LaneOf(int64_t group, int64_t output) const { return group * stripes * kStripe + output; }
  // Of the first column of a stripe; `stripe` counts within the group.
  int64_t StartOf(int64_t group, int64_t stripe) const {
    return (group * stripes + stripe) * columns * kStripe;
  }
  // Of the element of a lane at column 0; the next column is kStripe on.
  int64_t ElementOf(int64_t lane) const {
    return lane / kStripe * columns * kStripe + lane % kStripe;
  }
  bool IsOutput(int64_t lane) const { return lane % (stripes * kStripe) < outputs; }
};

template <typename T>
struct StripedMatrix {
  StripedMatrix() = default;
  explicit StripedMatrix(const StripeLayout& extents) : layout(extents), data(extents.elements()) {}

  T* Stripe(int64_t group, int64_t stripe) { return data.data() + layout.StartOf(group, stripe); }
  const T* Stripe(int64_t group, int64_t stripe) const {
    return data.data() + layout.StartOf(group, stripe);
  }

  StripeLayout layout;
  std::vector<T> data;
};

// From a tensor's elements, times `factor`, and back. On all cores.
StripedMatrix<float> StripedFrom(std::span<const float> values, const MatrixLayout& layout,
                                 float factor);
void PlaceInTensor(const StripedMatrix<float>& matrix, const MatrixLayout& layout, float factor,
                   std::span<float> values);
StripedMatrix<uint8_t> StripedFrom(std::span<const uint8_t> codes, const MatrixLayout& layout);
void PlaceInTensor(const StripedMatrix<uint8_t>& matrix, const MatrixLayout& layout,
                   std::span<uint8_t> codes);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_STRIPED_MATRIX_H_
