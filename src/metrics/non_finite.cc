// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "nbits/metrics.h"

namespace nbits {
namespace {

// "3 NaN", "3 NaN and 1 infinite" or "1 infinite".
std::string KindsText(const NonFiniteCount& count) {
  const std::string nan = count.nan > 0 ? absl::StrCat(count.nan, " NaN") : "";
  const std::string infinite = count.infinite > 0 ? absl::StrCat(count.infinite, " infinite") : "";
  return absl::StrCat(nan, nan.empty() || infinite.empty() ? "" : " and ", infinite);
}

}  // namespace

NonFiniteCount CountNonFinite(std::span<const float> values) {
  NonFiniteCount count;
  count.values = static_cast<int64_t>(values.size());
  for (const float value : values) {
    count.nan += std::isnan(value) ? 1 : 0;
    count.infinite += std::isinf(value) ? 1 : 0;
  }
  return count;
}

std::map<std::string, NonFiniteCount> CountNonFinite(const TensorMap& outputs) {
  std::map<std::string, NonFiniteCount> found;
  for (const auto& [name, tensor] : outputs) {
    const NonFiniteCount count = CountNonFinite(tensor.values);
    if (count.any()) found[name] = count;
  }
  return found;
}

std::string NonFiniteText(const std::map<std::string, NonFiniteCount>& found) {
  std::string text;
  for (const auto& [name, count] : found) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", "output '", name, "': ", KindsText(count),
                    " of ", CountText(count.values, "value"));
  }
  return text;
}

}  // namespace nbits
