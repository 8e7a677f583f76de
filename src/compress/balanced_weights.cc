// SPDX-License-Identifier: Apache-2.0
#include "compress/balanced_weights.h"

#include <algorithm>
#include <array>

#include "quantize/balanced_rounding.h"

namespace nbits {

bool HasBalancedRounding(const WeightRef& weight, const PlanEntry& entry) {
  static constexpr std::array<absl::string_view, 4> kTypes = {"convolution", "convolution3d",
                                                              "innerProduct", "batchedMatmul"};
  return CanBeBalanced(entry.mode) && entry.per_channel &&
         std::find(kTypes.begin(), kTypes.end(), weight.layer_type) != kTypes.end();
}

}  // namespace nbits
