// SPDX-License-Identifier: Apache-2.0
#include "base/figures.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace nbits {

std::string CountText(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string BytesText(int64_t bytes) {
  if (bytes < 1000) return CountText(bytes, "byte");
  constexpr const char* kUnits[] = {"kB", "MB", "GB"};
  double value = static_cast<double>(bytes) / 1000;
  const char* const* unit = kUnits;
  for (; value >= 1000 && unit != std::end(kUnits) - 1; ++unit) value /= 1000;
  const int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  // What lies in the middle, in binary too, goes up, as JavaScript's toFixed does: printf takes the
  // even neighbour. Such values are odd multiples of a power of two.
  const bool is_middle = std::fmod(value * (2 << digits), 2) == 1;
  if (is_middle) value = std::nextafter(value, std::numeric_limits<double>::infinity());
  return absl::StrFormat("%.*f %s", digits, value, *unit);
}

std::string ShapeText(const Shape& shape) {
  return shape.empty() ? "scalar" : absl::StrJoin(shape, " x ");
}

}  // namespace nbits
