// SPDX-License-Identifier: Apache-2.0
// The modes linear, linear_symmetric and linear_lut: grids of equal steps (quantize/linear_grid.h).
#ifndef NBITS_QUANTIZE_QUANTIZE_LINEAR_H_
#define NBITS_QUANTIZE_QUANTIZE_LINEAR_H_

#include <span>

#include "absl/status/status.h"
#include "nbits/quantize.h"
#include "quantize/value_source.h"
#include "tensor/channel_layout.h"
#include "tensor/kernels.h"

namespace nbits {

// Of all values, on all cores.
Extremes AllExtremes(std::span<const float> values);

// FailedPrecondition that names value `index`, or the worst one: a NaN, or that of the largest
// magnitude.
absl::Status CannotRepresent(std::span<const float> values, size_t index, Mode mode);
absl::Status CannotRepresent(std::span<const float> values, Mode mode);

// Whether there are several channels, and channel c is [c * inner, (c + 1) * inner).
bool IsSideBySide(const ChannelLayout& layout, int64_t elements);

// Fills scale, offset and bytes of `tensor`, which has its bits, order and shape already: one grid
// a channel or one for all, as `options` say. There is at least one value. CannotRepresent for
// values that are infinite or NaN, and where a step or a code's value leaves Float32's range.
//
// Where channels lie side by side each value is read from memory once: extremes are found, codes
// written and, unless `errors` is null, errors measured while it is in the cache.
absl::Status QuantizeChannels(const ValueSource& source, const ChannelLayout& layout,
                              const QuantizeOptions& options, PackedTensor& tensor,
                              ValueErrors* errors);
// The other layouts.
absl::Status QuantizeLinear(std::span<const float> values, const QuantizeOptions& options,
                            PackedTensor& tensor);

// Fills table and bytes likewise. CannotRepresent.
absl::Status QuantizeLinearTable(std::span<const float> values, const QuantizeOptions& options,
                                 PackedTensor& tensor);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_QUANTIZE_LINEAR_H_
