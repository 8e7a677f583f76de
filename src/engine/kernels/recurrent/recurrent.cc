// SPDX-License-Identifier: Apache-2.0
// Simple recurrent, GRU and LSTM layers, one step at a time. With gates g of the step
//   a_g = W_g x + R_g h + b_g
// limited to [-50, 50] before an activation: simple: h' = f(a). GRU: z = f(a_z), r = f(a_r), o =
// g(W_o x + R_o (r * h) + b_o), h' = (1 - z) * o + z * h. LSTM: i = f(a_i + p_i * c), f = f(a_f +
// p_f * c), z = g(a_z), c' = clip(f * c + i * z), o = f(a_o + p_o * c'), h' = o * h(c').
#include "engine/kernels/recurrent/recurrent.h"

#include <algorithm>

#include "engine/kernels/common/dot.h"
#include "engine/kernels/plain.h"
#include "engine/memory/workspace.h"

namespace nbits {
namespace {

using graph::Recurrent;
using graph::RecurrentDirection;
using graph::RecurrentKind;

constexpr int64_t kGateBuffers = 5;  // At most four gates and one product.

// One direction of a layer and room for one step. States and gates are [batch, hidden].
struct Cell {
  const Recurrent& op;
  const RecurrentDirection& direction;
  RecurrentArithmetic& arithmetic;
  int64_t batch;
  float* gates[kGateBuffers];
  float *h, *c;
};

// f(where the units of a batch entry begin in a state, their number)
template <typename Function>
void ForEntries(const Cell& cell, const RecurrentUnits& units, const Function& f) {
  for (int64_t b = 0; b < cell.batch; ++b) {
    f(b * cell.op.hidden_size + units.begin, units.end - units.begin);
  }
}

void Activate(const Cell& cell, size_t function, const RecurrentUnits& units, float* values) {
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    cell.arithmetic.Activate(cell.direction.activations[function], values + first, count);
  });
}

// The activation of a sum of products, which the format limits before.
void ActivateGate(const Cell& cell, size_t function, const RecurrentUnits& units, float* values) {
  constexpr float kLimit = 50;  // clip() in the comments of all recurrent layers.
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) {
      values[i] = std::max(std::min(values[i], kLimit), -kLimit);
    }
  });
  Activate(cell, function, units, values);
}

void StepSimple(const Cell& cell) {
  cell.arithmetic.SetState(cell.h);
  cell.arithmetic.ForUnits([&](const RecurrentUnits& units) {
    cell.arithmetic.Preactivate(0, units, cell.h);
    ActivateGate(cell, 0, units, cell.h);
  });
}

void ResetGru(const Cell& cell, const RecurrentUnits& units) {
  auto& [z, r, o, rh, unused] = cell.gates;
  (void)o, (void)unused;
  cell.arithmetic.Preactivate(0, units, z);
  cell.arithmetic.Preactivate(1, units, r);
  ActivateGate(cell, 0, units, z);
  ActivateGate(cell, 0, units, r);
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) rh[i] = r[i] * cell.h[i];
  });
}

void UpdateGru(const Cell& cell, const RecurrentUnits& units) {
  const float* z = cell.gates[0];
  float *o = cell.gates[2], *h = cell.h;
  cell.arithmetic.Preactivate(2, units, o);
  ActivateGate(cell, 1, units, o);
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) h[i] = (1 - z[i]) * o[i] + z[i] * h[i];
  });
}

void StepGru(const Cell& cell) {
  cell.arithmetic.SetState(cell.h);
  cell.arithmetic.ForUnits([&](const RecurrentUnits& units) { ResetGru(cell, units); });
  cell.arithmetic.SetState(cell.gates[3]);
  cell.arithmetic.ForUnits([&](const RecurrentUnits& units) { UpdateGru(cell, units); });
}

