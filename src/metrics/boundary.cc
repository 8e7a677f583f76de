// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "nbits/metrics.h"

namespace nbits {
namespace {

struct Pixels {
  int width, height;
  std::vector<uint8_t> set;  // 0 or 1.
  std::vector<int> before;   // Set pixels of the row left of each, and in the whole row at its end.
};

// How many of row y's pixels [begin, end) are set.
int CountIn(const Pixels& pixels, int y, int begin, int end) {
  const int* row = pixels.before.data() + static_cast<size_t>(y) * (pixels.width + 1);
  return row[end] - row[begin];
}

void SumRows(Pixels& pixels) {
  const size_t stride = static_cast<size_t>(pixels.width) + 1;
  pixels.before.assign(stride * pixels.height, 0);
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      const size_t at = static_cast<size_t>(y) * stride + x;
      pixels.before[at + 1] =
          pixels.before[at] + pixels.set[static_cast<size_t>(y) * pixels.width + x];
    }
  }
}

bool Differ(const ClassMap& map, size_t a, size_t b) {
  return map.ids[a] != map.ids[b] && map.ids[a] != kIgnoredClass && map.ids[b] != kIgnoredClass;
}

Pixels Boundary(const ClassMap& map) {
  Pixels pixels{map.width, map.height, std::vector<uint8_t>(map.ids.size()), {}};
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      const size_t at = static_cast<size_t>(y) * map.width + x;
      const bool right = x + 1 < map.width && Differ(map, at, at + 1);
      const bool below = y + 1 < map.height && Differ(map, at, at + map.width);
      pixels.set[at] = right || below;
    }
  }
  SumRows(pixels);
  return pixels;
}

bool AnyNear(const Pixels& pixels, int x, int y, double tolerance) {
  const int reach = static_cast<int>(tolerance);
  for (int v = std::max(0, y - reach); v <= std::min(pixels.height - 1, y + reach); ++v) {
    const double away = v - y;
    const int side = static_cast<int>(std::sqrt(tolerance * tolerance - away * away));
    const int end = std::min(pixels.width, x + side + 1);
    if (CountIn(pixels, v, std::max(0, x - side), end) > 0) return true;
  }
  return false;
}

// Share of `from`'s pixels that have one of `to` near them; 1 when `from` has none.
double ShareNear(const Pixels& from, const Pixels& to, double tolerance) {
  int64_t all = 0, near = 0;
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x) {
      if (!from.set[static_cast<size_t>(y) * from.width + x]) continue;
      ++all;
      near += AnyNear(to, x, y, tolerance);
    }
  }
  return all == 0 ? 1.0 : static_cast<double>(near) / static_cast<double>(all);
}

}  // namespace

double BoundaryTolerance(int width, int height) {
  constexpr double kShareOfDiagonal = 0.0075;
  return std::max(1.0, kShareOfDiagonal * std::hypot(width, height));
}

absl::StatusOr<double> BoundaryF(const ClassMap& truth, const ClassMap& predicted,
                                 std::optional<double> tolerance) {
  if (truth.width != predicted.width || truth.height != predicted.height ||
      truth.ids.size() != predicted.ids.size() ||
      truth.ids.size() != static_cast<size_t>(truth.width) * truth.height) {
    return absl::InvalidArgumentError("class maps of different sizes cannot be compared");
  }
  const Pixels expected = Boundary(truth), found = Boundary(predicted);
  const double near = tolerance.value_or(BoundaryTolerance(truth.width, truth.height));
  const double precision = ShareNear(found, expected, near);
  const double recall = ShareNear(expected, found, near);
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

}  // namespace nbits
