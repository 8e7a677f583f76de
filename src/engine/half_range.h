// SPDX-License-Identifier: Apache-2.0
// Float16 holds values up to 65504; a larger one would become infinite without a word. So whatever
// is stored in halves is looked at when it has been computed.
#ifndef NBITS_ENGINE_HALF_RANGE_H_
#define NBITS_ENGINE_HALF_RANGE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/format_pass.h"
#include "engine/kernel.h"
#include "graph/graph.h"

namespace nbits {

// Which tensors of a graph are stored in Float16 where kernels know blocked tensors.
struct HalfStorage {
  bool halves = false;  // Whether any are.
  // By TensorId of the graph before formats are assigned; empty: none. Those that keep Float32.
  std::vector<bool> wide;

  bool is_wide(graph::TensorId tensor) const {
    return !halves || (!wide.empty() && wide[static_cast<size_t>(tensor)]);
  }
};

// Gives the blocked tensors of `formats` their elements. A convolution reads and writes any
// mixture, and keeps what it finds in Float32 so; others have one element for all, Float32 if one
// needs it. `current`: of the node's inputs.
void SetElements(const graph::Node& node, std::span<const Format> current,
                 const HalfStorage& storage, NodeFormats& formats);

// Whether the outputs of a node may have values beyond Float16's range though its inputs have none.
bool MayLeaveHalfRange(const graph::Node& node, std::span<const Format> inputs);

// Whether a stored tensor has a value that is infinite, NaN or, in Float32, too near to the end of
// Float16's range to be stored so: above half of it.
bool LeavesHalfRange(const Operand& tensor, int threads);

}  // namespace nbits

#endif  // NBITS_ENGINE_HALF_RANGE_H_
