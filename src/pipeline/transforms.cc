// SPDX-License-Identifier: Apache-2.0
#include "pipeline/transforms.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nbits {

double Logistic(double x) {
  const double e = std::exp(-std::abs(x));  // Never overflows.
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

double NormalDistribution(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

std::vector<double> Shares(std::vector<double> x) {
  const double sum = std::accumulate(x.begin(), x.end(), 0.0);
  if (sum == 0) return x;
  for (double& value : x) value /= sum;
  return x;
}

std::vector<double> Softmax(std::vector<double> x) {
  if (x.empty()) return x;
  const double largest = *std::max_element(x.begin(), x.end());
  for (double& value : x) value = std::exp(value - largest);
  return Shares(std::move(x));
}

std::vector<double> SoftmaxAgainstFirst(std::vector<double> x) {
  x.insert(x.begin(), 0.0);
  return Softmax(std::move(x));
}

}  // namespace nbits
