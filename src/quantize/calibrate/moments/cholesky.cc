// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/moments/cholesky.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "base/threads/parallel.h"
#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {
namespace {

// A square of the factor: element (i, j) is [i * kBlock + j].
using Tile = double[kBlock * kBlock];

// Works through blocks of columns: each takes what those before it contribute, is factored on its
// diagonal, and solved below.
class Factorization {
 public:
  Factorization(const LowerTriangle<float>& matrix, double damping, std::span<const int32_t> order)
      : matrix_(matrix), damping_(damping), order_(order), lower_(matrix.size()) {}

  LowerTriangle<float> Run() {
    const int64_t size = matrix_.size();
    for (int64_t begin = 0; begin < size; begin += kBlock) {
      const int64_t end = std::min(begin + kBlock, size);
      PackLeft(lower_, begin, end, left_);
      Load(begin, end, begin, end, diagonal_);
      FactorDiagonal(end - begin);
      Store(begin, end, begin, end, diagonal_);
      ParallelFor((size - end + kBlock - 1) / kBlock, [&](int64_t i) {
        const int64_t from = end + i * kBlock;
        SolveTile(begin, end, from, std::min(from + kBlock, size));
      });
    }
    return std::move(lower_);
  }

 private:
  double Element(int64_t i, int64_t j) const {
    const double element = matrix_.At(order_[i], order_[j]);
    return i == j ? element + damping_ : element;
  }

  // Rows [from, to), columns [begin, end) of the matrix, less what blocks before contribute.
  void Load(int64_t begin, int64_t end, int64_t from, int64_t to, Tile& tile) const {
    for (int64_t i = from; i < to; ++i) {
      for (int64_t j = begin; j < end; ++j) {
        tile[(i - from) * kBlock + j - begin] = Element(i, j);
      }
    }
    if (begin == 0) return;
    std::vector<float> stripe(begin * kStripe);
    double products[kBlock * kStripe];
    for (int64_t rows = from; rows < to; rows += kStripe) {
      const int64_t last = std::min(rows + kStripe, to);
      PackStripe(rows, last, begin, stripe.data());
      std::fill_n(products, kBlock * kStripe, 0.0);
      AddProduct(left_, stripe.data(), products);
      for (int64_t i = rows; i < last; ++i) {
        for (int64_t j = 0; j < end - begin; ++j) {
          tile[(i - from) * kBlock + j] -= products[j * kStripe + i - rows];
        }
      }
    }
  }

  // The first `count` columns of rows [from, to) of the factor, as a stripe.
  void PackStripe(int64_t from, int64_t to, int64_t count, float* stripe) const {
    if (to - from < kStripe) std::fill_n(stripe, count * kStripe, 0.0f);
    for (int64_t i = from; i < to; ++i) {
      const float* row = lower_.Row(i);
      float* out = stripe + i - from;
      for (int64_t p = 0; p < count; ++p) out[p * kStripe] = row[p];
    }
  }

  void Store(int64_t begin, int64_t end, int64_t from, int64_t to, const Tile& tile) {
    for (int64_t i = from; i < to; ++i) {
      float* row = lower_.Row(i);
      for (int64_t j = begin; j < std::min(end, i + 1); ++j) {
        row[j] = static_cast<float>(tile[(i - from) * kBlock + j - begin]);
      }
    }
  }

  void FactorDiagonal(int64_t size) {
    for (int64_t j = 0; j < size; ++j) {
      double* pivot_row = diagonal_ + j * kBlock;
      double pivot = pivot_row[j];
      for (int64_t p = 0; p < j; ++p) pivot -= pivot_row[p] * pivot_row[p];
      pivot_row[j] = std::sqrt(std::max(pivot, damping_ / 2));
      for (int64_t i = j + 1; i < size; ++i) {
        double* row = diagonal_ + i * kBlock;
        double element = row[j];
        for (int64_t p = 0; p < j; ++p) element -= row[p] * pivot_row[p];
        row[j] = element / pivot_row[j];
        transposed_[j * kBlock + i] = row[j];
      }
    }
  }

