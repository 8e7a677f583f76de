// SPDX-License-Identifier: Apache-2.0
// Imports recurrent operations: x [sequence, batch, inputs], states [batch, hidden].
#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

// Core ML's parameters of activations that a program names alone.
absl::StatusOr<Unary> ActivationNamed(const std::string& name) {
  if (name == "sigmoid") return Unary{UnaryFunction::kSigmoid};
  if (name == "tanh") return Unary{UnaryFunction::kTanh};
  if (name == "relu") return Unary{UnaryFunction::kRelu};
  if (name == "linear") return Unary{UnaryFunction::kLinear, 1, 0};
  if (name == "scaled_tanh") return Unary{UnaryFunction::kScaledTanh, 1, 1};
  if (name == "sigmoid_hard" || name == "hard_sigmoid") {
    return Unary{UnaryFunction::kHardSigmoid, 0.2f, 0.5f};
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown activation '", name, "'"));
}

absl::StatusOr<Unary> ActivationOf(const Operation& op, const std::string& argument,
                                   const char* fallback) {
  NBITS_ASSIGN_OR_RETURN(const std::string name, op.Text(argument, fallback));
  return ActivationNamed(name);
}

// Where the engine's gates stand among the file's blocks of rows.
using GateOrder = std::vector<int>;

absl::Status ReadGates(const Operation& op, const Recurrent& recurrent, const GateOrder& order,
                       const std::string& suffix, RecurrentDirection& direction) {
  const int64_t hidden = recurrent.hidden_size;
  const auto check = [&](const std::string& argument, int64_t columns) -> absl::Status {
    NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape(argument));
    const Shape expected = {hidden * static_cast<int64_t>(order.size()), columns};
    if (shape == expected) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("'", argument, "' of shape ", ShapeText(shape),
                                                   " (expected ", ShapeText(expected), ")"));
  };
  NBITS_RETURN_IF_ERROR(check("weight_ih" + suffix, recurrent.input_size));
  NBITS_RETURN_IF_ERROR(check("weight_hh" + suffix, hidden));
  for (const int block : order) {
    NBITS_ASSIGN_OR_RETURN(direction.weights.emplace_back(),
                           op.Rows("weight_ih" + suffix, block * hidden, hidden));
    NBITS_ASSIGN_OR_RETURN(direction.recursions.emplace_back(),
                           op.Rows("weight_hh" + suffix, block * hidden, hidden));
  }
  return absl::OkStatus();
}

// The blocks of a vector in the engine's order; empty when the argument is missing.
absl::StatusOr<std::vector<std::vector<float>>> ReadBlocksOf(const Operation& op,
                                                             const std::string& argument,
                                                             int64_t hidden,
                                                             const GateOrder& order) {
  std::vector<std::vector<float>> blocks;
  if (!op.Has(argument)) return blocks;
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values,
                         op.Vector(argument, hidden * static_cast<int64_t>(order.size()), 0));
  for (const int block : order) {
    blocks.emplace_back(values.begin() + block * hidden, values.begin() + (block + 1) * hidden);
  }
  return blocks;
}

absl::StatusOr<TensorId> StateOf(const Operation& op, const std::string& argument, int64_t hidden,
                                 size_t direction, size_t directions) {
  NBITS_ASSIGN_OR_RETURN(TensorId state, op.Input(argument));
  const Shape shape = op.builder.ShapeOf(state);
  if (shape.size() != 2 || shape[1] != hidden * static_cast<int64_t>(directions)) {
    return absl::InvalidArgumentError(absl::StrCat("'", argument, "' of shape ", ShapeText(shape)));
  }
  if (directions > 1) {
    const int64_t first = static_cast<int64_t>(direction) * hidden;
    NBITS_ASSIGN_OR_RETURN(
        state, op.builder.AddOne(Slice{{0, first}, {1, 1}, {shape[0], hidden}}, {state}));
  }
  return op.Reshaped(state, {1, shape[0], hidden, 1, 1});
}

// The states of all directions side by side, [batch, hidden * directions].
absl::StatusOr<TensorId> JoinStates(const Operation& op, std::vector<TensorId> states,
                                    int64_t batch, int64_t hidden) {
  for (TensorId& state : states) {
    NBITS_ASSIGN_OR_RETURN(state, op.Reshaped(state, {batch, hidden}));
  }
  if (states.size() == 1) return states[0];
  return op.builder.AddOne(Concat{.axis = 1}, std::move(states));
}

