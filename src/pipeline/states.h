// SPDX-License-Identifier: Apache-2.0
// What a network keeps from one run to the next (the states of an ML Program).
#ifndef NBITS_PIPELINE_STATES_H_
#define NBITS_PIPELINE_STATES_H_

#include <mutex>
#include <vector>

#include "nbits/engine.h"
#include "nbits/model.h"

namespace nbits {

// Of one engine, whose states are inputs and outputs of the kind kState. They are zeros at first.
// Runs in several threads take turns with them in no order; a sequence is run in one.
class States {
 public:
  explicit States(const Engine& engine);

  // The features but for the states.
  static std::vector<FeatureDescription> Without(std::vector<FeatureDescription> features);

  bool empty() const { return names_.empty(); }
  // Puts the states beside the inputs of a run.
  void AddTo(TensorMap& inputs);
  // Takes them from its outputs.
  void TakeFrom(TensorMap& outputs);

 private:
  std::vector<std::string> names_;
  std::mutex mutex_;
  TensorMap values_;  // Guarded by mutex_.
};

// Runs the engine with its states.
absl::StatusOr<TensorMap> RunWithStates(const Engine& engine, States& states, TensorMap inputs,
                                        std::vector<LayerProfile>* profile);

}  // namespace nbits

#endif  // NBITS_PIPELINE_STATES_H_
