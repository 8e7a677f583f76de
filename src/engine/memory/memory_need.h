// SPDX-License-Identifier: Apache-2.0
// What a run of a graph takes of memory.
#ifndef NBITS_ENGINE_MEMORY_MEMORY_NEED_H_
#define NBITS_ENGINE_MEMORY_MEMORY_NEED_H_

#include "absl/status/status.h"
#include "engine/prepare.h"

namespace nbits {

// Before a run takes its activations (unless it has an arena already) and outputs:
// ResourceExhausted, naming the layer that needs the most, when there is not so much memory.
absl::Status CheckMemoryOfRun(const Prepared& prepared, bool has_arena);

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_MEMORY_NEED_H_
