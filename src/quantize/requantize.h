// SPDX-License-Identifier: Apache-2.0
// From one packed form to another.
#ifndef NBITS_QUANTIZE_REQUANTIZE_H_
#define NBITS_QUANTIZE_REQUANTIZE_H_

#include <span>

#include "absl/status/statusor.h"
#include "nbits/packed_tensor.h"
#include "nbits/quantize.h"
#include "tensor/compare_values.h"

namespace nbits {

// A tensor in its new form, and how far its elements are from what they were.
struct Requantized {
  PackedTensor tensor;
  ValueErrors errors;
};

// Quantize of the values of `source`, in its shape, with the same errors. For Float16 and for grids
// of channels that lie side by side, source and result are read and written once: each piece is
// decoded, quantized, decoded again and compared while it is in the cache. The sums of the errors
// are the same on any number of threads.
absl::StatusOr<Requantized> Requantize(const PackedTensor& source, const QuantizeOptions& options);

// Compares all elements of `tensor` with the values that they stand for, on all cores.
ValueErrors AllErrors(const PackedTensor& tensor, std::span<const float> values);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_REQUANTIZE_H_
