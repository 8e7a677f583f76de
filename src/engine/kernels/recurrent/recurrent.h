// SPDX-License-Identifier: Apache-2.0
// The equations of recurrent layers, over arithmetic that is given: the plain kernel's or vectors.
#ifndef NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_H_
#define NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_H_

#include <functional>
#include <vector>

#include "engine/kernel.h"
#include "graph/ops.h"

namespace nbits {

// One direction of a layer with its weights decoded.
struct RecurrentWeights {
  const graph::Recurrent& op;
  const graph::RecurrentDirection& direction;
  std::vector<const float*> weights, recursions;  // By gate.
};

// How gates are computed.
struct RecurrentArithmetic {
  // out [hidden] = W_gate x + R_gate h + b_gate, where `x` is what was prepared for the step.
  void (*preactivate)(const RecurrentWeights& weights, size_t gate, const float* x, const float* h,
                      float* out);
  // values = f(values)
  void (*activate)(const graph::Unary& f, float* values, int64_t count);
};

// What the steps of one direction read: of step t and batch entry b from t * batch + b on.
struct RecurrentInputs {
  const float* values;
  int64_t pitch;  // Floats between two.
};

// Runs all directions. `prepare` gives the inputs of one, and is called before its first step.
void RunRecurrent(const graph::Recurrent& op, const Call& call,
                  const RecurrentArithmetic& arithmetic,
                  const std::function<RecurrentInputs(const RecurrentWeights&)>& prepare);

// Bytes of workspace that RunRecurrent takes, without the weights, for an input of this shape.
int64_t RecurrentWorkspaceBytes(const graph::Recurrent& op, const Shape& input);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_H_
