// SPDX-License-Identifier: Apache-2.0
// An image read at places that another tensor gives.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::GridSample;

// A coordinate in pixels of an axis of `extent` of them.
double PixelOf(const GridSample& op, double coordinate, int64_t extent) {
  if (op.units == GridSample::Units::kPixels) return coordinate;
  const double part =
      op.units == GridSample::Units::kMinusOneToOne ? (coordinate + 1) / 2 : coordinate;
  const auto pixels = static_cast<double>(extent);
  return op.align_corners ? part * (pixels - 1) : part * pixels - 0.5;
}

// Mirrored until it lies within [low, high].
double Mirrored(double place, double low, double high) {
  const double span = high - low;
  if (!(span > 0) || !std::isfinite(place)) return low;
  const double turns = std::fmod(std::abs(place - low), 2 * span);
  return low + (turns > span ? 2 * span - turns : turns);
}

double WithinBorder(const GridSample& op, double place, int64_t extent) {
  const auto last = static_cast<double>(extent - 1);
  switch (op.border) {
    case GridSample::Border::kConstant:
      return place;
    case GridSample::Border::kEdge:
      return place > 0 ? std::min(place, last) : 0.0;
    case GridSample::Border::kReflect:
      return Mirrored(place, 0, last);
    case GridSample::Border::kSymmetric:
      return std::clamp(Mirrored(place, -0.5, last + 0.5), 0.0, last);
  }
  return place;
}

struct Image {
  const float* pixels;
  int64_t height, width;
};

// A pixel, or the value that stands for those outside.
float PixelAt(const GridSample& op, const Image& image, double y, double x) {
  const bool inside = y >= 0 && x >= 0 && y < static_cast<double>(image.height) &&
                      x < static_cast<double>(image.width);
  if (!inside) return op.value;
  return image.pixels[static_cast<int64_t>(y) * image.width + static_cast<int64_t>(x)];
}

float SampleImage(const GridSample& op, const Image& image, double y, double x) {
  if (!std::isfinite(y) || !std::isfinite(x)) return op.value;
  if (!op.bilinear) return PixelAt(op, image, std::nearbyint(y), std::nearbyint(x));
  const double top = std::floor(y), left = std::floor(x);
  const auto down = static_cast<float>(y - top), right = static_cast<float>(x - left);
  float sum = 0;
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      const float weight = (i == 0 ? 1 - down : down) * (j == 0 ? 1 - right : right);
      // What has no weight may be no number.
      if (weight != 0) sum += weight * PixelAt(op, image, top + i, left + j);
    }
  }
  return sum;
}

}  // namespace

void RunPlain(const GridSample& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const int64_t channels = shape[1], height = shape[2], width = shape[3];
  const Shape& places = call.inputs[1].shape;
  const int64_t count = places[1] * places[2];
  ForChunks(shape[0] * channels, count, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const Image image{call.inputs[0].data + plane * height * width, height, width};
      const float* coordinates = call.inputs[1].data + plane / channels * count * 2;
      float* out = call.outputs[0].data + plane * count;
      for (int64_t i = 0; i < count; ++i) {
        const double x = PixelOf(op, coordinates[2 * i], width);
        const double y = PixelOf(op, coordinates[2 * i + 1], height);
        out[i] = SampleImage(op, image, WithinBorder(op, y, height), WithinBorder(op, x, width));
      }
    }
  });
}

}  // namespace nbits
