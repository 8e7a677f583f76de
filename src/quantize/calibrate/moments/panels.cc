// SPDX-License-Identifier: Apache-2.0
// How matrices become panels.
#include <algorithm>
#include <array>

#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {
namespace {

// Row p of the panel from contiguous elements.
template <typename T>
void PackRow(const float* row, int64_t columns, int64_t p, Panel<T>& panel) {
  const int64_t whole = columns / kQuad;
  for (int64_t quad = 0; quad < whole; ++quad) {
    T* out = panel.Quad(quad) + p * kQuad;
    for (int64_t i = 0; i < kQuad; ++i) out[i] = static_cast<T>(row[quad * kQuad + i]);
  }
  for (int64_t i = whole * kQuad; i < columns; ++i) panel.At(p, i) = static_cast<T>(row[i]);
}

// Rows [0, count) of the panel: column i from row begin + i of the triangle.
template <typename T>
void PackTransposed(const LowerTriangle<float>& matrix, int64_t begin, int64_t columns,
                    int64_t count, Panel<T>& panel) {
  for (int64_t i = 0; i < columns; ++i) {
    const float* row = matrix.Row(begin + i);
    T* out = panel.Quad(i / kQuad) + i % kQuad;
    for (int64_t p = 0; p < count; ++p) out[p * kQuad] = static_cast<T>(row[p]);
  }
}

}  // namespace

template <typename T>
void PackSymmetric(const LowerTriangle<float>& matrix, int64_t begin, int64_t end,
                   Panel<T>& panel) {
  const int64_t columns = end - begin;
  panel.Reset(matrix.size(), columns);
  PackTransposed(matrix, begin, columns, begin, panel);
  for (int64_t p = begin; p < end; ++p) {
    for (int64_t i = 0; i < columns; ++i) {
      panel.At(p, i) = static_cast<T>(matrix.At(p, begin + i));
    }
  }
  for (int64_t p = end; p < matrix.size(); ++p) PackRow(matrix.Row(p) + begin, columns, p, panel);
}

template <typename T>
void PackBelow(const LowerTriangle<float>& lower, int64_t begin, int64_t end, Panel<T>& panel) {
  panel.Reset(lower.size() - end, end - begin);
  for (int64_t p = end; p < lower.size(); ++p) {
    PackRow(lower.Row(p) + begin, end - begin, p - end, panel);
  }
}

template <typename T>
void PackLeft(const LowerTriangle<float>& lower, int64_t begin, int64_t end, Panel<T>& panel) {
  panel.Reset(begin, end - begin);
  PackTransposed(lower, begin, end - begin, begin, panel);
}

template <typename T>
void PackSquare(const float* matrix, int64_t size, int64_t begin, int64_t end, Panel<T>& panel) {
  panel.Reset(size, end - begin);
  for (int64_t p = 0; p < size; ++p) PackRow(matrix + p * size + begin, end - begin, p, panel);
}

#define NBITS_PACK_FOR(T)                                                                \
  template void PackSymmetric(const LowerTriangle<float>&, int64_t, int64_t, Panel<T>&); \
  template void PackBelow(const LowerTriangle<float>&, int64_t, int64_t, Panel<T>&);     \
  template void PackLeft(const LowerTriangle<float>&, int64_t, int64_t, Panel<T>&);      \
  template void PackSquare(const float*, int64_t, int64_t, int64_t, Panel<T>&)
NBITS_PACK_FOR(float);
NBITS_PACK_FOR(double);
#undef NBITS_PACK_FOR

namespace reference {
namespace {

template <typename T>
void AddProductOf(const Panel<T>& panel, const float* stripe, double* out) {
  for (int64_t i = 0; i < panel.quads() * kQuad; ++i) {
    const T* column = panel.Quad(i / kQuad) + i % kQuad;
    for (int64_t lane = 0; lane < kStripe; ++lane) {
      for (int64_t begin = 0; begin < panel.count(); begin += kRun) {
        T sum = 0;
        for (int64_t p = begin; p < std::min(begin + kRun, panel.count()); ++p) {
          sum += column[p * kQuad] * static_cast<T>(stripe[p * kStripe + lane]);
        }
        out[i * kStripe + lane] += static_cast<double>(sum);
      }
    }
  }
}

}  // namespace

void AddProduct(const Panel<float>& panel, const float* stripe, double* out) {
  AddProductOf(panel, stripe, out);
}

void AddProduct(const Panel<double>& panel, const float* stripe, double* out) {
  AddProductOf(panel, stripe, out);
}

}  // namespace reference
}  // namespace nbits
