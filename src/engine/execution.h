// SPDX-License-Identifier: Apache-2.0
// One run of a prepared network.
#ifndef NBITS_ENGINE_EXECUTION_H_
#define NBITS_ENGINE_EXECUTION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "engine/prepare.h"

namespace nbits {

class Execution {
 public:
  // `arena` holds the plan's arena_bytes. Both outlive the execution.
  Execution(const Prepared& prepared, std::byte* arena) : prepared_(prepared), arena_(arena) {}

  // InvalidArgument for a missing input or a wrong shape. Optional inputs that are absent read as
  // zeros; ResourceExhausted: no memory for these. `inputs` must outlive the execution.
  absl::Status BindInputs(const TensorMap& inputs);

  // Runs all steps; a layer's error names it. ResourceExhausted: no memory for an output.
  // `profile`, if given, is told of every step.
  absl::Status Run(std::vector<LayerProfile>* profile);

  // The results. Once, after Run.
  TensorMap TakeOutputs();

 private:
  absl::StatusOr<const float*> BindInput(const graph::Port& port, const TensorMap& inputs);
  float* Locate(graph::TensorId tensor) const;
  absl::Status RunStep(const Step& step) const;
  // Those that `node` is the first to write into; -1: those that are copied at the end.
  absl::Status AllocateOutputs(int node);
  absl::Status CopyOutputs();
  void ReleaseWeights(const Step& step) const;
  LayerProfile Profile(const Step& step, double milliseconds) const;

  const Prepared& prepared_;
  std::byte* arena_;
  std::vector<const float*> inputs_;         // By graph input.
  std::vector<std::vector<float>> zeros_;    // Of absent inputs.
  std::vector<std::vector<float>> outputs_;  // By graph output.
};

}  // namespace nbits

#endif  // NBITS_ENGINE_EXECUTION_H_
