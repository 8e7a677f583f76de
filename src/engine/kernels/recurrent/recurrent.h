// SPDX-License-Identifier: Apache-2.0
// The equations of recurrent layers, over arithmetic that is given: the plain kernel's or vectors.
#ifndef NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_H_
#define NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_H_

#include <functional>

#include "engine/kernel.h"
#include "graph/ops.h"

namespace nbits {

// Hidden units [begin, end) of a layer.
struct RecurrentUnits {
  int64_t begin, end;
};

// How gates are computed. States and gates are [batch, hidden].
class RecurrentArithmetic {
 public:
  virtual ~RecurrentArithmetic() = default;

  // The steps of a direction follow, in its order.
  virtual void Start(size_t direction) = 0;
  // The step that reads input `t` follows.
  virtual void BeginStep(int64_t t) = 0;
  // The state by which recurrent matrices are multiplied from now on. `h` may change afterwards.
  virtual void SetState(const float* h) = 0;

  // Calls body for units that together are all, on several threads perhaps. In it:
  virtual void ForUnits(const std::function<void(const RecurrentUnits&)>& body) = 0;
  // out = W_gate x + R_gate h + b_gate for these units of all batch entries.
  virtual void Preactivate(size_t gate, const RecurrentUnits& units, float* out) = 0;
  // values = f(values)
  virtual void Activate(const graph::Unary& f, float* values, int64_t count) = 0;
};

// Runs all directions.
void RunRecurrent(const graph::Recurrent& op, const Call& call, RecurrentArithmetic& arithmetic);

// Bytes of workspace that RunRecurrent takes for an input of this shape, and that the plain kernel
// takes beside its weights.
int64_t RecurrentWorkspaceBytes(const graph::Recurrent& op, const Shape& input);
int64_t PlainRecurrentWorkspaceBytes(const graph::Recurrent& op, const Shape& input);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_H_
