// SPDX-License-Identifier: Apache-2.0
// Scales a picture whose rows come one by one, so that it need never be in memory as a whole.
#ifndef NBITS_DATA_PICTURES_ROW_SCALER_H_
#define NBITS_DATA_PICTURES_ROW_SCALER_H_

#include <cstdint>
#include <vector>

#include "nbits/image.h"

namespace nbits {

// What one output position takes along one axis: source positions from `first` on, weighted.
struct Taps {
  int first = 0;
  std::vector<float> weights;  // Sum 1.
};

// Gives the pixels of ResizeImage. Keeps as many scaled rows as one of its output takes.
class RowScaler {
 public:
  // From width x height pixels of `channels` to the size of `to`, whose pixels it fills.
  RowScaler(int width, int height, int channels, Image& to);
  // The next row, from the top: width * channels values.
  void Add(const uint8_t* row);

 private:
  float* KeptRow(int y) { return &kept_[static_cast<size_t>(y) % rows_kept_ * row_size_]; }
  void Blend(const Taps& tap, uint8_t* to);

  Image& to_;
  std::vector<Taps> across_, down_;
  size_t row_size_, rows_kept_ = 1;
  std::vector<float> kept_, sums_;
  int rows_read_ = 0;
  size_t rows_made_ = 0;
};

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_ROW_SCALER_H_
