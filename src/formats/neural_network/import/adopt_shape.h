// SPDX-License-Identifier: Apache-2.0
// Weights seen in another shape, and parts of weights.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_ADOPT_SHAPE_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_ADOPT_SHAPE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/packed_tensor.h"

namespace nbits::graph {

// Gives `tensor` another shape of as many elements. Scales per channel stay with their elements:
// the new shape must have an axis of the same extent at the same place in memory. InvalidArgument
// otherwise.
absl::Status AdoptShape(PackedTensor& tensor, Shape shape);

// Entries [begin, begin + count) of the first axis, as they are stored: a view where they begin and
// end on whole bytes, else decoded to Float32. InvalidArgument when the tensor has no such entries;
// ResourceExhausted.
absl::StatusOr<PackedTensor> RowsOf(const PackedTensor& tensor, int64_t begin, int64_t count);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_ADOPT_SHAPE_H_
