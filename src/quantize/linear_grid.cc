// SPDX-License-Identifier: Apache-2.0
#include "quantize/linear_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/base/attributes.h"

namespace nbits {
namespace {

int MaxCode(int bits) { return (1 << bits) - 1; }

}  // namespace

ABSL_ATTRIBUTE_NOINLINE float AsStored(double value) { return static_cast<float>(value); }

double CenterCode(int bits) { return bits == 1 ? 0.5 : static_cast<double>(1 << (bits - 1)); }

LinearGrid MinMaxGrid(float minimum, float maximum, int bits, double smallest_step) {
  const double a = minimum, b = maximum;
  const double scale = (b - a) / MaxCode(bits);
  const double inverse = std::abs(scale) > smallest_step ? 1.0 / scale : 0.0;
  return {{a, inverse, false, MaxCode(bits)}, scale, a};
}

LinearGrid SymmetricGrid(float minimum, float maximum, int bits, double smallest_step) {
  const double range = std::max(std::abs(minimum), std::abs(maximum));
  const double levels = bits == 1 ? 0.5 : (1 << (bits - 1)) - 1.0;
  const double scale = range / levels;
  const double offset = -CenterCode(bits) * scale;
  const bool varies = std::abs(scale) > smallest_step;
  return {{offset, varies ? scale : 0.0, varies, MaxCode(bits)}, scale, offset};
}

LinearGrid WithStoredStep(const LinearGrid& grid, double center) {
  float step = grid.stored_scale();
  if (!(grid.scale > 0) || step >= std::numeric_limits<float>::min()) return grid;
  if (step < grid.scale) step = std::nextafter(step, 1.0f);
  const double scale = step;
  const bool is_symmetric = grid.code.divide;
  const double offset = is_symmetric ? -center * scale : grid.offset;
  const double factor = is_symmetric ? scale : 1.0 / scale;
  return {{offset, factor, is_symmetric, grid.code.max_code}, scale, offset};
}

bool IsRepresentable(const LinearGrid& grid) {
  const double scale = grid.stored_scale(), offset = grid.stored_offset();
  const auto last = static_cast<float>(scale * grid.code.max_code + offset);
  return std::isfinite(scale) && std::isfinite(offset) && std::isfinite(last);
}

}  // namespace nbits
