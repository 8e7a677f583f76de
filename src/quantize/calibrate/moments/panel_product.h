// SPDX-License-Identifier: Apache-2.0
// The one product of matrices that calibration is made of, and what it reads.
//
// Outputs lie side by side in stripes of kStripe, so that vectors run over outputs and each output
// is a computation of its own: what comes out does not depend on how wide vectors are. Products and
// sums are rounded separately (no fused multiply-add, which some instruction sets lack).
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_PANEL_PRODUCT_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_PANEL_PRODUCT_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "quantize/calibrate/moments/lower_triangle.h"

namespace nbits {

inline constexpr int64_t kStripe = 32;  // Outputs: two of the widest vectors.
inline constexpr int64_t kBlock = 64;   // Columns of a matrix that are worked on together.
inline constexpr int64_t kQuad = 4;     // Columns that a kernel holds in registers.
inline constexpr int64_t kRun = 256;    // Products that are added in a panel's own type.

// Stripes that `outputs` outputs fill.
constexpr int64_t StripesOf(int64_t outputs) { return (outputs + kStripe - 1) / kStripe; }

// Up to kBlock columns of a matrix of `count` rows, four side by side: element (p, i) is
// Quad(i / 4)[4 * p + i % 4]. T is float or double.
template <typename T>
class Panel {
 public:
  // Room for other columns; those that fill up a quad are 0.
  void Reset(int64_t count, int64_t columns) {
    count_ = count;
    quads_ = (columns + kQuad - 1) / kQuad;
    if (static_cast<int64_t>(elements_.size()) < count * quads_ * kQuad) {
      elements_.resize(count * quads_ * kQuad);
    }
    if (columns % kQuad != 0) std::fill_n(Quad(quads_ - 1), count * kQuad, T{0});
  }

  int64_t count() const { return count_; }
  int64_t quads() const { return quads_; }
  T* Quad(int64_t quad) { return elements_.data() + quad * count_ * kQuad; }
  const T* Quad(int64_t quad) const { return elements_.data() + quad * count_ * kQuad; }
  T& At(int64_t p, int64_t i) { return Quad(i / kQuad)[p * kQuad + i % kQuad]; }

 private:
  int64_t count_ = 0, quads_ = 0;
  std::vector<T> elements_;
};

// Columns [begin, end) of a symmetric matrix, all rows.
template <typename T>
void PackSymmetric(const LowerTriangle<float>& matrix, int64_t begin, int64_t end, Panel<T>& panel);
// Of a lower triangular matrix L: columns [begin, end) of the rows from `end` on.
template <typename T>
void PackBelow(const LowerTriangle<float>& lower, int64_t begin, int64_t end, Panel<T>& panel);
// Columns [begin, end) of L^T, the rows before `begin`: what is left of a block of L, transposed.
template <typename T>
void PackLeft(const LowerTriangle<float>& lower, int64_t begin, int64_t end, Panel<T>& panel);
// Columns [begin, end) of a square matrix of `size` rows.
template <typename T>
void PackSquare(const float* matrix, int64_t size, int64_t begin, int64_t end, Panel<T>& panel);

// out[i * kStripe + lane] += sum over p of panel(p, i) * stripe[p * kStripe + lane], for the
// columns i of the panel's quads. Sums of up to kRun products in the panel's type, these in
// Float64, all in the order of p. On the best instruction set of the machine (Google Highway).
void AddProduct(const Panel<float>& panel, const float* stripe, double* out);
void AddProduct(const Panel<double>& panel, const float* stripe, double* out);

// quad[4 * p + i] = rows[i][p], for p in [0, count).
void InterleaveRows(const float* const (&rows)[kQuad], int64_t count, float* quad);
void InterleaveRows(const float* const (&rows)[kQuad], int64_t count, double* quad);

// stripe[p * kStripe + lane] = rows[p * stride + lane] - mean[lane], for p in [0, count).
void CenterStripe(const float* rows, int64_t stride, int64_t count, const float* mean,
                  float* stripe);

namespace reference {
void AddProduct(const Panel<float>& panel, const float* stripe, double* out);
void AddProduct(const Panel<double>& panel, const float* stripe, double* out);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_PANEL_PRODUCT_H_
