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

// One direction of a layer and room for one step.
struct Cell {
  const RecurrentWeights& weights;
  const RecurrentArithmetic& arithmetic;
  const Recurrent& op;
  const RecurrentDirection& direction;
  float* gates[kGateBuffers];
};

Cell MakeCell(const RecurrentWeights& weights, const RecurrentArithmetic& arithmetic,
              float* buffers) {
  Cell cell{weights, arithmetic, weights.op, weights.direction, {}};
  for (int64_t i = 0; i < kGateBuffers; ++i) {
    cell.gates[i] = buffers + i * weights.op.hidden_size;
  }
  return cell;
}

void Activate(const Cell& cell, size_t function, float* values) {
  cell.arithmetic.activate(cell.direction.activations[function], values, cell.op.hidden_size);
}

// The activation of a sum of products, which the format limits before.
void ActivateGate(const Cell& cell, size_t function, float* values) {
  constexpr float kLimit = 50;  // clip() in the comments of all recurrent layers.
  for (int64_t i = 0; i < cell.op.hidden_size; ++i) {
    values[i] = std::max(std::min(values[i], kLimit), -kLimit);
  }
  Activate(cell, function, values);
}

void Preactivate(const Cell& cell, size_t gate, const float* x, const float* h, float* out) {
  cell.arithmetic.preactivate(cell.weights, gate, x, h, out);
}

void PlainPreactivate(const RecurrentWeights& w, size_t gate, const float* x, const float* h,
                      float* out) {
  for (int64_t i = 0; i < w.op.hidden_size; ++i) {
    out[i] = Dot(w.weights[gate] + i * w.op.input_size, x, w.op.input_size) +
             Dot(w.recursions[gate] + i * w.op.hidden_size, h, w.op.hidden_size);
    if (!w.direction.biases.empty()) out[i] += w.direction.biases[gate][i];
  }
}

void PlainActivate(const graph::Unary& f, float* values, int64_t count) {
  ApplyUnary(f, values, values, count, 1);
}

void StepSimple(const Cell& cell, const float* x, float* h) {
  Preactivate(cell, 0, x, h, cell.gates[0]);
  ActivateGate(cell, 0, cell.gates[0]);
  std::copy_n(cell.gates[0], cell.op.hidden_size, h);
}

void StepGru(const Cell& cell, const float* x, float* h) {
  auto& [z, r, o, rh, unused] = cell.gates;
  (void)unused;
  Preactivate(cell, 0, x, h, z);
  Preactivate(cell, 1, x, h, r);
  ActivateGate(cell, 0, z);
  ActivateGate(cell, 0, r);
  for (int64_t i = 0; i < cell.op.hidden_size; ++i) rh[i] = r[i] * h[i];
  Preactivate(cell, 2, x, rh, o);
  ActivateGate(cell, 1, o);
  for (int64_t i = 0; i < cell.op.hidden_size; ++i) h[i] = (1 - z[i]) * o[i] + z[i] * h[i];
}

// The peephole: gate += p * c.
void AddPeephole(const Cell& cell, size_t which, const float* c, float* gate) {
  if (cell.direction.peepholes.empty()) return;
  const std::vector<float>& p = cell.direction.peepholes[which];
  for (int64_t k = 0; k < cell.op.hidden_size; ++k) gate[k] += p[k] * c[k];
}

void UpdateCellState(const Cell& cell, const float* input, const float* forget, const float* block,
                     float* c) {
  const float limit = cell.op.cell_clip;
  for (int64_t k = 0; k < cell.op.hidden_size; ++k) {
    const float keep = cell.op.coupled_gates ? 1 - input[k] : forget[k];
    c[k] = std::max(std::min(keep * c[k] + input[k] * block[k], limit), -limit);
  }
}

