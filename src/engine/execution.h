// SPDX-License-Identifier: Apache-2.0
// One run of a prepared network.
#ifndef NBITS_ENGINE_EXECUTION_H_
#define NBITS_ENGINE_EXECUTION_H_

#include <span>
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

  // Tensors, by their ids before formats were assigned, whose values Float16 cannot hold. When
  // they were to be stored so, the run has ended with the first of them, without results; a
  // prepared graph that measures the range runs to its end.
  const std::vector<graph::TensorId>& left_range() const { return left_range_; }

  // The results. Once, after Run, unless it has ended before its end.
  TensorMap TakeOutputs();

 private:
  absl::StatusOr<const float*> BindInput(const graph::Port& port, const TensorMap& inputs);
  float* Locate(graph::TensorId tensor) const;
  absl::Status RunStep(const Step& step);
  void WatchRange(const Step& step, std::span<const Operand> inputs,
                  std::span<const Result> outputs);
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
  std::vector<graph::TensorId> left_range_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_EXECUTION_H_
