// SPDX-License-Identifier: Apache-2.0
#include "formats/name_pattern.h"

#include <fnmatch.h>

#include <algorithm>

namespace nbits {

bool MatchesPattern(const std::string& pattern, const std::string& text) {
  return pattern == text || fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool MatchesLayer(const std::string& pattern, const WeightRef& weight) {
  return MatchesPattern(pattern, weight.layer);
}

bool MatchesWeight(const std::string& pattern, const WeightRef& weight) {
  return MatchesLayer(pattern, weight) || MatchesPattern(pattern, weight.path);
}

bool MatchesAny(const std::vector<std::string>& patterns, const std::string& text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&text](const std::string& pattern) { return MatchesPattern(pattern, text); });
}

}  // namespace nbits
