// SPDX-License-Identifier: Apache-2.0
// What turns sums into predictions.
#ifndef NBITS_PIPELINE_TRANSFORMS_H_
#define NBITS_PIPELINE_TRANSFORMS_H_

#include <vector>

namespace nbits {

// 1 / (1 + e^-x).
double Logistic(double x);

// The standard normal distribution's share below x.
double NormalDistribution(double x);

// e^x_i over their sum.
std::vector<double> Softmax(std::vector<double> x);

// The same of one more, the first, which the others are measured against: it is 0.
std::vector<double> SoftmaxAgainstFirst(std::vector<double> x);

// Divided by their sum, so that they add up to 1; all 0 stay so.
std::vector<double> Shares(std::vector<double> x);

}  // namespace nbits

#endif  // NBITS_PIPELINE_TRANSFORMS_H_