// The peephole: gate += p * c.
void AddPeephole(const Cell& cell, size_t which, const RecurrentUnits& units, float* gate) {
  if (cell.direction.peepholes.empty()) return;
  const float* p = cell.direction.peepholes[which].data() + units.begin;
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    for (int64_t k = 0; k < count; ++k) gate[first + k] += p[k] * cell.c[first + k];
  });
}

void UpdateCellState(const Cell& cell, const RecurrentUnits& units) {
  const float limit = cell.op.cell_clip;
  const float *input = cell.gates[0], *forget = cell.gates[1], *block = cell.gates[2];
  float* c = cell.c;
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    for (int64_t k = first; k < first + count; ++k) {
      const float keep = cell.op.coupled_gates ? 1 - input[k] : forget[k];
      c[k] = std::max(std::min(keep * c[k] + input[k] * block[k], limit), -limit);
    }
  });
}

void UpdateLstm(const Cell& cell, const RecurrentUnits& units) {
  auto& [input, forget, block, output, squashed] = cell.gates;
  for (size_t gate = 0; gate < 4; ++gate) {
    cell.arithmetic.Preactivate(gate, units, cell.gates[gate]);
  }
  AddPeephole(cell, 0, units, input);
  AddPeephole(cell, 1, units, forget);
  ActivateGate(cell, 0, units, input);
  ActivateGate(cell, 0, units, forget);
  ActivateGate(cell, 1, units, block);
  UpdateCellState(cell, units);
  AddPeephole(cell, 2, units, output);
  ActivateGate(cell, 0, units, output);
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    std::copy_n(cell.c + first, count, squashed + first);
  });
  Activate(cell, 2, units, squashed);
  ForEntries(cell, units, [&](int64_t first, int64_t count) {
    for (int64_t k = first; k < first + count; ++k) cell.h[k] = output[k] * squashed[k];
  });
}

void StepLstm(const Cell& cell) {
  cell.arithmetic.SetState(cell.h);
  cell.arithmetic.ForUnits([&](const RecurrentUnits& units) { UpdateLstm(cell, units); });
}

void Step(const Cell& cell) {
  switch (cell.op.kind) {
    case RecurrentKind::kSimple:
      return StepSimple(cell);
    case RecurrentKind::kGru:
      return StepGru(cell);
    case RecurrentKind::kLstm:
      return StepLstm(cell);
  }
}

int64_t StatesPerDirection(const Recurrent& op) { return op.kind == RecurrentKind::kLstm ? 2 : 1; }

void LoadState(const Call& call, size_t input, float* state, int64_t count) {
  if (input < call.inputs.size()) {
    std::copy_n(call.inputs[input].data, count, state);
  } else {
    std::fill_n(state, count, 0.0f);
  }
}

// Where in the outputs step `i` of a direction, which reads input `t`, comes. A layer of one
// direction gives its steps in the order of computation, one of two in that of the input.
int64_t OutputStep(const Recurrent& op, int64_t i, int64_t t) {
  if (!op.sequence_output) return 0;
  return op.directions.size() == 1 ? i : t;
}

// All steps of one direction.
void RunDirection(const Cell& cell, size_t index, const Call& call) {
  const Recurrent& op = cell.op;
  const int64_t steps = call.inputs[0].shape[0];
  const int64_t pitch = op.hidden_size * static_cast<int64_t>(op.directions.size());
  cell.arithmetic.Start(index);
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t t = cell.direction.reverse ? steps - 1 - i : i;
    cell.arithmetic.BeginStep(t);
    Step(cell);
    if (!op.sequence_output && i + 1 < steps) continue;
    float* out = call.outputs[0].data + OutputStep(op, i, t) * cell.batch * pitch +
                 static_cast<int64_t>(index) * op.hidden_size;
    for (int64_t b = 0; b < cell.batch; ++b) {
      std::copy_n(cell.h + b * op.hidden_size, op.hidden_size, out + b * pitch);
    }
  }
}

