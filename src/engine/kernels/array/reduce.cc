// SPDX-License-Identifier: Apache-2.0
// Sums, products, extremes and norms over axes. Accumulated in double.
#include <cmath>

#include "engine/kernels/common/extremes.h"
#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using R = graph::ReduceOperation;

// Input axes sorted into those that remain and those that are reduced.
struct ReducedAxes {
  Shape kept, reduced;
  std::vector<int64_t> kept_strides, reduced_strides;
};

ReducedAxes ReducedAxesOf(const graph::Reduce& op, const Shape& shape) {
  const std::vector<int64_t> strides = RowMajorStrides(shape);
  ReducedAxes axes;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const bool reduced = std::count(op.axes.begin(), op.axes.end(), static_cast<int>(axis)) != 0;
    (reduced ? axes.reduced : axes.kept).push_back(shape[axis]);
    (reduced ? axes.reduced_strides : axes.kept_strides).push_back(strides[axis]);
  }
  return axes;
}

// sum += f(x) over all reduced positions.
template <typename Step>
double Accumulate(const Walk& reduced, const float* input, double start, const Step& step) {
  double total = start;
  const int64_t stride = reduced.strides[0].back();
  ForRows(reduced, 1, [&](std::span<const int64_t> offsets, int64_t, int64_t length) {
    const float* row = input + offsets[0];
    for (int64_t i = 0; i < length; ++i) total = step(total, double{row[i * stride]});
  });
  return total;
}

double LogSumExp(const Walk& reduced, const float* input) {
  const double largest =
      Accumulate(reduced, input, -INFINITY, [](double t, double x) { return LargerOf(t, x); });
  if (std::isinf(largest)) return largest;
  const double sum = Accumulate(reduced, input, 0.0,
                                [=](double t, double x) { return t + std::exp(x - largest); });
  return largest + std::log(sum);
}

double ReduceOne(const graph::Reduce& op, const Walk& reduced, const float* input, double count) {
  const auto sum = [&](const auto& f) {
    return Accumulate(reduced, input, 0.0, [&](double t, double x) { return t + f(x); });
  };
  switch (op.operation) {
    case R::kSum:
      return sum([](double x) { return x; });
    case R::kMean:
      return sum([](double x) { return x; }) / count;
    case R::kProduct:
      return Accumulate(reduced, input, 1.0, [](double t, double x) { return t * x; });
    case R::kLogSum:
      return sum([&](double x) { return std::log(x + op.epsilon); });
    case R::kSumOfSquares:
      return sum([](double x) { return x * x; });
    case R::kL1:
      return sum([](double x) { return std::abs(x); });
    case R::kL2:
      return std::sqrt(sum([](double x) { return x * x; }));
    case R::kMaximum:
      return Accumulate(reduced, input, -INFINITY,
                        [](double t, double x) { return LargerOf(t, x); });
    case R::kMinimum:
      return Accumulate(reduced, input, INFINITY,
                        [](double t, double x) { return SmallerOf(t, x); });
    case R::kLogSumExp:
      return LogSumExp(reduced, input);
  }
  return 0;
}

}  // namespace

void RunPlain(const graph::Reduce& op, const Call& call) {
  const ReducedAxes axes = ReducedAxesOf(op, call.inputs[0].shape);
  const Walk reduced = Walk::Make(axes.reduced, {axes.reduced_strides});
  const Walk kept = Walk::Make(axes.kept, {axes.kept_strides});
  const int64_t count = graph::Product(axes.reduced);
  const int64_t outputs = graph::Product(axes.kept);
  ForChunks(outputs, count, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      int64_t rest = index, offset = 0;
      for (size_t axis = kept.extents.size(); axis-- > 0;) {
        offset += rest % kept.extents[axis] * kept.strides[0][axis];
        rest /= kept.extents[axis];
      }
      call.outputs[0].data[index] = static_cast<float>(
          ReduceOne(op, reduced, call.inputs[0].data + offset, static_cast<double>(count)));
    }
  });
}

}  // namespace nbits
