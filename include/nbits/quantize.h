// SPDX-License-Identifier: Apache-2.0
// Pure numerics: Float32 values in, PackedTensor out, and back. Knows nothing of files.
//
// Formulas of the modes: coremltools 7.2 `quantize_weights` (to the bit with Range::kCoremltools),
// computed in double; every function's
// implementation header (src/quantize/*.h) gives them in full. kKMeansLut is the least squared
// error over all tables, by dynamic programming over the sorted values, as in Wang and Song,
// "Ckmeans.1d.dp", The R Journal 3(2), 2011; src/quantize/kmeans/kmeans.h says how near it comes
// where there are many values.
#ifndef NBITS_QUANTIZE_H_
#define NBITS_QUANTIZE_H_

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/packed_tensor.h"

namespace nbits NBITS_EXPORT {

enum class Mode : uint8_t {
  kFloat32,          // "dequantize": plain values again.
  kFloat16,          // Round half to even; 16 bits.
  kLinear,           // "linear": one scale and offset a channel, from its minimum and maximum.
  kLinearSymmetric,  // "linear_symmetric": range +-max|w| a channel.
  kLinearLut,        // "linear_lut": a table of equal steps for the whole tensor.
  kKMeansLut,        // "kmeans_lut": the table with the least squared error.
  kCustomLut,        // "custom_lut": the caller's table, each weight to its nearest entry.
};

// "linear", "kmeans_lut", ...; nullopt for a name that is none.
std::optional<Mode> ParseMode(absl::string_view name);
absl::string_view ModeName(Mode mode);

// How the range of a linear grid is chosen.
enum class Range : uint8_t {
  kMinMax,            // From the smallest to the largest weight.
  kMeanSquaredError,  // Clipped where that lowers the squared error.
  // As coremltools 7.2 has it: kMinMax, but where the step is 1e-6 or less a whole channel becomes
  // its smallest weight. Of weights of about 1e-5 nothing is left.
  kCoremltools,
};

// To which entries of a table weights go.
enum class Rounding : uint8_t {
  kNearest,  // The least squared error (coremltools).
  // A few weights of a channel go to the next entry instead, so that the channel's errors add up to
  // little and do not shift its outputs. The squared error grows by 1 % at most
  // (src/quantize/balanced_rounding.h).
  kBalanced,
};

// What to do with a weight that is infinite, NaN, or (for Float16) beyond +-65504.
enum class Overflow : uint8_t { kError, kKeepFloat, kClamp };

struct QuantizeOptions {
  Mode mode = Mode::kLinear;
  int bits = 8;  // 16 for kFloat16, 32 for kFloat32, otherwise 1..8.
  int channel_axis = 0;
  bool per_channel = true;  // false: one scale for the whole tensor (vectors such as biases).
  Range range = Range::kMinMax;
  // kKMeansLut, kLinearLut; channels are those of `channel_axis`, or one with per_channel false.
  // Other modes round to nearest: a grid with an offset of its own has no such sum.
  Rounding rounding = Rounding::kNearest;
  std::span<const float> table = {};  // kCustomLut: 2^bits entries.
  std::span<const float> importance =
      {};  // kKMeansLut: weight of each squared error in the table; empty: all 1.
};

// Quantizes `values` (row-major, ElementCount(shape) of them). The result owns its bytes and is in
// most-significant-first order. InvalidArgument for bits outside the mode's range, a channel axis
// outside the shape, wrong counts; FailedPrecondition naming the worst value for values that the
// mode cannot represent (see Overflow; the caller decides).
//
// Example:
//   const std::vector<float> weights = {-1, -0.5, 0.25, 1};  // 2 outputs x 2 inputs.
//   const nbits::QuantizeOptions options = {.mode = nbits::Mode::kLinear, .bits = 4};
//   auto packed = nbits::Quantize(weights, {2, 2}, options);
//   if (!packed.ok()) return packed.status();
//   assert(packed->bytes.size() == 2);  // Four elements of 4 bits.
//   std::vector<float> decoded(weights.size());
//   return nbits::Dequantize(*packed, decoded);
absl::StatusOr<PackedTensor> Quantize(std::span<const float> values, const Shape& shape,
                                      const QuantizeOptions& options);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_H_