// Sums of products one after the other.
class PlainArithmetic : public RecurrentArithmetic {
 public:
  PlainArithmetic(const Recurrent& op, const Call& call)
      : op_(op),
        call_(call),
        batch_(call.inputs[0].shape[1]),
        h_(call.workspace.Floats(batch_ * op.hidden_size)) {
    for (const RecurrentDirection& direction : op.directions) {
      Decode(direction.weights, weights_.emplace_back());
      Decode(direction.recursions, recursions_.emplace_back());
    }
  }

  void Start(size_t direction) override { direction_ = direction; }
  void BeginStep(int64_t t) override { t_ = t; }
  void SetState(const float* h) override { std::copy_n(h, batch_ * op_.hidden_size, h_); }
  void Preactivate(size_t gate, const RecurrentUnits& units, float* out) override {
    const auto& biases = op_.directions[direction_].biases;
    const float *w = weights_[direction_][gate], *r = recursions_[direction_][gate];
    for (int64_t b = 0; b < batch_; ++b) {
      const float* x = call_.inputs[0].data + (t_ * batch_ + b) * op_.input_size;
      for (int64_t i = units.begin; i < units.end; ++i) {
        const float sum = Dot(w + i * op_.input_size, x, op_.input_size) +
                          Dot(r + i * op_.hidden_size, h_ + b * op_.hidden_size, op_.hidden_size);
        out[b * op_.hidden_size + i] = biases.empty() ? sum : sum + biases[gate][i];
      }
    }
  }
  void Activate(const graph::Unary& f, float* values, int64_t count) override {
    ApplyUnary(f, values, values, count, 1);
  }
  void ForUnits(const std::function<void(const RecurrentUnits&)>& body) override {
    body({0, op_.hidden_size});
  }

 private:
  void Decode(const std::vector<graph::WeightId>& ids, std::vector<const float*>& to) {
    for (graph::WeightId id : ids) to.push_back(call_.workspace.Weight(id));
  }

  const Recurrent& op_;
  const Call& call_;
  int64_t batch_;
  float* h_;
  std::vector<std::vector<const float*>> weights_, recursions_;  // By direction and gate.
  size_t direction_ = 0;
  int64_t t_ = 0;
};

}  // namespace

int64_t RecurrentWorkspaceBytes(const Recurrent& op, const Shape& input) {
  return (kGateBuffers + 2) * AlignedSize(4 * input[1] * op.hidden_size);
}

int64_t PlainRecurrentWorkspaceBytes(const Recurrent& op, const Shape& input) {
  return RecurrentWorkspaceBytes(op, input) + AlignedSize(4 * input[1] * op.hidden_size);
}

void RunRecurrent(const Recurrent& op, const Call& call, RecurrentArithmetic& arithmetic) {
  const int64_t batch = call.inputs[0].shape[1], count = batch * op.hidden_size;
  float* gates[kGateBuffers];
  for (float*& gate : gates) gate = call.workspace.Floats(count);
  float* h = call.workspace.Floats(count);
  float* c = call.workspace.Floats(count);
  const int64_t states = StatesPerDirection(op);
  for (size_t d = 0; d < op.directions.size(); ++d) {
    Cell cell{op, op.directions[d], arithmetic, batch, {}, h, c};
    std::ranges::copy(gates, cell.gates);
    const size_t first = 1 + d * static_cast<size_t>(states);
    LoadState(call, first, h, count);
    LoadState(call, states == 2 ? first + 1 : call.inputs.size(), c, count);
    RunDirection(cell, d, call);
    if (op.state_outputs == 0) continue;
    std::copy_n(h, count, call.outputs[first].data);
    if (states == 2) std::copy_n(c, count, call.outputs[first + 1].data);
  }
}

void RunPlain(const Recurrent& op, const Call& call) {
  PlainArithmetic arithmetic(op, call);
  RunRecurrent(op, call, arithmetic);
}

}  // namespace nbits
