// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/memory_need.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/memory_limit.h"
#include "engine/format.h"

namespace nbits {
namespace {

int64_t OutputBytes(const graph::Graph& graph) {
  int64_t bytes = 0;
  for (const graph::Port& port : graph.outputs) {
    bytes += graph::Product(port.feature.shape) * int64_t{sizeof(float)};
  }
  return bytes;
}

// Of the tensors that the layer writes, and its workspace.
int64_t BytesOf(const Prepared& prepared, const Step& step) {
  int64_t bytes = step.workspace_bytes;
  for (graph::TensorId id : prepared.node(step).outputs) {
    bytes += StoredBytes(prepared.graph.tensors[id].shape, prepared.formats[id]);
  }
  return bytes;
}

}  // namespace

absl::Status CheckMemoryOfRun(const Prepared& prepared, bool has_arena) {
  const int64_t bytes = OutputBytes(prepared.graph) + (has_arena ? 0 : prepared.plan.arena_bytes);
  absl::Status status = CheckMemory(bytes, "the network");
  if (status.ok() || prepared.steps.empty()) return status;
  const Step& largest = *std::max_element(
      prepared.steps.begin(), prepared.steps.end(),
      [&](const Step& a, const Step& b) { return BytesOf(prepared, a) < BytesOf(prepared, b); });
  return absl::Status(status.code(),
                      absl::StrCat("layer '", prepared.node(largest).name, "' alone needs ",
                                   BytesText(BytesOf(prepared, largest)), "; ", status.message()));
}

}  // namespace nbits