void StepLstm(const Cell& cell, const float* x, float* h, float* c) {
  auto& [input, forget, block, output, squashed] = cell.gates;
  for (size_t gate = 0; gate < 4; ++gate) Preactivate(cell, gate, x, h, cell.gates[gate]);
  AddPeephole(cell, 0, c, input);
  AddPeephole(cell, 1, c, forget);
  ActivateGate(cell, 0, input);
  ActivateGate(cell, 0, forget);
  ActivateGate(cell, 1, block);
  UpdateCellState(cell, input, forget, block, c);
  AddPeephole(cell, 2, c, output);
  ActivateGate(cell, 0, output);
  std::copy_n(c, cell.op.hidden_size, squashed);
  Activate(cell, 2, squashed);
  for (int64_t k = 0; k < cell.op.hidden_size; ++k) h[k] = output[k] * squashed[k];
}

void Step(const Cell& cell, const float* x, float* h, float* c) {
  switch (cell.op.kind) {
    case RecurrentKind::kSimple:
      return StepSimple(cell, x, h);
    case RecurrentKind::kGru:
      return StepGru(cell, x, h);
    case RecurrentKind::kLstm:
      return StepLstm(cell, x, h, c);
  }
}

int64_t StatesPerDirection(const Recurrent& op) { return op.kind == RecurrentKind::kLstm ? 2 : 1; }

RecurrentWeights DecodeWeights(const Recurrent& op, const RecurrentDirection& direction,
                               Workspace& workspace) {
  RecurrentWeights decoded{op, direction, {}, {}};
  for (graph::WeightId id : direction.weights) decoded.weights.push_back(workspace.Weight(id));
  for (graph::WeightId id : direction.recursions) {
    decoded.recursions.push_back(workspace.Weight(id));
  }
  return decoded;
}

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

// All steps of one direction. `h` and `c` hold [batch, hidden].
void RunDirection(const Cell& cell, const RecurrentInputs& inputs, size_t index, const Call& call,
                  float* h, float* c) {
  const Recurrent& op = cell.op;
  const int64_t steps = call.inputs[0].shape[0], batch = call.inputs[0].shape[1];
  const int64_t pitch = op.hidden_size * static_cast<int64_t>(op.directions.size());
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t t = cell.direction.reverse ? steps - 1 - i : i;
    for (int64_t b = 0; b < batch; ++b) {
      float* state = h + b * op.hidden_size;
      Step(cell, inputs.values + (t * batch + b) * inputs.pitch, state, c + b * op.hidden_size);
      if (!op.sequence_output && i + 1 < steps) continue;
      const int64_t row = OutputStep(op, i, t) * batch + b;
      std::copy_n(
          state, op.hidden_size,
          call.outputs[0].data + row * pitch + static_cast<int64_t>(index) * op.hidden_size);
    }
  }
}

}  // namespace

int64_t RecurrentWorkspaceBytes(const Recurrent& op, const Shape& input) {
  return AlignedSize(4 * kGateBuffers * op.hidden_size) +
         2 * AlignedSize(4 * input[1] * op.hidden_size);
}

void RunRecurrent(const Recurrent& op, const Call& call, const RecurrentArithmetic& arithmetic,
                  const std::function<RecurrentInputs(const RecurrentWeights&)>& prepare) {
  const int64_t count = call.inputs[0].shape[1] * op.hidden_size;
  float* buffers = call.workspace.Floats(kGateBuffers * op.hidden_size);
  float* h = call.workspace.Floats(count);
  float* c = call.workspace.Floats(count);
  const int64_t states = StatesPerDirection(op);
  for (size_t d = 0; d < op.directions.size(); ++d) {
    const RecurrentWeights weights = DecodeWeights(op, op.directions[d], call.workspace);
    const Cell cell = MakeCell(weights, arithmetic, buffers);
    const size_t first = 1 + d * static_cast<size_t>(states);
    LoadState(call, first, h, count);
    LoadState(call, states == 2 ? first + 1 : call.inputs.size(), c, count);
    RunDirection(cell, prepare(weights), d, call, h, c);
    if (op.state_outputs == 0) continue;
    std::copy_n(h, count, call.outputs[first].data);
    if (states == 2) std::copy_n(c, count, call.outputs[first + 1].data);
  }
}

void RunPlain(const Recurrent& op, const Call& call) {
  RunRecurrent(op, call, {PlainPreactivate, PlainActivate}, [&](const RecurrentWeights&) {
    return RecurrentInputs{call.inputs[0].data, op.input_size};
  });
}

}  // namespace nbits
