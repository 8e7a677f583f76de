// SPDX-License-Identifier: Apache-2.0
// Memory that lives as long as one node runs: decoded weights and whatever a kernel needs.
#ifndef NBITS_ENGINE_MEMORY_WORKSPACE_H_
#define NBITS_ENGINE_MEMORY_WORKSPACE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace nbits {

// Memory aligned for every vector unit; not initialised. Null when there is none.
struct FreeDeleter {
  void operator()(std::byte* memory) const;
};
using AlignedMemory = std::unique_ptr<std::byte[], FreeDeleter>;
AlignedMemory AllocateAligned(int64_t bytes);
// The same, of huge pages where the system has them: an arena of 100 MB then takes 50 page faults
// instead of 25000.
AlignedMemory AllocateArena(int64_t bytes);

// Bytes that `bytes` take in an arena of aligned blocks.
int64_t AlignedSize(int64_t bytes);

// The values of a tensor whose bytes serve as they are (Float32, aligned); else null.
const float* PlainValues(const PackedTensor& tensor);

// Bytes of workspace in which Weights can hold this weight; 0 when the file's bytes serve as they
// are (Float32, aligned).
int64_t DecodedBytes(const PackedTensor& tensor);

// Decoded weights that are kept from run to run; null where there is none. By WeightId.
using KeptWeights = std::vector<AlignedMemory>;

// Hands out parts of one block of a size fixed in advance.
class Workspace {
 public:
  Workspace(const graph::Graph& graph, std::byte* memory, int64_t bytes,
            const KeptWeights* kept = nullptr)
      : graph_(graph), memory_(memory), bytes_(bytes), kept_(kept) {}

  // Not initialised. The kernel has announced the sum in workspace_bytes().
  float* Floats(int64_t count) { return reinterpret_cast<float*>(Bytes(count * 4)); }
  std::byte* Bytes(int64_t count);

  // The weight's values, row-major; decoded into the workspace unless they are plain in the file.
  const float* Weight(graph::WeightId weight);

 private:
  const graph::Graph& graph_;
  std::byte* memory_;
  int64_t bytes_;
  const KeptWeights* kept_;
  int64_t used_ = 0;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_WORKSPACE_H_
