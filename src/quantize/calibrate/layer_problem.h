// SPDX-License-Identifier: Apache-2.0
// A layer that is to be quantized, in the numbers that the search works with.
#ifndef NBITS_QUANTIZE_CALIBRATE_LAYER_PROBLEM_H_
#define NBITS_QUANTIZE_CALIBRATE_LAYER_PROBLEM_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "quantize/calibrate/calibrator.h"
#include "quantize/calibrate/moments/covariance.h"
#include "quantize/calibrate/moments/striped_matrix.h"

namespace nbits {

// Up to so many columns the codes of an output are searched exhaustively.
inline constexpr int64_t kFewColumns = 16;

struct GroupProblem {
  Covariance covariance;              // Without its drift, once the target is known.
  double weight = 1;                  // Unit of the covariance over the mean unit of all groups.
  std::vector<int32_t> order = {};    // Of the factor: columns by ascending diagonal.
  LowerTriangle<float> factor = {};   // Cholesky's, of the damped covariance in this order.
  std::vector<double> row_sums = {};  // [K]: of the covariance.
};

// Weights are multiplied by a power of two that brings the largest into [1, 2), and covariances
// have a mean diagonal of 1. Errors are in these units, times the group's weight.
struct LayerProblem {
  MatrixLayout layout;
  StripeLayout stripes;
  CalibrateOptions options;
  float factor = 1;  // What weights are multiplied by.
  double unit = 0;   // Mean unit of the groups' covariances.
  std::vector<GroupProblem> groups = {};
  StripedMatrix<float> target = {};
  std::vector<double> energy = {};  // By lane: w H w^T of the target, times the group's weight.

  const GroupProblem& GroupOf(int64_t lane) const {
    return groups[lane / (stripes.stripes * kStripe)];
  }
  // What errors are to be multiplied by to be those of the layer's outputs.
  double ErrorUnit() const { return unit / (static_cast<double>(factor) * factor); }
};

// FailedPrecondition where the target leaves all bounds. Moments are valid, count at least one
// position and are as many as groups; values are finite.
absl::StatusOr<LayerProblem> MakeProblem(std::span<const float> values, const MatrixLayout& layout,
                                         std::vector<SecondMoments> moments,
                                         const CalibrateOptions& options);

// Some stripes of a group: what one thread works on.
struct StripeTask {
  int64_t group = 0;
  int64_t begin = 0, end = 0;  // Stripes.

  int64_t count() const { return end - begin; }
};

// On all cores; together the tasks are all stripes. How many there are depends on the number of
// threads: what is computed of a stripe must not depend on its neighbours.
void ForEachTask(const StripeLayout& layout, absl::FunctionRef<void(const StripeTask&)> body);

// The matrix times each of the stripes [K, kStripe] that follow each other from `stripes` on, by
// blocks of columns, in the type T: visit(stripe, begin, end, product). Before a block is visited
// it sees what was done to the stripes at the blocks before.
template <typename T>
void ForEachProduct(
    const LowerTriangle<float>& matrix, const float* stripes, int64_t count,
    absl::FunctionRef<void(int64_t stripe, int64_t begin, int64_t end, const double* product)>
        visit) {
  Panel<T> panel;
  double product[kBlock * kStripe];
  for (int64_t begin = 0; begin < matrix.size(); begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, matrix.size());
    PackSymmetric(matrix, begin, end, panel);
    for (int64_t stripe = 0; stripe < count; ++stripe) {
      std::fill_n(product, kBlock * kStripe, 0.0);
      AddProduct(panel, stripes + stripe * matrix.size() * kStripe, product);
      visit(stripe, begin, end, product);
    }
  }
}

// By lane: v H v^T of each lane's row v, times the group's weight. In Float64.
std::vector<double> Energies(const LayerProblem& problem, const StripedMatrix<float>& rows);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_LAYER_PROBLEM_H_
