// SPDX-License-Identifier: Apache-2.0
// Any text as a weight's format ("8:linear"), a colour, and a pattern of names with a name: two
// lines.
#include <algorithm>
#include <string>

#include "formats/name_pattern.h"
#include "fuzz/fuzz.h"
#include "nbits/class_map.h"
#include "nbits/plan.h"

namespace {

using nbits::fuzz::Require;

void CheckFormat(absl::string_view text) {
  const auto format = nbits::ParseWeightFormat(text);
  if (!format.ok()) return;
  const std::string name = nbits::WeightFormatName(*format);
  const auto again = nbits::ParseWeightFormat(name);
  Require(again.ok() && nbits::WeightFormatName(*again) == name);
}

void CheckColor(absl::string_view text) {
  const auto color = nbits::ParseColor(text);
  if (color.ok()) Require(*nbits::ParseColor(nbits::ToHex(*color)) == *color);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = nbits::fuzz::Text(data, size);
  CheckFormat(text);
  CheckColor(text);
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string pattern(text.substr(0, end)), name(text.substr(std::min(end + 1, size)));
  nbits::MatchesPattern(pattern, name);
  Require(nbits::MatchesPattern(name, name));
  return 0;
}
