// Mean and variance normalisation, and division by the length.
#include <cmath>

#include "engine/kernels/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

double MeanOf(const float* values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += values[i];
  return sum / static_cast<double>(count);
}

double VarianceOf(const float* values, int64_t count, double mean) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += (values[i] - mean) * (values[i] - mean);
  return sum / static_cast<double>(count);
}

void ApplyElementAffine(const graph::Normalize& op, float* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i) values[i] = values[i] * op.scale[i] + op.offset[i];
}

// Channel blocks within a normalised group; `first_channel` is the group's.
void ApplyChannelAffine(const graph::Normalize& op, int64_t plane, int64_t first_channel,
                        float* values, int64_t count) {
  const int64_t channels = static_cast<int64_t>(op.scale.size());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t channel = (first_channel + i / plane) % channels;
    values[i] = values[i] * op.scale[channel] + op.offset[channel];
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
      const double divisor = op.divide ? std::sqrt(VarianceOf(in, count, mean) + op.epsilon) : 1.0;
      for (int64_t i = 0; i < count; ++i) {
        out[i] = static_cast<float>((in[i] - mean) / divisor);
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
      double sum = op.epsilon;
      for (int64_t i = 0; i < count; ++i) sum += double{in[i]} * in[i];
      const float factor = static_cast<float>(1 / std::sqrt(sum));
      float* out = call.outputs[0].data + group * count;
      for (int64_t i = 0; i < count; ++i) out[i] = in[i] * factor;
    }
  });
}

}  // namespace nbits
