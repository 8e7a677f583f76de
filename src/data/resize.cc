// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "nbits/image.h"

namespace nbits {
namespace {

// What one output position takes along one axis: source positions from `first` on, weighted.
struct Taps {
  int first = 0;
  std::vector<float> weights;  // Sum 1.
};

// Triangle filter over `from` positions that become `to`; its half width is the scale, at least 1.
std::vector<Taps> TriangleTaps(int from, int to) {
  std::vector<Taps> all(static_cast<size_t>(to));
  const double scale = static_cast<double>(from) / to;
  const double support = std::max(scale, 1.0);
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int last = std::min(from, static_cast<int>(centre + support + 0.5));
    double sum = 0;
    std::vector<double> weights;
    for (int x = first; x < last; ++x) {
      weights.push_back(std::max(0.0, 1.0 - std::abs((x + 0.5 - centre) / support)));
      sum += weights.back();
    }
    all[i].first = first;
    for (const double weight : weights) all[i].weights.push_back(static_cast<float>(weight / sum));
  }
  return all;
}

// One row, scaled along x, kept in Float32.
void ScaleRow(const uint8_t* from, int channels, const std::vector<Taps>& taps, float* to) {
  for (const Taps& tap : taps) {
    const uint8_t* source = from + static_cast<size_t>(tap.first) * channels;
    std::fill_n(to, channels, 0.0f);
    for (const float weight : tap.weights) {
      for (int c = 0; c < channels; ++c) to[c] += weight * *source++;
    }
    to += channels;
  }
}

// The weighted sum of the rows that `tap` names, rounded.
void BlendRows(const std::vector<float>& rows, size_t row_size, const Taps& tap,
               std::vector<float>& sums, uint8_t* to) {
  std::fill(sums.begin(), sums.end(), 0.5f);
  for (size_t k = 0; k < tap.weights.size(); ++k) {
    const float* row = &rows[(tap.first + k) * row_size];
    for (size_t i = 0; i < row_size; ++i) sums[i] += tap.weights[k] * row[i];
  }
  for (size_t i = 0; i < row_size; ++i) {
    to[i] = static_cast<uint8_t>(std::min(sums[i], 255.0f));
  }
}

}  // namespace

Image ResizeImage(const Image& image, int width, int height) {
  if (width == image.width && height == image.height) return image;
  const std::vector<Taps> across = TriangleTaps(image.width, width);
  const std::vector<Taps> down = TriangleTaps(image.height, height);
  const size_t row_size = static_cast<size_t>(width) * image.channels;
  const size_t source_row = static_cast<size_t>(image.width) * image.channels;
  std::vector<float> rows(row_size * image.height);
  for (int y = 0; y < image.height; ++y) {
    ScaleRow(&image.pixels[y * source_row], image.channels, across, &rows[y * row_size]);
  }
  Image scaled{width, height, image.channels, std::vector<uint8_t>(row_size * height)};
  std::vector<float> sums(row_size);
  for (int y = 0; y < height; ++y) {
    BlendRows(rows, row_size, down[y], sums, &scaled.pixels[y * row_size]);
  }
  return scaled;
}

}  // namespace nbits
