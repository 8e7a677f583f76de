// SPDX-License-Identifier: Apache-2.0
// Control flow runs layer by layer: the interpreter does it, nothing of it enters a graph.
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

absl::Status PutOff(Layer&) { return ValuesNeededError("control flow"); }

}  // namespace

std::span<const LayerKind> ControlLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kBranch, "branch", PutOff},
      {L::kLoop, "loop", PutOff},
      {L::kLoopBreak, "loopBreak", PutOff},
      {L::kLoopContinue, "loopContinue", PutOff},
  };
  return kKinds;
}

}  // namespace nbits::graph
