// SPDX-License-Identifier: Apache-2.0
// Imports activations.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

using F = UnaryFunction;

template <UnaryFunction function>
absl::Status ImportPlain(Operation& op) {
  return op.FinishOn(Unary{function});
}

// Parameters alpha, or alpha and beta, all of which the file has to give.
template <UnaryFunction function>
absl::Status ImportWithAlpha(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const float alpha, op.Float("alpha"));
  return op.FinishOn(Unary{function, alpha});
}

template <UnaryFunction function>
absl::Status ImportWithBoth(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const float alpha, op.Float("alpha"));
  NBITS_ASSIGN_OR_RETURN(const float beta, op.Float("beta"));
  return op.FinishOn(Unary{function, alpha, beta});
}

absl::Status ImportRelu6(Operation& op) { return op.FinishOn(Unary{F::kClip, 0, 6}); }

absl::Status ImportGelu(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const std::string mode, op.Text("mode", "EXACT"));
  if (mode == "EXACT") return op.FinishOn(Unary{F::kGelu});
  if (mode == "TANH_APPROXIMATION") return op.FinishOn(Unary{F::kGeluTanh});
  if (mode == "SIGMOID_APPROXIMATION") return op.FinishOn(Unary{F::kGeluSigmoid});
  return absl::InvalidArgumentError(absl::StrCat("unknown mode '", mode, "'"));
}

// x * sigmoid(x)
absl::Status ImportSilu(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId gate, op.builder.AddOne(Unary{F::kSigmoid}, {x}));
  return op.Finish(Binary{BinaryOperation::kMultiply}, {x, gate});
}

// Channels are axis 1.
absl::StatusOr<ChannelActivation> ChannelFunctionOf(const Operation& op,
                                                    ChannelActivation::Function function) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  ChannelActivation activation{.function = function, .axis = shape.size() > 1 ? 1 : 0};
  NBITS_ASSIGN_OR_RETURN(activation.alpha, op.Floats("alpha"));
  return activation;
}

absl::Status ImportPrelu(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(ChannelActivation activation,
                         ChannelFunctionOf(op, ChannelActivation::Function::kParametricRelu));
  return op.FinishOn(std::move(activation));
}

absl::Status ImportParametricSoftplus(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(ChannelActivation activation,
                         ChannelFunctionOf(op, ChannelActivation::Function::kParametricSoftplus));
  NBITS_ASSIGN_OR_RETURN(activation.beta, op.Floats("beta"));
  return op.FinishOn(std::move(activation));
}

absl::Status ImportSoftmax(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{-1}));
  NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
  return op.FinishOn(Softmax{axis});
}

}  // namespace

std::span<const OperationKind> ActivationOperations() {
  static constexpr OperationKind kKinds[] = {
      {"clamped_relu", ImportWithBoth<F::kClampedRelu>},
      {"elu", ImportWithAlpha<F::kElu>},
      {"gelu", ImportGelu},
      {"leaky_relu", ImportWithAlpha<F::kLeakyRelu>},
      {"linear_activation", ImportWithBoth<F::kLinear>},
      {"prelu", ImportPrelu},
      {"relu", ImportPlain<F::kRelu>},
      {"relu6", ImportRelu6},
      {"scaled_tanh", ImportWithBoth<F::kScaledTanh>},
      {"sigmoid", ImportPlain<F::kSigmoid>},
      {"sigmoid_hard", ImportWithBoth<F::kHardSigmoid>},
      {"silu", ImportSilu},
      {"softmax", ImportSoftmax},
      {"softplus", ImportPlain<F::kSoftplus>},
      {"softplus_parametric", ImportParametricSoftplus},
      {"softsign", ImportPlain<F::kSoftsign>},
      {"tanh", ImportPlain<F::kTanh>},
      {"thresholded_relu", ImportWithAlpha<F::kThresholdedRelu>},
  };
  return kKinds;
}

}  // namespace nbits::graph::program
