// SPDX-License-Identifier: Apache-2.0
// The fast kernels of calibration against their plain twins, and against their definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/grid_errors.h"
#include "quantize/calibrate/moments/cholesky.h"
#include "quantize/calibrate/moments/covariance.h"
#include "quantize/calibrate/moments/panel_product.h"
#include "quantize/calibrate/rounding/chain_move.h"
#include "quantize/calibrate/rounding/round_block.h"
#include "quantize/calibrate/rounding/sphere_search.h"
#include "tests/quantize/calibration_inputs.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

std::vector<float> Floats(uint64_t seed, int64_t count) {
  const std::vector<double> numbers = UniformNumbers(seed, count);
  return std::vector<float>(numbers.begin(), numbers.end());
}

// Positive definite, with a mean diagonal of 1.
LowerTriangle<float> SomeCovariance(int64_t inputs, uint64_t seed = 1) {
  const CalibrationCase layer{seed, 1, 1, inputs, 2 * inputs + 50, 4};
  return CovarianceOf(layer.Moments()[0]).actual;
}

template <typename T>
void ExpectSameProducts(int64_t count, int64_t columns) {
  const std::vector<float> square = Floats(3, count * columns), stripe = Floats(4, count * kStripe);
  Panel<T> panel;
  panel.Reset(count, columns);
  for (int64_t p = 0; p < count; ++p) {
    for (int64_t i = 0; i < columns; ++i) panel.At(p, i) = square[p * columns + i];
  }
  std::vector<double> expected(kBlock * kStripe, 0.5);
  reference::AddProduct(panel, stripe.data(), expected.data());
  testing::OnEveryTarget([&] {
    std::vector<double> found(kBlock * kStripe, 0.5);
    AddProduct(panel, stripe.data(), found.data());
    EXPECT_EQ(found, expected) << count << " x " << columns;
  });
}

TEST(CalibrateKernels, ProductsAreThoseOfThePlainTwin) {
  for (const int64_t count : {0, 1, 7, 256, 300, 513}) {
    for (const int64_t columns : {1, 4, 9, 63, 64}) {
      ExpectSameProducts<float>(count, columns);
      ExpectSameProducts<double>(count, columns);
    }
  }
}

// Panels say which element is where.
TEST(CalibrateKernels, PanelsHoldTheirColumns) {
  const int64_t size = 70;
  const LowerTriangle<float> matrix = SomeCovariance(size);
  std::vector<float> square(size * size);
  for (int64_t i = 0; i < size * size; ++i) square[i] = matrix.At(i / size, i % size);
  testing::OnEveryTarget([&] {
    for (const auto& [begin, end] : {std::pair{0, 64}, {64, 70}, {13, 40}, {69, 70}}) {
      Panel<double> all, below, left, from_square;
      PackSymmetric(matrix, begin, end, all);
      PackBelow(matrix, begin, end, below);
      PackLeft(matrix, begin, end, left);
      PackSquare(square.data(), size, begin, end, from_square);
      ASSERT_EQ(all.count(), size);
      ASSERT_EQ(below.count(), size - end);
      ASSERT_EQ(left.count(), begin);
      for (int64_t i = 0; i < end - begin; ++i) {
        for (int64_t p = 0; p < size; ++p) {
          const float element = matrix.At(p, begin + i);
          ASSERT_EQ(all.At(p, i), element);
          ASSERT_EQ(from_square.At(p, i), element);
          if (p >= end) {
            ASSERT_EQ(below.At(p - end, i), element);
          }
          if (p < begin) {
            ASSERT_EQ(left.At(p, i), element);
          }
        }
      }
    }
  });
}

TEST(CalibrateKernels, FactorsMultiplyToTheMatrix) {
  for (const int64_t size : {1, 5, 64, 65, 150}) {
    const LowerTriangle<float> matrix = SomeCovariance(size);
    const std::vector<int32_t> order = AscendingDiagonal(matrix);
    const LowerTriangle<float> lower = Cholesky(matrix, 0.01, order);
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        double product = 0;
        for (int64_t p = 0; p <= j; ++p) {
          product += static_cast<double>(lower.Row(i)[p]) * lower.Row(j)[p];
        }
        const double wanted = matrix.At(order[i], order[j]) + (i == j ? 0.01 : 0);
        ASSERT_NEAR(product, wanted, 2e-6 * std::sqrt(1 + matrix.At(order[i], order[i])))
            << size << ": " << i << ", " << j;
      }
    }
    testing::OnEveryTarget([&] {
      const LowerTriangle<float> again = Cholesky(matrix, 0.01, order);
      EXPECT_EQ(std::memcmp(again.Row(0), lower.Row(0), sizeof(float) * TriangleElements(size)), 0);
    });
  }
}

TEST(CalibrateKernels, AscendingDiagonalIsAPermutationInOrder) {
  const LowerTriangle<float> matrix = SomeCovariance(40);
  const std::vector<int32_t> order = AscendingDiagonal(matrix);
  EXPECT_THAT(order, ::testing::UnorderedElementsAreArray(PlainOrder(40)));
  for (size_t i = 1; i < order.size(); ++i) {
    EXPECT_LE(matrix.At(order[i - 1], order[i - 1]), matrix.At(order[i], order[i]));
  }
}

