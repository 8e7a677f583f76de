// SPDX-License-Identifier: Apache-2.0
#include "graph/grid.h"

#include <algorithm>

namespace nbits::graph {

Grid SamplingGrid(GridMode mode, double input, int64_t output) {
  const double count = static_cast<double>(output);
  const double gaps = std::max(1.0, count - 1);
  switch (mode) {
    case GridMode::kStrictAlignEndpoints:
      return {0, (input - 1) / gaps};
    case GridMode::kAlignEndpoints:
      return output == 1 ? Grid{(input - 1) / 2, 0} : Grid{0, (input - 1) / gaps};
    case GridMode::kUpsample:
      return {0, (input - input / count) / gaps};
    case GridMode::kRoiAlign: {
      const double spacing = std::max(1.0, input - 1) / count;
      return {0.5 * spacing, spacing};
    }
    case GridMode::kHalfPixel:
      return {0.5 * input / count - 0.5, input / count};
  }
  return {};
}

}  // namespace nbits::graph
