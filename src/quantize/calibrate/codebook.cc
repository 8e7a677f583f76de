// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/codebook.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nbits {
namespace {

// Weights are near 1 here: a smaller step says nothing, and its inverse must be finite.
constexpr float kSmallestGridStep = 0x1p-100f;

// Adding and subtracting 1.5 * 2^23 rounds a float of small magnitude half to even.
constexpr float kCodeRounder = 0x1.8p23f;

}  // namespace

int Codebook::Nearest(int64_t lane, float value) const {
  if (is_table()) {
    const auto limit = std::lower_bound(limits.begin(), limits.end() - 1, value);
    return static_cast<int>(limit - limits.begin());
  }
  const float position = (value - offset[lane]) * inverse[lane];
  const float clamped = std::min(std::max(position, 0.0f), static_cast<float>(entries() - 1));
  return static_cast<int>(clamped + kCodeRounder - kCodeRounder);
}

Codebook EmptyGrids(int bits, int64_t lanes) {
  Codebook book;
  book.bits = bits;
  book.scale.assign(lanes, 0.0f);
  book.offset.assign(lanes, 0.0f);
  book.inverse.assign(lanes, 0.0f);
  return book;
}

void SetGrid(Codebook& book, int64_t lane, float scale, float offset) {
  book.scale[lane] = scale;
  book.offset[lane] = offset;
  book.inverse[lane] = scale >= kSmallestGridStep ? 1 / scale : 0.0f;
}

Codebook TableOf(int bits, std::span<const float> entries) {
  Codebook book;
  book.bits = bits;
  book.table.assign(entries.begin(), entries.end());
  book.table.resize(book.entries(), book.table.back());
  book.limits.resize(book.entries(), std::numeric_limits<float>::infinity());
  for (int i = 0; i + 1 < book.entries(); ++i) {
    book.limits[i] = book.table[i] + (book.table[i + 1] - book.table[i]) / 2;
  }
  return book;
}

}  // namespace nbits
