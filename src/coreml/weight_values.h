// SPDX-License-Identifier: Apache-2.0
// The values of one WeightParams message: from the file to a packed tensor and back.
#ifndef NBITS_COREML_WEIGHT_VALUES_H_
#define NBITS_COREML_WEIGHT_VALUES_H_

#include <optional>

#include "absl/status/statusor.h"
#include "coreml/wire_tree.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// The values of a kWeight node, validated against `shape` (absent: a vector of as many elements as
// the values give). Bytes are a view of the file, or a gathered copy that the tensor owns where the
// floats stand in several chunks. InvalidArgument, without place, for values in more than one form,
// raw values without quantization, tables and scales of wrong length, wrong byte counts.
absl::StatusOr<PackedTensor> ReadWeight(const WireNode& weight, const std::optional<Shape>& shape,
                                        int channel_axis);

// Puts `tensor` (validated, most-significant-first, owning its bytes) in place of the node's
// values; isUpdatable and unknown fields stay.
void WriteWeight(const PackedTensor& tensor, WireNode& weight);

// The specification version from which on readers know the scheme: Float16 2, bytes for dynamically
// quantized products 5, all others 3 (what coremltools writes).
int RequiredSpecificationVersion(Scheme scheme);

}  // namespace nbits

#endif  // NBITS_COREML_WEIGHT_VALUES_H_
