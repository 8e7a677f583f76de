// SPDX-License-Identifier: Apache-2.0
// Patterns in which users name layers and weights.
#ifndef NBITS_FORMATS_NAME_PATTERN_H_
#define NBITS_FORMATS_NAME_PATTERN_H_

#include <string>
#include <vector>

#include "nbits/model.h"

namespace nbits {

// True when `text` equals `pattern` or matches it as POSIX fnmatch has it without flags: "*" is any
// text (slashes too), "?" any character, "[a-c]" one of these, "\" takes away the next's meaning.
bool MatchesPattern(const std::string& pattern, const std::string& text);

bool MatchesLayer(const std::string& pattern, const WeightRef& weight);
// The layer's name or the weight's path.
bool MatchesWeight(const std::string& pattern, const WeightRef& weight);
bool MatchesAny(const std::vector<std::string>& patterns, const std::string& text);

}  // namespace nbits

#endif  // NBITS_FORMATS_NAME_PATTERN_H_