TEST(CalibrateKernels, SolutionsSolve) {
  const int64_t size = 140;
  const LowerTriangle<float> matrix = SomeCovariance(size);
  const LowerTriangle<float> lower = Cholesky(matrix, 0.05, PlainOrder(size));
  const std::vector<float> right = Floats(9, 2 * size * kStripe);
  std::vector<float> solution = right;
  SolveStripes(lower, solution.data(), 2);
  for (int64_t stripe = 0; stripe < 2; ++stripe) {
    for (int64_t lane = 0; lane < kStripe; lane += 5) {
      for (int64_t i = 0; i < size; ++i) {
        const auto at = [&](int64_t k) { return (stripe * size + k) * kStripe + lane; };
        double product = 0.05 * solution[at(i)];
        for (int64_t k = 0; k < size; ++k) product += matrix.At(i, k) * solution[at(k)];
        ASSERT_NEAR(product, right[at(i)], 1e-4);
      }
    }
  }
  testing::OnEveryTarget([&] {
    std::vector<float> again = right;
    SolveStripes(lower, again.data(), 2);
    EXPECT_EQ(again, solution);
  });
}

// Lanes with grids of their own, one of them constant; or a table.
Codebook SomeBook(int bits, bool table) {
  if (table) {
    std::vector<float> entries = Floats(5, int64_t{1} << bits);
    std::sort(entries.begin(), entries.end());
    return TableOf(bits, entries);
  }
  Codebook book = EmptyGrids(bits, 2 * kStripe);
  const std::vector<float> steps = Floats(6, 2 * kStripe);
  for (int64_t lane = 0; lane < 2 * kStripe; ++lane) {
    SetGrid(book, lane, lane == 37 ? 0 : (steps[lane] + 0.6f) / static_cast<float>(1 << bits),
            -0.5f);
  }
  return book;
}

TEST(CalibrateKernels, NearestCodesAreNearest) {
  for (const bool table : {false, true}) {
    for (const int bits : {1, 2, 5, 8}) {
      const Codebook book = SomeBook(bits, table);
      for (const float value : Floats(7, 300)) {
        const int code = book.Nearest(3, 2 * value);
        double least = std::numeric_limits<double>::infinity();
        for (int other = 0; other < book.entries(); ++other) {
          least = std::min(least, std::abs(2.0 * value - book.Value(3, other)));
        }
        ASSERT_NEAR(std::abs(2.0 * value - book.Value(3, code)), least, 1e-6);
      }
    }
  }
}

struct RoundedRows {
  std::vector<float> target, error, pull;
  std::vector<uint8_t> codes;
  int64_t changed = 0;
};

template <typename Function>
RoundedRows Rounded(const Function& round, const BlockSquare& square, const Codebook& book) {
  const int64_t count = kBlock * kStripe;
  RoundedRows rows{Floats(11, count), Floats(12, count), Floats(13, count),
                   std::vector<uint8_t>(count)};
  rows.changed =
      round(square, book, kStripe,
            {rows.target.data(), rows.error.data(), rows.pull.data(), rows.codes.data()});
  return rows;
}

TEST(CalibrateKernels, RoundsAsThePlainTwin) {
  const std::vector<float> matrix = Floats(10, kBlock * kBlock);
  const auto square = std::make_unique<BlockSquare>();
  std::copy(matrix.begin(), matrix.end(), square->matrix);
  std::fill_n(square->inverse_pivot, kBlock, 0.7f);
  for (const int64_t columns : {1, 17, 64}) {
    for (const bool backwards : {false, true}) {
      square->columns = columns;
      square->backwards = backwards;
      for (const bool table : {false, true}) {
        for (const int bits : {1, 2, 4, 8}) {
          const Codebook book = SomeBook(bits, table);
          const RoundedRows expected = Rounded(reference::RoundBlock, *square, book);
          testing::OnEveryTarget([&] {
            const RoundedRows found = Rounded(RoundBlock, *square, book);
            EXPECT_EQ(found.codes, expected.codes);
            EXPECT_EQ(found.error, expected.error);
            EXPECT_EQ(found.pull, expected.pull);
            EXPECT_EQ(found.changed, expected.changed);
          });
        }
      }
    }
  }
}

TEST(CalibrateKernels, GridErrorsAreThoseOfThePlainTwin) {
  for (const int64_t columns : {1, 50, 256, 600}) {
    const std::vector<float> target = Floats(14, columns * kStripe);
    std::vector<float> importance = Floats(15, columns);
    for (float& value : importance) value += 0.5f;
    const Codebook book = SomeBook(3, false);
    double expected[kStripe];
    reference::GridErrors(target.data(), importance.data(), columns, book, kStripe, expected);
    testing::OnEveryTarget([&] {
      double found[kStripe];
      GridErrors(target.data(), importance.data(), columns, book, kStripe, found);
      EXPECT_THAT(found, ::testing::ElementsAreArray(expected));
    });
  }
}

