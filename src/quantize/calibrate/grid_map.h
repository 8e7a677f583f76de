// SPDX-License-Identifier: Apache-2.0
// Which outputs share a grid.
#ifndef NBITS_QUANTIZE_CALIBRATE_GRID_MAP_H_
#define NBITS_QUANTIZE_CALIBRATE_GRID_MAP_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"

namespace nbits {

// A table is one grid for all here.
struct GridMap {
  int64_t grids = 0;
  std::vector<int32_t> of_lane;  // -1 for lanes that are no outputs.

  // Sums of lanes' values, by grid.
  std::vector<double> Sums(const std::vector<double>& by_lane) const {
    std::vector<double> sums(grids);
    ForEachOutput([&](int64_t lane, int64_t grid) { sums[grid] += by_lane[lane]; });
    return sums;
  }
  void ForEachOutput(absl::FunctionRef<void(int64_t lane, int64_t grid)> visit) const {
    for (size_t lane = 0; lane < of_lane.size(); ++lane) {
      if (of_lane[lane] >= 0) visit(static_cast<int64_t>(lane), of_lane[lane]);
    }
  }
};

// What a grid may be.
struct GridForm {
  int bits = 0;
  bool symmetric = false;  // offset = -center * scale.
  double center = 0;       // CenterCode(bits) of quantize/linear_grid.h.

  int last() const { return (1 << bits) - 1; }
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_GRID_MAP_H_
