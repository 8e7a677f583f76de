// SPDX-License-Identifier: Apache-2.0
// Imports recurrent layers.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

using schema::WeightParams;
using Weights = std::vector<const WeightParams*>;

template <typename Params>
absl::Status ReadSizes(const Params& params, Recurrent& op) {
  NBITS_ASSIGN_OR_RETURN(op.input_size, CheckedExtent(params.inputvectorsize(), "input size"));
  NBITS_ASSIGN_OR_RETURN(op.hidden_size, CheckedExtent(params.outputvectorsize(), "output size"));
  return absl::OkStatus();
}

absl::Status ReadMatrices(const Layer& layer, const Recurrent& op, const Weights& weights,
                          const Weights& recursions, RecurrentDirection& direction) {
  for (const WeightParams* params : weights) {
    NBITS_ASSIGN_OR_RETURN(const WeightId id,
                           layer.Weight(*params, {op.hidden_size, op.input_size}));
    direction.weights.push_back(id);
  }
  for (const WeightParams* params : recursions) {
    NBITS_ASSIGN_OR_RETURN(const WeightId id,
                           layer.Weight(*params, {op.hidden_size, op.hidden_size}));
    direction.recursions.push_back(id);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<float>>> ReadVectors(const Layer& layer, const Weights& all,
                                                            int64_t length) {
  std::vector<std::vector<float>> vectors;
  for (const WeightParams* params : all) {
    NBITS_ASSIGN_OR_RETURN(std::vector<float> values, layer.Vector(*params, length));
    vectors.push_back(std::move(values));
  }
  return vectors;
}

// Files often leave the parameters out; these are what Core ML then takes, and its scaled tanh is
// the plain one.
absl::StatusOr<Unary> RecurrentActivation(const schema::ActivationParams& params) {
  NBITS_ASSIGN_OR_RETURN(Unary op, UnaryOf(params));
  if (op.alpha != 0 || op.beta != 0) return op;
  if (op.function == UnaryFunction::kLinear) {
    op.alpha = 1;
  } else if (op.function == UnaryFunction::kHardSigmoid) {
    op.alpha = 0.2f;
    op.beta = 0.5f;
  } else if (op.function == UnaryFunction::kScaledTanh) {
    op.alpha = op.beta = 1;
  }
  return op;
}

template <typename Activations>
absl::Status ReadActivations(const Activations& activations, RecurrentDirection& direction) {
  for (const schema::ActivationParams& activation : activations) {
    NBITS_ASSIGN_OR_RETURN(const Unary function, RecurrentActivation(activation));
    direction.activations.push_back(function);
  }
  return absl::OkStatus();
}

absl::Status FinishRecurrent(Layer& layer, Recurrent op) {
  op.state_outputs = std::max(0, layer.proto.output_size() - 1);
  return layer.Finish(std::move(op));
}

absl::Status ImportSimpleRecurrent(Layer& layer) {
  const auto& params = layer.proto.simplerecurrent();
  Recurrent op{.kind = RecurrentKind::kSimple};
  NBITS_RETURN_IF_ERROR(ReadSizes(params, op));
  RecurrentDirection direction{.reverse = params.reverseinput()};
  NBITS_RETURN_IF_ERROR(
      ReadMatrices(layer, op, {&params.weightmatrix()}, {&params.recursionmatrix()}, direction));
  if (params.hasbiasvector()) {
    NBITS_ASSIGN_OR_RETURN(direction.biases,
                           ReadVectors(layer, {&params.biasvector()}, op.hidden_size));
  }
  NBITS_ASSIGN_OR_RETURN(const Unary function, RecurrentActivation(params.activation()));
  direction.activations = {function};
  op.directions.push_back(std::move(direction));
  op.sequence_output = params.sequenceoutput();
  return FinishRecurrent(layer, std::move(op));
}

absl::Status ImportGru(Layer& layer) {
  const auto& p = layer.proto.gru();
  Recurrent op{.kind = RecurrentKind::kGru};
  NBITS_RETURN_IF_ERROR(ReadSizes(p, op));
  RecurrentDirection direction{.reverse = p.reverseinput()};
  NBITS_RETURN_IF_ERROR(ReadMatrices(
      layer, op,
      {&p.updategateweightmatrix(), &p.resetgateweightmatrix(), &p.outputgateweightmatrix()},
      {&p.updategaterecursionmatrix(), &p.resetgaterecursionmatrix(),
       &p.outputgaterecursionmatrix()},
      direction));
  if (p.hasbiasvectors()) {
    NBITS_ASSIGN_OR_RETURN(
        direction.biases,
        ReadVectors(
            layer, {&p.updategatebiasvector(), &p.resetgatebiasvector(), &p.outputgatebiasvector()},
            op.hidden_size));
  }
  NBITS_RETURN_IF_ERROR(ReadActivations(p.activations(), direction));
  op.directions.push_back(std::move(direction));
  op.sequence_output = p.sequenceoutput();
  return FinishRecurrent(layer, std::move(op));
}

absl::Status ReadLstmBiases(const Layer& layer, const Recurrent& op,
                            const schema::LSTMParams& params, const schema::LSTMWeightParams& w,
                            RecurrentDirection& direction) {
  if (params.hasbiasvectors()) {
    NBITS_ASSIGN_OR_RETURN(direction.biases,
                           ReadVectors(layer,
                                       {&w.inputgatebiasvector(), &w.forgetgatebiasvector(),
                                        &w.blockinputbiasvector(), &w.outputgatebiasvector()},
                                       op.hidden_size));
  }
  if (!params.forgetbias()) return absl::OkStatus();
  if (direction.biases.empty()) {
    direction.biases.assign(4, std::vector<float>(op.hidden_size, 0.0f));
  }
  for (float& value : direction.biases[1]) value += 1;
  return absl::OkStatus();
}

absl::StatusOr<RecurrentDirection> ReadLstmDirection(const Layer& layer, const Recurrent& op,
                                                     const schema::LSTMParams& params,
                                                     const schema::LSTMWeightParams& w) {
  RecurrentDirection direction;
  NBITS_RETURN_IF_ERROR(
      ReadMatrices(layer, op,
                   {&w.inputgateweightmatrix(), &w.forgetgateweightmatrix(),
                    &w.blockinputweightmatrix(), &w.outputgateweightmatrix()},
                   {&w.inputgaterecursionmatrix(), &w.forgetgaterecursionmatrix(),
                    &w.blockinputrecursionmatrix(), &w.outputgaterecursionmatrix()},
                   direction));
  NBITS_RETURN_IF_ERROR(ReadLstmBiases(layer, op, params, w, direction));
  if (params.haspeepholevectors()) {
    NBITS_ASSIGN_OR_RETURN(direction.peepholes,
                           ReadVectors(layer,
                                       {&w.inputgatepeepholevector(), &w.forgetgatepeepholevector(),
                                        &w.outputgatepeepholevector()},
                                       op.hidden_size));
  }
  return direction;
}

void ReadLstmParams(const schema::LSTMParams& params, Recurrent& op) {
  op.sequence_output = params.sequenceoutput();
  op.coupled_gates = params.coupledinputandforgetgate();
  op.cell_clip = params.cellclipthreshold() == 0 ? 50.0f : params.cellclipthreshold();
}

absl::Status ImportLstm(Layer& layer) {
  const auto& params = layer.proto.unidirectionallstm();
  Recurrent op{.kind = RecurrentKind::kLstm};
  NBITS_RETURN_IF_ERROR(ReadSizes(params, op));
  ReadLstmParams(params.params(), op);
  NBITS_ASSIGN_OR_RETURN(RecurrentDirection direction,
                         ReadLstmDirection(layer, op, params.params(), params.weightparams()));
  NBITS_RETURN_IF_ERROR(ReadActivations(params.activations(), direction));
  direction.reverse = params.reverseinput();
  op.directions.push_back(std::move(direction));
  return FinishRecurrent(layer, std::move(op));
}

absl::Status ImportBidirectionalLstm(Layer& layer) {
  const auto& params = layer.proto.bidirectionallstm();
  if (params.weightparams_size() != 2) {
    return absl::InvalidArgumentError("weights of two directions are needed");
  }
  Recurrent op{.kind = RecurrentKind::kLstm};
  NBITS_RETURN_IF_ERROR(ReadSizes(params, op));
  ReadLstmParams(params.params(), op);
  for (int i = 0; i < 2; ++i) {
    NBITS_ASSIGN_OR_RETURN(RecurrentDirection direction,
                           ReadLstmDirection(layer, op, params.params(), params.weightparams(i)));
    const bool backward = i == 1;
    NBITS_RETURN_IF_ERROR(ReadActivations(
        backward ? params.activationsbackwardlstm() : params.activationsforwardlstm(), direction));
    direction.reverse = backward;
    op.directions.push_back(std::move(direction));
  }
  return FinishRecurrent(layer, std::move(op));
}

}  // namespace

std::span<const LayerKind> RecurrentLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kSimpleRecurrent, "simpleRecurrent", ImportSimpleRecurrent},
      {L::kGru, "gru", ImportGru},
      {L::kUniDirectionalLSTM, "uniDirectionalLSTM", ImportLstm},
      {L::kBiDirectionalLSTM, "biDirectionalLSTM", ImportBidirectionalLstm},
  };
  return kKinds;
}

}  // namespace nbits::graph