// A block of `columns`, weights halfway to both neighbours, some at an end of the grid.
ChainRow SomeRow(const LowerTriangle<float>& matrix, uint64_t seed) {
  ChainRow row;
  const std::vector<float> error = Floats(seed, matrix.size());
  for (int64_t j = 0; j < matrix.size(); ++j) {
    for (int64_t i = 0; i < matrix.size(); ++i) row.pull[j] += matrix.At(i, j) * error[i];
    row.diagonal[j] = matrix.At(j, j);
    row.up[j] = (seed + j) % 5 == 0 ? 0.0f : 0.5f;
    row.down[j] = (seed + j) % 7 == 0 ? 0.0f : -0.5f;
  }
  return row;
}

std::vector<float> BlockOf(const LowerTriangle<float>& matrix) {
  std::vector<float> block(kBlock * kBlock);
  for (int64_t i = 0; i < matrix.size(); ++i) {
    for (int64_t j = 0; j < matrix.size(); ++j) block[i * kBlock + j] = matrix.At(i, j);
  }
  return block;
}

void ExpectSameMove(const ChainMove& found, const ChainMove& expected) {
  ASSERT_EQ(found.length, expected.length);
  for (int i = 0; i < found.length; ++i) {
    EXPECT_EQ(found.columns[i], expected.columns[i]);
    EXPECT_EQ(found.steps[i], expected.steps[i]);
  }
}

TEST(CalibrateKernels, ChainsAreThoseOfThePlainTwin) {
  int64_t moves = 0;
  for (const int64_t columns : {1, 3, 17, 64}) {
    const LowerTriangle<float> matrix = SomeCovariance(columns);
    const std::vector<float> block = BlockOf(matrix);
    for (int64_t seed = 0; seed < columns; ++seed) {
      ChainRow expected_row = SomeRow(matrix, 20 + seed);
      const ChainMove expected = reference::MoveChain(block.data(), seed, expected_row);
      moves += expected.length;
      testing::OnEveryTarget([&] {
        ChainRow row = SomeRow(matrix, 20 + seed);
        ExpectSameMove(MoveChain(block.data(), seed, row), expected);
        EXPECT_THAT(row.pull, ::testing::ElementsAreArray(expected_row.pull));
      });
    }
  }
  EXPECT_GT(moves, 50);
}

// e H e^T before and after.
TEST(CalibrateKernels, ChainsLowerTheError) {
  const int64_t columns = 40;
  const LowerTriangle<float> matrix = SomeCovariance(columns);
  const std::vector<float> block = BlockOf(matrix);
  const auto energy = [&](const std::vector<float>& error) {
    double sum = 0;
    for (int64_t i = 0; i < columns; ++i) {
      for (int64_t j = 0; j < columns; ++j) sum += error[i] * matrix.At(i, j) * error[j];
    }
    return sum;
  };
  for (int64_t seed = 0; seed < columns; ++seed) {
    std::vector<float> error = Floats(20 + seed, columns);
    ChainRow row = SomeRow(matrix, 20 + seed);
    const double before = energy(error);
    const ChainMove move = MoveChain(block.data(), seed, row);
    for (int i = 0; i < move.length; ++i) error[move.columns[i]] += move.steps[i];
    if (move.length > 0) {
      EXPECT_LT(energy(error), before);
    }
  }
}

// All codes of few columns, by trying them.
TEST(CalibrateKernels, SphereSearchFindsTheBestCodes) {
  const int64_t columns = 5;
  for (const bool table : {false, true}) {
    const Codebook book = SomeBook(2, table);
    for (uint64_t seed = 1; seed < 20; ++seed) {
      const LowerTriangle<float> matrix = SomeCovariance(columns, seed);
      const std::vector<int32_t> order = AscendingDiagonal(matrix);
      const LowerTriangle<float> factor = Cholesky(matrix, 1e-4, order);
      const std::vector<float> target = Floats(seed, columns * kStripe);
      const auto cost = [&](const auto& code_of) {
        double sum = 0;
        for (int64_t i = 0; i < columns; ++i) {
          for (int64_t j = 0; j < columns; ++j) {
            const double a = book.Value(2, code_of(i)) - target[i * kStripe];
            const double b = book.Value(2, code_of(j)) - target[j * kStripe];
            sum += a * b * (matrix.At(i, j) + (i == j ? 1e-4 : 0));
          }
        }
        return sum;
      };
      double least = std::numeric_limits<double>::infinity();
      for (int all = 0; all < 1 << (2 * columns); ++all) {
        least = std::min(least, cost([all](int64_t k) { return all >> (2 * k) & 3; }));
      }
      std::vector<uint8_t> codes(columns * kStripe);
      SphereSearch(factor, order).Run(book, 2, target.data(), codes.data());
      EXPECT_NEAR(cost([&](int64_t k) { return codes[k * kStripe]; }), least, 1e-5 * least + 1e-9);
    }
  }
}

}  // namespace
}  // namespace nbits
