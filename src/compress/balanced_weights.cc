#include "compress/balanced_weights.h"

#include <algorithm>
#include <array>

namespace nbits {

bool HasBalancedRounding(const WeightRef& weight, const PlanEntry& entry) {
  static constexpr std::array<absl::string_view, 4> kTypes = {"convolution", "convolution3d",
                                                              "innerProduct", "batchedMatmul"};
  const bool has_own_table = entry.mode == Mode::kKMeansLut || entry.mode == Mode::kLinearLut;
  return has_own_table && entry.per_channel &&
         std::find(kTypes.begin(), kTypes.end(), weight.layer_type) != kTypes.end();
}

}  // namespace nbits
