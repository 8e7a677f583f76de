// SPDX-License-Identifier: Apache-2.0
// How matrices become panels.
#include <algorithm>
#include <array>

#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {
namespace {

// Rows of a matrix that are read together: a quad of them is a stretch of the panel.
constexpr int64_t kRowsAtOnce = 16;

// Rows [first, last) of the panel, each from contiguous elements: row(p)[i].
template <typename T, typename Row>
void PackRows(int64_t first, int64_t last, int64_t columns, const Row& row, Panel<T>& panel) {
  for (int64_t from = first; from < last; from += kRowsAtOnce) {
    const int64_t to = std::min(from + kRowsAtOnce, last);
    for (int64_t quad = 0; quad < columns / kQuad; ++quad) {
      T* out = panel.Quad(quad) + from * kQuad;
      for (int64_t p = from; p < to; ++p, out += kQuad) {
        const float* elements = row(p) + quad * kQuad;
        for (int64_t i = 0; i < kQuad; ++i) out[i] = static_cast<T>(elements[i]);
      }
    }
    for (int64_t i = columns / kQuad * kQuad; i < columns; ++i) {
      for (int64_t p = from; p < to; ++p) panel.At(p, i) = static_cast<T>(row(p)[i]);
    }
  }
}

// Rows [0, count) of the panel: column i from row begin + i of the triangle.
template <typename T>
void PackTransposed(const LowerTriangle<float>& matrix, int64_t begin, int64_t columns,
                    int64_t count, Panel<T>& panel) {
  const int64_t whole = columns / kQuad * kQuad;
  for (int64_t i = 0; i < whole; i += kQuad) {
    const float* rows[kQuad];
    for (int64_t j = 0; j < kQuad; ++j) rows[j] = matrix.Row(begin + i + j);
    InterleaveRows(rows, count, panel.Quad(i / kQuad));
  }
  for (int64_t i = whole; i < columns; ++i) {
    const float* row = matrix.Row(begin + i);
    for (int64_t p = 0; p < count; ++p) panel.At(p, i) = static_cast<T>(row[p]);
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
  PackRows(
      end, matrix.size(), columns, [&](int64_t p) { return matrix.Row(p) + begin; }, panel);
}

template <typename T>
void PackBelow(const LowerTriangle<float>& lower, int64_t begin, int64_t end, Panel<T>& panel) {
  panel.Reset(lower.size() - end, end - begin);
  const auto row = [&](int64_t p) { return lower.Row(end + p) + begin; };
  PackRows(0, lower.size() - end, end - begin, row, panel);
}

template <typename T>
void PackLeft(const LowerTriangle<float>& lower, int64_t begin, int64_t end, Panel<T>& panel) {
  panel.Reset(begin, end - begin);
  PackTransposed(lower, begin, end - begin, begin, panel);
}

template <typename T>
void PackSquare(const float* matrix, int64_t size, int64_t begin, int64_t end, Panel<T>& panel) {
  panel.Reset(size, end - begin);
  const auto row = [&](int64_t p) { return matrix + p * size + begin; };
  PackRows(0, size, end - begin, row, panel);
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
