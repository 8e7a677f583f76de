// SPDX-License-Identifier: Apache-2.0
// Operations along axes: sums, extremes, order, normalisation.
#ifndef NBITS_GRAPH_OPS_REDUCE_H_
#define NBITS_GRAPH_OPS_REDUCE_H_

#include <cstdint>
#include <vector>

namespace nbits::graph {

enum class ReduceOperation : uint8_t {
  kSum,
  kMean,
  kProduct,
  kLogSum,
  kSumOfSquares,
  kL1,
  kL2,
  kMaximum,
  kMinimum,
  kLogSumExp,
};
struct Reduce {
  ReduceOperation operation = ReduceOperation::kSum;
  std::vector<int> axes;  // Ascending, distinct.
  bool keep_axes = true;
  float epsilon = 0;  // kLogSum: sum of log(x + epsilon).
};
struct ArgExtreme {  // Index of the first largest (smallest) value.
  bool largest = true;
  int axis = 0;
  bool keep_axis = true;
};
struct CumulativeSum {
  int axis = 0;
  bool exclusive = false, reverse = false;
};
struct TopK {  // Outputs (values, indices), best first; the lower index wins a tie.
  int axis = 0;
  int64_t count = 0;
  bool largest = true;
};
struct ArgSort {
  int axis = 0;
  bool descending = false;
};
struct Softmax {
  int axis = 0;
};

// Subtracts the mean over `axes` and divides by sqrt(variance + epsilon) (variance: mean of squared
// deviations), then applies scale and offset. The axes are the last ones: [first_axis, rank).
struct Normalize {
  int first_axis = 0;
  bool divide = true;
  float epsilon = 0;
  // Empty: none. kChannel: one value a channel (axis -3). kElement: one a normalised element.
  enum class Affine : uint8_t { kNone, kChannel, kElement } affine = Affine::kNone;
  std::vector<float> scale, offset;
};
struct L2Normalize {  // x / sqrt(sum over channels, height, width of x^2 + epsilon)
  float epsilon = 0;
};
struct LocalResponse {  // x / (k + alpha / size * sum of squares of `size` channels around)^beta
  float alpha = 0, beta = 0, k = 1;
  int64_t size = 1;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_REDUCE_H_
