// SPDX-License-Identifier: Apache-2.0
// Mean and variance normalisation, and division by the length.
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// Sum of f(value) in double; several running sums keep the additions from waiting for each other.
template <typename Function>
double SumOf(const float* values, int64_t count, const Function& f) {
  constexpr int64_t kLanes = 8;
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += f(double{values[i + lane]});
  }
  for (; i < count; ++i) sums[0] += f(double{values[i]});
  double total = 0;
  for (double sum : sums) total += sum;
  return total;
}

double MeanOf(const float* values, int64_t count) {
  return SumOf(values, count, [](double x) { return x; }) / static_cast<double>(count);
}

double VarianceOf(const float* values, int64_t count, double mean) {
  const double sum = SumOf(values, count, [=](double x) { return (x - mean) * (x - mean); });
  return sum / static_cast<double>(count);
}

void ApplyElementAffine(const graph::Normalize& op, float* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i) values[i] = values[i] * op.scale[i] + op.offset[i];
}

// Planes of a normalised group; `first_channel` is the first one's.
void ApplyChannelAffine(const graph::Normalize& op, int64_t plane, int64_t first_channel,
                        float* values, int64_t count) {
  const int64_t channels = static_cast<int64_t>(op.scale.size());
  for (int64_t p = 0; p < count / plane; ++p) {
    const int64_t channel = (first_channel + p) % channels;
    const float scale = op.scale[channel], offset = op.offset[channel];
    for (int64_t i = p * plane; i < (p + 1) * plane; ++i) values[i] = values[i] * scale + offset;
  }
}

}  // namespace

void RunPlain(const graph::Normalize& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const int64_t groups = graph::Product(shape, 0, op.first_axis);
  const int64_t count = graph::Product(shape, op.first_axis, shape.size());
  const int64_t plane =
      shape.size() < 2 ? count : graph::Product(shape, shape.size() - 2, shape.size());
  ForChunks(groups, count, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      const float* in = call.inputs[0].data + group * count;
      float* out = call.outputs[0].data + group * count;
      const double mean = MeanOf(in, count);
      const double factor =
          op.divide ? 1 / std::sqrt(VarianceOf(in, count, mean) + op.epsilon) : 1.0;
      for (int64_t i = 0; i < count; ++i) {
        out[i] = static_cast<float>((in[i] - mean) * factor);
      }
      if (op.affine == graph::Normalize::Affine::kElement) ApplyElementAffine(op, out, count);
      if (op.affine == graph::Normalize::Affine::kChannel) {
        ApplyChannelAffine(op, plane, group * count / plane, out, count);
      }
    }
  });
}

void RunPlain(const graph::L2Normalize& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const int64_t count = graph::Product(shape, shape.size() - 3, shape.size());
  const int64_t groups = graph::Product(shape) / count;
  ForChunks(groups, count, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      const float* in = call.inputs[0].data + group * count;
      const double sum = SumOf(in, count, [](double x) { return x * x; });
      const float factor = static_cast<float>(1 / std::sqrt(sum + op.epsilon));
      float* out = call.outputs[0].data + group * count;
      for (int64_t i = 0; i < count; ++i) out[i] = in[i] * factor;
    }
  });
}

}  // namespace nbits
