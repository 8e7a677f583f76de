// SPDX-License-Identifier: Apache-2.0
// Order statistics of run times.
#ifndef NBITS_COMPARE_JUDGE_STATISTICS_H_
#define NBITS_COMPARE_JUDGE_STATISTICS_H_

#include <vector>

namespace nbits {

// The value below which `fraction` (0..1) of `values` lie, linear between neighbours (NumPy's
// default). `values` must not be empty.
double Quantile(std::vector<double> values, double fraction);

double Median(const std::vector<double>& values);
double InterquartileRange(const std::vector<double>& values);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_STATISTICS_H_