  // Rows [from, to) below the diagonal block [begin, end).
  void SolveTile(int64_t begin, int64_t end, int64_t from, int64_t to) {
    Tile tile;
    Load(begin, end, from, to, tile);
    const int64_t size = end - begin;
    for (int64_t i = 0; i < to - from; ++i) {
      double* row = tile + i * kBlock;
      for (int64_t p = 0; p < size; ++p) {
        row[p] /= diagonal_[p * kBlock + p];
        const double* factors = transposed_ + p * kBlock;
        for (int64_t j = p + 1; j < size; ++j) row[j] -= row[p] * factors[j];
      }
    }
    Store(begin, end, from, to, tile);
  }

  const LowerTriangle<float>& matrix_;
  double damping_;
  std::span<const int32_t> order_;
  LowerTriangle<float> lower_;
  Panel<double> left_;
  Tile diagonal_ = {}, transposed_ = {};
};

// Subtracts a product from rows [begin, end) of a stripe, in Float64.
void Subtract(const double* product, int64_t begin, int64_t end, const float* stripe,
              double* rows) {
  for (int64_t i = 0; i < (end - begin) * kStripe; ++i) {
    rows[i] = stripe[begin * kStripe + i] - product[i];
  }
}

// rows[i] -= factor * rows[p], for a stripe.
void SubtractRow(double factor, const double* from, double* row) {
  for (int64_t lane = 0; lane < kStripe; ++lane) row[lane] -= factor * from[lane];
}

void DivideRow(double divisor, const double* row, float* out) {
  for (int64_t lane = 0; lane < kStripe; ++lane) {
    out[lane] = static_cast<float>(row[lane] / divisor);
  }
}

// The diagonal block of L x = b, from the first row to the last.
void SolveDown(const LowerTriangle<float>& lower, int64_t begin, int64_t end, double* rows,
               float* stripe) {
  for (int64_t i = begin; i < end; ++i) {
    const float* coefficients = lower.Row(i);
    double* row = rows + (i - begin) * kStripe;
    for (int64_t p = begin; p < i; ++p) {
      SubtractRow(coefficients[p], rows + (p - begin) * kStripe, row);
    }
    DivideRow(coefficients[i], row, stripe + i * kStripe);
    for (int64_t lane = 0; lane < kStripe; ++lane) row[lane] /= coefficients[i];
  }
}

// Of L^T x = b, from the last row to the first.
void SolveUp(const LowerTriangle<float>& lower, int64_t begin, int64_t end, double* rows,
             float* stripe) {
  for (int64_t i = end - 1; i >= begin; --i) {
    const float* coefficients = lower.Row(i);
    double* row = rows + (i - begin) * kStripe;
    DivideRow(coefficients[i], row, stripe + i * kStripe);
    for (int64_t lane = 0; lane < kStripe; ++lane) row[lane] /= coefficients[i];
    for (int64_t p = begin; p < i; ++p) {
      SubtractRow(coefficients[p], row, rows + (p - begin) * kStripe);
    }
  }
}

}  // namespace

LowerTriangle<float> Cholesky(const LowerTriangle<float>& matrix, double damping,
                              std::span<const int32_t> order) {
  return std::make_unique<Factorization>(matrix, damping, order)->Run();
}

std::vector<int32_t> PlainOrder(int64_t size) {
  std::vector<int32_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<int32_t> AscendingDiagonal(const LowerTriangle<float>& matrix) {
  std::vector<int32_t> order = PlainOrder(matrix.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return matrix.Row(a)[a] < matrix.Row(b)[b]; });
  return order;
}

void SolveStripes(const LowerTriangle<float>& lower, float* stripes, int64_t count) {
  const int64_t size = lower.size(), blocks = (size + kBlock - 1) / kBlock;
  Panel<float> panel;
  double products[kBlock * kStripe], rows[kBlock * kStripe];
  const auto solve_block = [&](int64_t block, bool down) {
    const int64_t begin = block * kBlock, end = std::min(begin + kBlock, size);
    down ? PackLeft(lower, begin, end, panel) : PackBelow(lower, begin, end, panel);
    for (int64_t s = 0; s < count; ++s) {
      float* stripe = stripes + s * size * kStripe;
      std::fill_n(products, kBlock * kStripe, 0.0);
      AddProduct(panel, stripe + (down ? 0 : end) * kStripe, products);
      Subtract(products, begin, end, stripe, rows);
      down ? SolveDown(lower, begin, end, rows, stripe) : SolveUp(lower, begin, end, rows, stripe);
    }
  };
  for (int64_t block = 0; block < blocks; ++block) solve_block(block, true);
  for (int64_t block = blocks; block-- > 0;) solve_block(block, false);
}

}  // namespace nbits
