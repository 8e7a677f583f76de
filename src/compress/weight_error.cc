#include "compress/weight_error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "base/status_macros.h"
#include "nbits/quantize.h"

namespace nbits {
namespace {

// Elements decoded at once: two blocks of floats take half of a 32 KB first-level cache.
constexpr int64_t kBlock = 2048;

void AddBlock(std::span<const float> original, std::span<const float> stored, WeightError& error) {
  for (size_t i = 0; i < original.size(); ++i) {
    const double value = original[i], difference = value - stored[i];
    error.signal += value * value;
    error.squared_error += difference * difference;
    error.max_absolute_error = std::max(error.max_absolute_error, std::abs(difference));
    error.zeros_flipped += (original[i] == 0) != (stored[i] == 0);
  }
}

}  // namespace

void WeightError::Merge(const WeightError& other) {
  signal += other.signal;
  squared_error += other.squared_error;
  max_absolute_error = std::max(max_absolute_error, other.max_absolute_error);
  zeros_flipped += other.zeros_flipped;
}

double WeightError::SnrDb() const {
  return squared_error > 0 ? 10 * std::log10(signal / squared_error)
                           : std::numeric_limits<double>::infinity();
}

absl::StatusOr<WeightError> CompareElements(const PackedTensor& original,
                                            const PackedTensor& stored, int64_t begin,
                                            int64_t end) {
  float originals[kBlock], stored_values[kBlock];
  WeightError error;
  for (int64_t at = begin; at < end; at += kBlock) {
    const auto count = static_cast<size_t>(std::min(kBlock, end - at));
    NBITS_RETURN_IF_ERROR(DequantizeRange(original, at, std::span(originals, count)));
    NBITS_RETURN_IF_ERROR(DequantizeRange(stored, at, std::span(stored_values, count)));
    AddBlock(std::span(originals, count), std::span(stored_values, count), error);
  }
  return error;
}

}  // namespace nbits