absl::StatusOr<Recurrent> MakeRecurrent(const Operation& op, RecurrentKind kind) {
  NBITS_ASSIGN_OR_RETURN(const Shape x, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const Shape recursion, op.InputShape("weight_hh"));
  if (x.size() != 3 || recursion.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("input of shape ", ShapeText(x), " (expected rank 3)"));
  }
  Recurrent recurrent{.kind = kind};
  recurrent.input_size = x[2];
  recurrent.hidden_size = recursion[1];
  NBITS_ASSIGN_OR_RETURN(recurrent.sequence_output, op.Flag("output_sequence", false));
  return recurrent;
}

// Runs it and gives y, h and, of an LSTM, c.
absl::Status FinishRecurrent(const Operation& op, Recurrent recurrent) {
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  const Shape shape = op.builder.ShapeOf(x);
  const size_t directions = recurrent.directions.size();
  const std::vector<std::string> names = recurrent.kind == RecurrentKind::kLstm
                                             ? std::vector<std::string>{"initial_h", "initial_c"}
                                             : std::vector<std::string>{"initial_h"};
  const int64_t hidden = recurrent.hidden_size;
  NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, {shape[0], shape[1], shape[2], 1, 1}));
  std::vector<TensorId> inputs = {x};
  for (size_t direction = 0; direction < directions; ++direction) {
    for (const std::string& name : names) {
      NBITS_ASSIGN_OR_RETURN(inputs.emplace_back(),
                             StateOf(op, name, hidden, direction, directions));
    }
  }
  recurrent.state_outputs = static_cast<int>(names.size() * directions);
  const bool sequence = recurrent.sequence_output;
  NBITS_ASSIGN_OR_RETURN(const std::vector<TensorId> outputs,
                         op.builder.Add(std::move(recurrent), std::move(inputs)));
  std::vector<TensorId> results(1);
  NBITS_ASSIGN_OR_RETURN(results[0],
                         op.Reshaped(outputs[0], {sequence ? shape[0] : 1, shape[1],
                                                  hidden * static_cast<int64_t>(directions)}));
  for (size_t state = 0; state < names.size(); ++state) {
    std::vector<TensorId> parts;
    for (size_t direction = 0; direction < directions; ++direction) {
      parts.push_back(outputs[1 + direction * names.size() + state]);
    }
    NBITS_ASSIGN_OR_RETURN(results.emplace_back(),
                           JoinStates(op, std::move(parts), shape[1], hidden));
  }
  return op.Finish(results);
}

absl::StatusOr<RecurrentDirection> LstmDirection(const Operation& op, const Recurrent& recurrent,
                                                 const std::string& suffix) {
  // Blocks of the file: input, forget, output, cell; the engine's gates: input, forget, cell,
  // output.
  const GateOrder order = {0, 1, 3, 2};
  RecurrentDirection direction;
  NBITS_RETURN_IF_ERROR(ReadGates(op, recurrent, order, suffix, direction));
  NBITS_ASSIGN_OR_RETURN(direction.biases,
                         ReadBlocksOf(op, "bias" + suffix, recurrent.hidden_size, order));
  NBITS_ASSIGN_OR_RETURN(
      direction.peepholes,
      ReadBlocksOf(op, "peephole" + suffix, recurrent.hidden_size, GateOrder{0, 1, 2}));
  NBITS_ASSIGN_OR_RETURN(const Unary gates, ActivationOf(op, "recurrent_activation", "sigmoid"));
  NBITS_ASSIGN_OR_RETURN(const Unary cell, ActivationOf(op, "cell_activation", "tanh"));
  NBITS_ASSIGN_OR_RETURN(const Unary hidden, ActivationOf(op, "activation", "tanh"));
  direction.activations = {gates, cell, hidden};
  return direction;
}

