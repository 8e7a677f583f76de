// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/moments/covariance.h"

#include <algorithm>
#include <utility>

#include "base/threads/parallel.h"

namespace nbits {
namespace {

// Rows that one thread takes at a time.
constexpr int64_t kRows = 32;

std::vector<double> Means(const std::vector<double>& sums, int64_t inputs, double count) {
  std::vector<double> means(inputs);
  for (size_t k = 0; k < sums.size(); ++k) means[k] = sums[k] / count;
  return means;
}

template <typename Body>
void ForEachRow(int64_t rows, const Body& body) {
  ParallelFor((rows + kRows - 1) / kRows, [&](int64_t i) {
    for (int64_t row = i * kRows; row < std::min(rows, (i + 1) * kRows); ++row) body(row);
  });
}

// Of variances: what rounding has left below 0 is 0.
double MeanDiagonal(const SecondMoments& moments, const std::vector<double>& mean, double count) {
  double sum = 0;
  for (int64_t k = 0; k < moments.inputs; ++k) {
    sum += std::max(0.0, moments.products[TriangleElements(k) + k] / count - mean[k] * mean[k]);
  }
  return sum / static_cast<double>(moments.inputs);
}

LowerTriangle<float> Identity(int64_t size) {
  LowerTriangle<float> identity(size);
  for (int64_t i = 0; i < size; ++i) identity.Row(i)[i] = 1;
  return identity;
}

LowerTriangle<float> Actual(const SecondMoments& moments, const std::vector<double>& mean,
                            double count, double unit) {
  LowerTriangle<float> actual(moments.inputs);
  ForEachRow(moments.inputs, [&](int64_t i) {
    const double* products = moments.products.data() + TriangleElements(i);
    float* row = actual.Row(i);
    for (int64_t j = 0; j <= i; ++j) {
      row[j] = static_cast<float>((products[j] / count - mean[i] * mean[j]) / unit);
    }
    row[i] = std::max(row[i], 0.0f);
  });
  return actual;
}

std::vector<float> Drift(const SecondMoments& moments, const Covariance& covariance, double count) {
  const int64_t inputs = moments.inputs;
  std::vector<float> drift(moments.drift_products.size());
  if (drift.empty()) return drift;
  ForEachRow(inputs, [&](int64_t i) {
    for (int64_t j = 0; j < inputs; ++j) {
      const double product = moments.drift_products[i * inputs + j] / count;
      drift[i * inputs + j] = static_cast<float>(
          (product - covariance.drift_mean[i] * covariance.mean[j]) / covariance.unit);
    }
  });
  return drift;
}

}  // namespace

Covariance CovarianceOf(SecondMoments moments) {
  const auto count = static_cast<double>(moments.count);
  Covariance covariance;
  covariance.mean = Means(moments.sum, moments.inputs, count);
  covariance.drift_mean = Means(moments.drift_sum, moments.inputs, count);
  covariance.unit = MeanDiagonal(moments, covariance.mean, count);
  if (covariance.unit <= 0) {
    covariance.unit = 0;
    covariance.actual = Identity(moments.inputs);
    return covariance;
  }
  covariance.actual = Actual(moments, covariance.mean, count, covariance.unit);
  moments.products = {};
  covariance.drift = Drift(moments, covariance, count);
  return covariance;
}

int64_t CovarianceBytes(int64_t inputs, bool with_drift) {
  const int64_t drift = with_drift ? inputs * inputs : 0;
  return static_cast<int64_t>(sizeof(float)) * (TriangleElements(inputs) + drift) +
         static_cast<int64_t>(2 * sizeof(double)) * inputs;
}

}  // namespace nbits
