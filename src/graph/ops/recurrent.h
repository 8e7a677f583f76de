// SPDX-License-Identifier: Apache-2.0
// Recurrent layers: input [sequence, batch, channels, 1, 1].
#ifndef NBITS_GRAPH_OPS_RECURRENT_H_
#define NBITS_GRAPH_OPS_RECURRENT_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "graph/ops/common.h"
#include "graph/ops/elementwise.h"

namespace nbits::graph {

enum class RecurrentKind : uint8_t { kSimple, kGru, kLstm };
// Gates in this order. simple: one; GRU: update z, reset r, output o; LSTM: input i, forget f,
// block z, output o. Weights [hidden, input], recursion [hidden, hidden], biases of `hidden`
// values.
struct RecurrentDirection {
  std::vector<WeightId> weights = {}, recursions = {};
  std::vector<std::vector<float>> biases = {};     // Empty or one a gate.
  std::vector<std::vector<float>> peepholes = {};  // LSTM: empty or i, f, o.
  std::vector<Unary> activations = {};             // simple: f; GRU: f, g; LSTM: f, g, h.
  bool reverse = false;
};
// Inputs: x, then optional initial states (h, or h and c; one set a direction). Outputs: y, final
// states in the same order, as many as are asked for. States are [1, batch, hidden, 1, 1]; of a
// bidirectional layer y has 2 * hidden channels, in the input's order; else y is as computed.
struct Recurrent {
  RecurrentKind kind = RecurrentKind::kLstm;
  int64_t input_size = 1, hidden_size = 1;
  std::vector<RecurrentDirection> directions = {};  // One or two (forward, backward).
  bool sequence_output = false;
  bool coupled_gates = false;  // LSTM: the forget gate is 1 - i.
  float cell_clip = std::numeric_limits<float>::infinity();
  int state_outputs = 0;  // Number of outputs after y.
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_RECURRENT_H_
