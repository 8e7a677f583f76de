// SPDX-License-Identifier: Apache-2.0
// Symmetric and triangular matrices: half the memory of square ones.
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_LOWER_TRIANGLE_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_LOWER_TRIANGLE_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nbits {

// Elements of a lower triangle before its row `i`.
constexpr int64_t TriangleElements(int64_t i) { return i * (i + 1) / 2; }

// Of a symmetric matrix, or a lower triangular one, the elements (i, j) with j <= i, by rows.
template <typename T>
class LowerTriangle {
 public:
  LowerTriangle() = default;
  explicit LowerTriangle(int64_t size) : size_(size), elements_(TriangleElements(size)) {}

  int64_t size() const { return size_; }
  T* Row(int64_t i) { return elements_.data() + TriangleElements(i); }
  const T* Row(int64_t i) const { return elements_.data() + TriangleElements(i); }
  // Of a symmetric matrix: any i and j.
  T At(int64_t i, int64_t j) const { return Row(std::max(i, j))[std::min(i, j)]; }

 private:
  int64_t size_ = 0;
  std::vector<T> elements_;
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_LOWER_TRIANGLE_H_
