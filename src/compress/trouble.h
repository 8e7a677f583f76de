// SPDX-License-Identifier: Apache-2.0
// Finds what is wrong with weights, or with the form that they got.
#ifndef NBITS_COMPRESS_TROUBLE_H_
#define NBITS_COMPRESS_TROUBLE_H_

#include <optional>
#include <span>
#include <vector>

#include "nbits/compress.h"

namespace nbits {

// Counts of one kind of trouble: what a Finding says, without its place.
struct TroubleCount {
  Trouble trouble = Trouble::kNotFinite;
  int64_t count = 0, total = 0;
  float worst = 0;
};

// Infinite and NaN values; count 0 when there are none.
TroubleCount CountNotFinite(std::span<const float> values);
// Finite values that round to infinity in Float16.
TroubleCount CountAboveFloat16(std::span<const float> values);
// Values that are not 0 and round to 0 in Float16.
TroubleCount CountBelowFloat16(std::span<const float> values);

// Linear schemes: channels, of more than one element, whose weights all decode to one value.
TroubleCount CountConstantChannels(const PackedTensor& packed);
// Lookup tables: entries that no element uses; `used` is how many entries were asked for (a table
// with fewer is filled up).
TroubleCount CountUnusedEntries(const PackedTensor& packed, int64_t used);

// `values` in a form that `mode` can represent: NaN becomes 0, what is beyond the range the nearest
// value within it (Float16: +-65504; otherwise the largest finite magnitude of `values`).
std::vector<float> Clamped(std::span<const float> values, Mode mode);

}  // namespace nbits

#endif  // NBITS_COMPRESS_TROUBLE_H_
