// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "nbits/metrics.h"

namespace nbits {
namespace {

struct Pixels {
  int width, height;
  std::vector<uint8_t> set;  // 0 or 1.
};

bool Differ(const ClassMap& map, size_t a, size_t b) {
  return map.ids[a] != map.ids[b] && map.ids[a] != kIgnoredClass && map.ids[b] != kIgnoredClass;
}

Pixels Boundary(const ClassMap& map) {
  Pixels pixels{map.width, map.height, std::vector<uint8_t>(map.ids.size())};
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      const size_t at = static_cast<size_t>(y) * map.width + x;
      const bool right = x + 1 < map.width && Differ(map, at, at + 1);
      const bool below = y + 1 < map.height && Differ(map, at, at + map.width);
      pixels.set[at] = right || below;
    }
  }
  return pixels;
}

bool AnyNear(const Pixels& pixels, int x, int y, double tolerance) {
  const int reach = static_cast<int>(tolerance);
  for (int v = std::max(0, y - reach); v <= std::min(pixels.height - 1, y + reach); ++v) {
    for (int u = std::max(0, x - reach); u <= std::min(pixels.width - 1, x + reach); ++u) {
      const double squared = double{1} * (u - x) * (u - x) + double{1} * (v - y) * (v - y);
      if (squared > tolerance * tolerance) continue;
      if (pixels.set[static_cast<size_t>(v) * pixels.width + u]) return true;
    }
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

absl::StatusOr<double> BoundaryF(const ClassMap& truth, const ClassMap& predicted,
                                 double tolerance) {
  if (truth.width != predicted.width || truth.height != predicted.height ||
      truth.ids.size() != predicted.ids.size() ||
      truth.ids.size() != static_cast<size_t>(truth.width) * truth.height) {
    return absl::InvalidArgumentError("class maps of different sizes cannot be compared");
  }
  const Pixels expected = Boundary(truth), found = Boundary(predicted);
  const double precision = ShareNear(found, expected, tolerance);
  const double recall = ShareNear(expected, found, tolerance);
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

}  // namespace nbits
