// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "data/pictures/row_scaler.h"
#include "nbits/image.h"

namespace nbits {
namespace {

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

}  // namespace

RowScaler::RowScaler(int width, int height, int channels, Image& to)
    : to_(to),
      across_(TriangleTaps(width, to.width)),
      down_(TriangleTaps(height, to.height)),
      row_size_(static_cast<size_t>(to.width) * channels) {
  for (const Taps& tap : down_) rows_kept_ = std::max(rows_kept_, tap.weights.size());
  to_.channels = channels;
  to_.pixels.resize(row_size_ * down_.size());
  kept_.resize(row_size_ * rows_kept_);
  sums_.resize(row_size_);
}

void RowScaler::Add(const uint8_t* row) {
  ScaleRow(row, to_.channels, across_, KeptRow(rows_read_));
  ++rows_read_;
  for (; rows_made_ < down_.size(); ++rows_made_) {
    const Taps& tap = down_[rows_made_];
    if (tap.first + static_cast<int>(tap.weights.size()) > rows_read_) return;
    Blend(tap, &to_.pixels[rows_made_ * row_size_]);
  }
}

// The weighted sum of the rows that `tap` names, rounded.
void RowScaler::Blend(const Taps& tap, uint8_t* to) {
  std::fill(sums_.begin(), sums_.end(), 0.5f);
  for (size_t k = 0; k < tap.weights.size(); ++k) {
    const float* row = KeptRow(tap.first + static_cast<int>(k));
    for (size_t i = 0; i < row_size_; ++i) sums_[i] += tap.weights[k] * row[i];
  }
  for (size_t i = 0; i < row_size_; ++i) {
    to[i] = static_cast<uint8_t>(std::min(sums_[i], 255.0f));
  }
}

Image ResizeImage(const Image& image, int width, int height) {
  if (width == image.width && height == image.height) return image;
  Image scaled{width, height, image.channels, {}};
  RowScaler scaler(image.width, image.height, image.channels, scaled);
  const size_t row_size = static_cast<size_t>(image.width) * image.channels;
  for (int y = 0; y < image.height; ++y) scaler.Add(&image.pixels[y * row_size]);
  return scaled;
}

}  // namespace nbits
