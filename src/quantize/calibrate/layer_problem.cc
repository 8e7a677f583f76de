// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/layer_problem.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/threads/parallel.h"
#include "quantize/calibrate/moments/cholesky.h"
#include "quantize/quantize_linear.h"
#include "tensor/kernels.h"

namespace nbits {
namespace {

// A target beyond this, where the largest weight is below 2, is no use.
constexpr float kLargestTarget = 0x1p20f;

// The power of two that brings the largest magnitude into [1, 2).
float FactorFor(std::span<const float> values) {
  const Extremes extremes = AllExtremes(values);
  const float largest = std::max(extremes.maximum, -extremes.minimum);
  if (!(largest > 0)) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);        // largest = m * 2^exponent, m in [0.5, 1).
  constexpr int kLargestExponent = 127;  // Of Float32. Of smaller numbers not all is needed.
  return std::ldexp(1.0f, std::min(1 - exponent, kLargestExponent));
}

// rows = sum over k of drift[k] * weights[k], for the task's stripes.
void MultiplyDrift(const Covariance& covariance, const float* weights, int64_t stripes,
                   float* rows) {
  const int64_t inputs = covariance.inputs();
  Panel<float> panel;
  double product[kBlock * kStripe];
  for (int64_t begin = 0; begin < inputs; begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, inputs);
    PackSquare(covariance.drift.data(), inputs, begin, end, panel);
    for (int64_t s = 0; s < stripes; ++s) {
      std::fill_n(product, kBlock * kStripe, 0.0);
      AddProduct(panel, weights + s * inputs * kStripe, product);
      float* out = rows + (s * inputs + begin) * kStripe;
      for (int64_t i = 0; i < (end - begin) * kStripe; ++i) out[i] = static_cast<float>(product[i]);
    }
  }
}

void AddCorrection(const Covariance& covariance, const LowerTriangle<float>& factor,
                   int64_t stripes, float* weights) {
  const int64_t elements = stripes * covariance.inputs() * kStripe;
  std::vector<float> correction(elements);
  MultiplyDrift(covariance, weights, stripes, correction.data());
  SolveStripes(factor, correction.data(), stripes);
  for (int64_t i = 0; i < elements; ++i) weights[i] += correction[i];
}

// W* in the place of W, and drifts freed.
void CorrectTargets(LayerProblem& problem) {
  std::vector<LowerTriangle<float>> factors(problem.groups.size());
  const auto factor = [&](int64_t g) {
    const Covariance& covariance = problem.groups[g].covariance;
    if (covariance.drift.empty()) return;
    factors[g] = Cholesky(covariance.actual, problem.options.target_damping,
                          PlainOrder(covariance.inputs()));
  };
  ParallelFor(problem.stripes.groups, factor);
  ForEachTask(problem.stripes, [&](const StripeTask& task) {
    const Covariance& covariance = problem.groups[task.group].covariance;
    if (covariance.drift.empty()) return;
    AddCorrection(covariance, factors[task.group], task.count(),
                  problem.target.Stripe(task.group, task.begin));
  });
  for (GroupProblem& group : problem.groups) group.covariance.drift = {};
}

std::vector<double> RowSums(const LowerTriangle<float>& matrix) {
  std::vector<double> sums(matrix.size());
  for (int64_t i = 0; i < matrix.size(); ++i) {
    const float* row = matrix.Row(i);
    for (int64_t j = 0; j < i; ++j) sums[i] += row[j], sums[j] += row[j];
    sums[i] += row[i];
  }
  return sums;
}

void FactorGroups(LayerProblem& problem) {
  const CalibrateOptions& options = problem.options;
  const bool few = problem.stripes.columns <= kFewColumns;
  ParallelFor(problem.stripes.groups, [&](int64_t g) {
    GroupProblem& group = problem.groups[g];
    group.order = AscendingDiagonal(group.covariance.actual);
    group.factor = Cholesky(group.covariance.actual,
                            few ? options.descent_damping : options.rounding_damping, group.order);
    group.row_sums = RowSums(group.covariance.actual);
  });
}

void SetWeights(LayerProblem& problem) {
  for (const GroupProblem& group : problem.groups) problem.unit += group.covariance.unit;
  problem.unit /= static_cast<double>(problem.groups.size());
  for (GroupProblem& group : problem.groups) {
    group.weight = problem.unit > 0 ? group.covariance.unit / problem.unit : 0;
  }
}

}  // namespace

absl::StatusOr<LayerProblem> MakeProblem(std::span<const float> values, const MatrixLayout& layout,
                                         std::vector<SecondMoments> moments,
                                         const CalibrateOptions& options) {
  LayerProblem problem{layout, StripeLayout(layout), options};
  for (SecondMoments& group : moments) {
    problem.groups.push_back({CovarianceOf(std::exchange(group, {}))});
  }
  SetWeights(problem);
  problem.factor = FactorFor(values);
  problem.target = StripedFrom(values, layout, problem.factor);
  CorrectTargets(problem);
  const Extremes extremes = AllExtremes(problem.target.data);
  if (!extremes.finite || std::max(extremes.maximum, -extremes.minimum) > kLargestTarget) {
    return absl::FailedPreconditionError(
        "the layer's inputs have drifted too far from those of the original network");
  }
  FactorGroups(problem);
  problem.energy = Energies(problem, problem.target);
  return problem;
}

void ForEachTask(const StripeLayout& layout, absl::FunctionRef<void(const StripeTask&)> body) {
  const int64_t wanted = (2 * DefaultThreads() + layout.groups - 1) / layout.groups;
  const int64_t parts = std::min(layout.stripes, wanted);  // Of a group.
  ParallelFor(layout.groups * parts, [&](int64_t i) {
    const int64_t part = i % parts;
    body({i / parts, part * layout.stripes / parts, (part + 1) * layout.stripes / parts});
  });
}

std::vector<double> Energies(const LayerProblem& problem, const StripedMatrix<float>& rows) {
  const StripeLayout& layout = problem.stripes;
  std::vector<double> energies(layout.lanes());
  ForEachTask(layout, [&](const StripeTask& task) {
    const GroupProblem& group = problem.groups[task.group];
    const float* stripes = rows.Stripe(task.group, task.begin);
    const auto add = [&](int64_t s, int64_t begin, int64_t end, const double* product) {
      const float* row = stripes + (s * layout.columns + begin) * kStripe;
      double* sums = energies.data() + layout.LaneOf(task.group, (task.begin + s) * kStripe);
      for (int64_t i = 0; i < (end - begin) * kStripe; ++i) {
        sums[i % kStripe] += group.weight * (row[i] * product[i]);
      }
    };
    ForEachProduct<double>(group.covariance.actual, stripes, task.count(), add);
  });
  return energies;
}

}  // namespace nbits