absl::Status ImportLstm(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Recurrent recurrent, MakeRecurrent(op, RecurrentKind::kLstm));
  NBITS_ASSIGN_OR_RETURN(recurrent.cell_clip,
                         op.Float("clip", std::numeric_limits<float>::infinity()));
  NBITS_ASSIGN_OR_RETURN(const std::string way, op.Text("direction", "forward"));
  NBITS_ASSIGN_OR_RETURN(RecurrentDirection forward, LstmDirection(op, recurrent, ""));
  forward.reverse = way == "reverse";
  recurrent.directions.push_back(std::move(forward));
  if (way == "bidirectional") {
    NBITS_ASSIGN_OR_RETURN(RecurrentDirection backward, LstmDirection(op, recurrent, "_back"));
    backward.reverse = true;
    recurrent.directions.push_back(std::move(backward));
  } else if (way != "forward" && way != "reverse") {
    return absl::InvalidArgumentError(absl::StrCat("unknown direction '", way, "'"));
  }
  return FinishRecurrent(op, std::move(recurrent));
}

absl::Status SetWay(const Operation& op, RecurrentDirection& direction) {
  NBITS_ASSIGN_OR_RETURN(const std::string way, op.Text("direction", "forward"));
  direction.reverse = way == "reverse";
  if (way == "forward" || way == "reverse") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("unknown direction '", way, "'"));
}

// A bias of the input is added to that of the recursion: without reset_after both are one.
absl::Status AddInputBias(const Operation& op, const GateOrder& order, int64_t hidden,
                          RecurrentDirection& direction) {
  NBITS_ASSIGN_OR_RETURN(const auto input, ReadBlocksOf(op, "input_bias", hidden, order));
  if (input.empty()) return absl::OkStatus();
  if (direction.biases.empty()) {
    direction.biases = input;
    return absl::OkStatus();
  }
  for (size_t gate = 0; gate < input.size(); ++gate) {
    for (size_t i = 0; i < input[gate].size(); ++i) direction.biases[gate][i] += input[gate][i];
  }
  return absl::OkStatus();
}

absl::Status ImportGru(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const bool reset_after, op.Flag("reset_after", false));
  if (reset_after) return absl::UnimplementedError("reset_after is not supported");
  NBITS_ASSIGN_OR_RETURN(Recurrent recurrent, MakeRecurrent(op, RecurrentKind::kGru));
  // Blocks of the file: reset, output, update; the engine's gates: update, reset, output.
  const GateOrder order = {2, 0, 1};
  RecurrentDirection direction;
  NBITS_RETURN_IF_ERROR(ReadGates(op, recurrent, order, "", direction));
  NBITS_ASSIGN_OR_RETURN(direction.biases, ReadBlocksOf(op, "bias", recurrent.hidden_size, order));
  NBITS_RETURN_IF_ERROR(AddInputBias(op, order, recurrent.hidden_size, direction));
  NBITS_ASSIGN_OR_RETURN(const Unary gates, ActivationOf(op, "recurrent_activation", "sigmoid"));
  NBITS_ASSIGN_OR_RETURN(const Unary output, ActivationOf(op, "activation", "tanh"));
  direction.activations = {gates, output};
  NBITS_RETURN_IF_ERROR(SetWay(op, direction));
  recurrent.directions.push_back(std::move(direction));
  return FinishRecurrent(op, std::move(recurrent));
}

absl::Status ImportRnn(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Recurrent recurrent, MakeRecurrent(op, RecurrentKind::kSimple));
  const GateOrder order = {0};
  RecurrentDirection direction;
  NBITS_RETURN_IF_ERROR(ReadGates(op, recurrent, order, "", direction));
  NBITS_ASSIGN_OR_RETURN(direction.biases, ReadBlocksOf(op, "bias", recurrent.hidden_size, order));
  NBITS_ASSIGN_OR_RETURN(const Unary activation, ActivationOf(op, "activation", "tanh"));
  direction.activations = {activation};
  NBITS_RETURN_IF_ERROR(SetWay(op, direction));
  recurrent.directions.push_back(std::move(direction));
  return FinishRecurrent(op, std::move(recurrent));
}

}  // namespace

std::span<const OperationKind> RecurrentOperations() {
  static constexpr OperationKind kKinds[] = {
      {"gru", ImportGru},
      {"lstm", ImportLstm},
      {"rnn", ImportRnn},
  };
  return kKinds;
}

}  // namespace nbits::graph::program
