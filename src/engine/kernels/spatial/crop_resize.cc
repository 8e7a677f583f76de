// SPDX-License-Identifier: Apache-2.0
// Boxes cut from an image and resampled to one size.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/sampling.h"
#include "engine/kernels/plain.h"
#include "graph/grid.h"

namespace nbits {
namespace {

using graph::CropResize;

// First and last coordinate per axis (height, width), in pixels.
struct Box {
  double first[2], last[2];
};

Box BoxOf(const CropResize& op, const float* values, const int64_t (&extents)[2]) {
  double v[4];
  for (int i = 0; i < 4; ++i) v[i] = values[i];
  if (op.width_first) {
    std::swap(v[0], v[1]);
    std::swap(v[2], v[3]);
  }
  Box box;
  for (int axis = 0; axis < 2; ++axis) {
    const double a = v[axis], b = v[axis + 2];
    box.first[axis] = op.center_size ? a - b / 2 : a;
    box.last[axis] = op.center_size ? a + b / 2 : b;
    const double factor =
        op.spatial_scale * (op.normalized ? static_cast<double>(extents[axis] - 1) : 1.0);
    box.first[axis] *= factor;
    box.last[axis] *= factor;
  }
  return box;
}

std::vector<Sample> SamplesOf(const CropResize& op, const Box& box, int axis, int64_t extent) {
  const double span = box.last[axis] - box.first[axis] + 1;  // Pixels the box covers.
  const graph::Grid grid = graph::SamplingGrid(op.grid, span, op.output[axis]);
  std::vector<Sample> samples;
  for (int64_t i = 0; i < op.output[axis]; ++i) {
    samples.push_back(
        SampleAt(box.first[axis] + grid.start + grid.step * static_cast<double>(i), extent));
  }
  return samples;
}

}  // namespace

void RunPlain(const CropResize& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const size_t rank = shape.size();
  const int64_t batches = shape[rank - 4], channels = shape[rank - 3];
  const int64_t extents[2] = {shape[rank - 2], shape[rank - 1]};
  const int64_t plane = extents[0] * extents[1];
  const int64_t boxes = call.outputs[0].shape[0], images = call.outputs[0].shape[1];
  const int64_t values = graph::Product(call.inputs[1].shape) / boxes;
  const int64_t area = op.output[0] * op.output[1];
  ForChunks(boxes, images * channels * area, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const float* box_values = call.inputs[1].data + n * values;
      // Of five values the first tells which image of the batch.
      const double chosen = values == 5 ? box_values[0] : 0;
      const int64_t first = SampleAt(chosen, batches).low;
      const Box box = BoxOf(op, box_values + (values - 4), extents);
      const auto rows = SamplesOf(op, box, 0, extents[0]);
      const auto columns = SamplesOf(op, box, 1, extents[1]);
      for (int64_t p = 0; p < images * channels; ++p) {
        const float* in = call.inputs[0].data + (first * channels + p) * plane;
        float* out = call.outputs[0].data + (n * images * channels + p) * area;
        for (int64_t y = 0; y < op.output[0]; ++y) {
          SampleRow(in, extents[1], rows[y], columns, out + y * op.output[1]);
        }
      }
    }
  });
}

}  // namespace nbits
