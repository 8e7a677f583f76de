// SPDX-License-Identifier: Apache-2.0
#include "quantize/linear_grid.h"

#include <algorithm>
#include <cmath>

#include "absl/base/attributes.h"

namespace nbits {
namespace {

// coremltools: channels with a step up to this size become constant.
constexpr double kSmallestStep = 1e-6;

int MaxCode(int bits) { return (1 << bits) - 1; }

}  // namespace

ABSL_ATTRIBUTE_NOINLINE float AsStored(double value) { return static_cast<float>(value); }

double CenterCode(int bits) { return bits == 1 ? 0.5 : static_cast<double>(1 << (bits - 1)); }

LinearGrid MinMaxGrid(float minimum, float maximum, int bits) {
  const double a = minimum, b = maximum;
  const double scale = (b - a) / MaxCode(bits);
  const double inverse = std::abs(scale) > kSmallestStep ? 1.0 / scale : 0.0;
  return {{a, inverse, false, MaxCode(bits)}, scale, a};
}

LinearGrid SymmetricGrid(float minimum, float maximum, int bits) {
  const double range = std::max(std::abs(minimum), std::abs(maximum));
  const double levels = bits == 1 ? 0.5 : (1 << (bits - 1)) - 1.0;
  const double scale = range / levels;
  const double offset = -CenterCode(bits) * scale;
  const bool varies = std::abs(scale) > kSmallestStep;
  return {{offset, varies ? scale : 0.0, varies, MaxCode(bits)}, scale, offset};
}

bool IsRepresentable(const LinearGrid& grid) {
  const double scale = grid.stored_scale(), offset = grid.stored_offset();
  const auto last = static_cast<float>(scale * grid.code.max_code + offset);
  return std::isfinite(scale) && std::isfinite(offset) && std::isfinite(last);
}

}  // namespace nbits
