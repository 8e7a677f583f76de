// SPDX-License-Identifier: Apache-2.0
// The values of one WeightParams message: from the file to a packed tensor and back.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_VALUES_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_VALUES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "formats/neural_network/weights/weight_fields.h"
#include "formats/neural_network/wire/wire_tree.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// The values of a kWeight node, validated against the field's shape (absent: a vector of as many
// elements as the values give). Bytes are a view of the file, or a gathered copy that the tensor
// owns where the floats stand in several chunks. InvalidArgument, without place, for values in more
// than one form, raw values without quantization, tables and scales of wrong length, too few bytes.
// Raw bytes beyond the last element are not part of the tensor.
//
// A grouped deconvolution has a scale for each of the layer's output channels in the file and one
// for each output channel of a group in the tensor: groups that differ are InvalidArgument. A
// vector with a scale for each of its C maps has shape [C, size].
absl::StatusOr<PackedTensor> ReadWeight(const WireNode& weight, const WeightField& field);

// Puts `tensor` (validated, most-significant-first, owning its bytes) in place of the node's
// values, its scales as often as the format wants them (`scales` of WeightField); isUpdatable and
// unknown fields stay.
void WriteWeight(const PackedTensor& tensor, int64_t scales, WireNode& weight);

// How many scales and offsets the file has for a weight.
struct GridCounts {
  int64_t scales = 0, offsets = 0;
};
GridCounts StoredGridCounts(const WireNode& weight);

// The specification version from which on readers know the scheme: Float16 2, bytes for dynamically
// quantized products 5, all others 3 (what coremltools writes).
int RequiredSpecificationVersion(Scheme scheme);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_VALUES_H_
