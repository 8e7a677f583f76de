// SPDX-License-Identifier: Apache-2.0
// Imports activation layers.
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

using schema::ActivationParams;
using F = UnaryFunction;

absl::StatusOr<int> ChannelAxis(const Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 1));
  const int rank = static_cast<int>(shape.size());
  return rank < 3 ? rank - 1 : rank - 3;
}

absl::Status ImportPrelu(Layer& layer, const schema::ActivationPReLU& params) {
  NBITS_ASSIGN_OR_RETURN(const int axis, ChannelAxis(layer));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> alpha, layer.Values(params.alpha()));
  return layer.Finish(
      ChannelActivation{ChannelActivation::Function::kParametricRelu, axis, std::move(alpha)});
}

absl::Status ImportParametricSoftplus(Layer& layer,
                                      const schema::ActivationParametricSoftplus& params) {
  NBITS_ASSIGN_OR_RETURN(const int axis, ChannelAxis(layer));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> alpha, layer.Values(params.alpha()));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> beta, layer.Values(params.beta()));
  return layer.Finish(ChannelActivation{ChannelActivation::Function::kParametricSoftplus, axis,
                                        std::move(alpha), std::move(beta)});
}

absl::Status ImportActivation(Layer& layer) {
  const ActivationParams& params = layer.proto.activation();
  if (params.has_prelu()) return ImportPrelu(layer, params.prelu());
  if (params.has_parametricsoftplus()) {
    return ImportParametricSoftplus(layer, params.parametricsoftplus());
  }
  NBITS_ASSIGN_OR_RETURN(const Unary op, UnaryOf(params));
  return layer.Finish(op);
}

absl::Status ImportClampedRelu(Layer& layer) {
  const auto& params = layer.proto.clampedrelu();
  return layer.Finish(Unary{F::kClampedRelu, params.alpha(), params.beta()});
}

absl::Status ImportGelu(Layer& layer) {
  switch (layer.proto.gelu().mode()) {
    case schema::GeluLayerParams::EXACT:
      return layer.Finish(Unary{F::kGelu});
    case schema::GeluLayerParams::TANH_APPROXIMATION:
      return layer.Finish(Unary{F::kGeluTanh});
    case schema::GeluLayerParams::SIGMOID_APPROXIMATION:
      return layer.Finish(Unary{F::kGeluSigmoid});
    default:
      return absl::InvalidArgumentError("unknown mode");
  }
}

}  // namespace

absl::StatusOr<Unary> UnaryOf(const ActivationParams& p) {
  switch (p.NonlinearityType_case()) {
    case ActivationParams::kLinear:
      return Unary{F::kLinear, p.linear().alpha(), p.linear().beta()};
    case ActivationParams::kReLU:
      return Unary{F::kRelu};
    case ActivationParams::kLeakyReLU:
      return Unary{F::kLeakyRelu, p.leakyrelu().alpha()};
    case ActivationParams::kThresholdedReLU:
      return Unary{F::kThresholdedRelu, p.thresholdedrelu().alpha()};
    case ActivationParams::kTanh:
      return Unary{F::kTanh};
    case ActivationParams::kScaledTanh:
      return Unary{F::kScaledTanh, p.scaledtanh().alpha(), p.scaledtanh().beta()};
    case ActivationParams::kSigmoid:
      return Unary{F::kSigmoid};
    case ActivationParams::kSigmoidHard:
      return Unary{F::kHardSigmoid, p.sigmoidhard().alpha(), p.sigmoidhard().beta()};
    case ActivationParams::kELU:
      return Unary{F::kElu, p.elu().alpha()};
    case ActivationParams::kSoftsign:
      return Unary{F::kSoftsign};
    case ActivationParams::kSoftplus:
      return Unary{F::kSoftplus};
    case ActivationParams::kPReLU:
    case ActivationParams::kParametricSoftplus:
      return absl::UnimplementedError("activation with parameters per channel inside a layer");
    default:
      return absl::InvalidArgumentError("activation of no known type");
  }
}

std::span<const LayerKind> ActivationLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kActivation, "activation", ImportActivation},
      {L::kClampedReLU, "clampedReLU", ImportClampedRelu},
      {L::kGelu, "gelu", ImportGelu},
  };
  return kKinds;
}

}  // namespace nbits::graph
