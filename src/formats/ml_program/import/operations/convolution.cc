// SPDX-License-Identifier: Apache-2.0
// Imports convolutions in one, two and three dimensions.
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/ml_program/import/operations/window.h"

namespace nbits::graph::program {
namespace {

// What all convolutions have.
struct Parts {
  Shape weights;  // As the file has them: [outputs, inputs / groups, kernel...].
  Windows windows;
  int64_t groups = 1, output_channels = 1;
  std::vector<float> bias;
  std::optional<TensorId> computed_bias;
  bool transposed = false;
};

absl::Status ReadBias(const Operation& op, Parts& parts) {
  if (!op.Has("bias")) return absl::OkStatus();
  auto bias = op.Vector("bias", parts.output_channels, 0);
  if (!NeedsValues(bias.status())) {
    NBITS_ASSIGN_OR_RETURN(parts.bias, std::move(bias));
    return absl::OkStatus();
  }
  NBITS_ASSIGN_OR_RETURN(parts.computed_bias, op.Input("bias"));
  return absl::OkStatus();
}

absl::StatusOr<Parts> ReadParts(const Operation& op, bool transposed) {
  Parts parts;
  parts.transposed = transposed;
  NBITS_ASSIGN_OR_RETURN(parts.weights, op.InputShape("weight"));
  NBITS_ASSIGN_OR_RETURN(const Shape input, op.InputShape("x"));
  if (parts.weights.size() != input.size()) {
    return absl::InvalidArgumentError(absl::StrCat("weights of shape ", ShapeText(parts.weights),
                                                   " for an input of ", ShapeText(input)));
  }
  if (parts.weights.size() < 3) return absl::InvalidArgumentError("an input without extents");
  NBITS_ASSIGN_OR_RETURN(parts.groups, op.Integer("groups", int64_t{1}));
  if (parts.groups < 1 || parts.groups > kMaxElements) {
    return absl::InvalidArgumentError(absl::StrCat(parts.groups, " groups"));
  }
  const std::vector<int64_t> kernel(parts.weights.begin() + 2, parts.weights.end());
  NBITS_ASSIGN_OR_RETURN(parts.windows, ReadWindows(op, kernel, true, "valid"));
  parts.output_channels = transposed ? parts.weights[1] * parts.groups : parts.weights[0];
  NBITS_RETURN_IF_ERROR(ReadBias(op, parts));
  return parts;
}

Convolution PlaneConvolution(const Parts& parts) {
  Convolution convolution;
  convolution.window = PlaneOf(parts.windows);
  convolution.output = PlaneOutputOf(parts.windows);
  convolution.groups = parts.groups;
  convolution.output_channels = parts.output_channels;
  convolution.transposed = parts.transposed;
  convolution.bias = parts.bias;
  return convolution;
}

// Weights that the network computes are a second input.
absl::StatusOr<TensorId> AddComputed(const Operation& op, const Parts& parts, TensorId x) {
  if (parts.transposed || parts.windows.axes.size() == 3) {
    return absl::UnimplementedError("weights that the network computes");
  }
  NBITS_ASSIGN_OR_RETURN(TensorId weights, op.Input("weight"));
  NBITS_ASSIGN_OR_RETURN(weights, op.Reshaped(weights, WithPlane(parts.weights)));
  return op.builder.AddOne(DynamicConvolution{PlaneConvolution(parts)}, {x, weights});
}

absl::StatusOr<TensorId> AddConvolution(const Operation& op, const Parts& parts, TensorId x,
                                        WeightId weight) {
  if (parts.windows.axes.size() < 3) {
    Convolution convolution = PlaneConvolution(parts);
    convolution.weight = weight;
    return op.builder.AddOne(std::move(convolution), {x});
  }
  Convolution3d convolution;
  convolution.window = VolumeOf(parts.windows);
  convolution.output = VolumeOutputOf(parts.windows);
  convolution.groups = parts.groups;
  convolution.output_channels = parts.output_channels;
  convolution.transposed = parts.transposed;
  convolution.weight = weight;
  convolution.bias = parts.bias;
  return op.builder.AddOne(std::move(convolution), {x});
}

absl::StatusOr<TensorId> AddBias(const Operation& op, const Parts& parts, TensorId y) {
  if (!parts.computed_bias) return y;
  Shape shape(op.builder.ShapeOf(y).size(), 1);
  shape[1] = parts.output_channels;
  NBITS_ASSIGN_OR_RETURN(const TensorId bias, op.Reshaped(*parts.computed_bias, shape));
  return op.builder.AddOne(Binary{BinaryOperation::kAdd}, {y, bias});
}

absl::Status FinishConvolution(const Operation& op, const Parts& parts) {
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  Shape result = op.builder.ShapeOf(x);
  result[1] = parts.output_channels;
  std::copy(parts.windows.output.begin(), parts.windows.output.end(), result.begin() + 2);
  NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, WithPlane(op.builder.ShapeOf(x))));
  // Constants that other operations make of constants are computed while the network runs.
  const auto weight = op.Weight("weight", WithPlane(parts.weights));
  NBITS_ASSIGN_OR_RETURN(
      TensorId y, weight.ok() ? AddConvolution(op, parts, x, *weight) : AddComputed(op, parts, x));
  NBITS_ASSIGN_OR_RETURN(y, AddBias(op, parts, y));
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, std::move(result)));
  return op.Finish({y});
}

absl::Status ImportConv(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Parts parts, ReadParts(op, false));
  NBITS_RETURN_IF_ERROR(Place(parts.windows, false));
  return FinishConvolution(op, parts);
}

absl::Status ImportConvTranspose(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Parts parts, ReadParts(op, true));
  std::vector<int64_t> stated;
  if (op.Has("output_shape")) {
    NBITS_ASSIGN_OR_RETURN(stated, op.Integers("output_shape"));
    const size_t axes = parts.windows.axes.size();
    if (stated.size() < axes) return absl::InvalidArgumentError("'output_shape' is too short");
    stated.erase(stated.begin(), stated.end() - static_cast<int64_t>(axes));
    for (const int64_t extent : stated) {
      if (extent < 1) return absl::InvalidArgumentError("'output_shape' holds an extent below 1");
    }
  }
  NBITS_RETURN_IF_ERROR(PlaceTransposed(stated, parts.windows));
  return FinishConvolution(op, parts);
}

// An experimental leftover: bytes with a grid per channel, as neural networks have it.
absl::Status ImportConvQuantized(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Parts parts, ReadParts(op, false));
  NBITS_RETURN_IF_ERROR(Place(parts.windows, false));
  NBITS_ASSIGN_OR_RETURN(const std::string kind, op.Text("quantization_type"));
  NBITS_ASSIGN_OR_RETURN(const int64_t bits, op.Integer("nbits", int64_t{8}));
  if (kind != "linear" || bits != 8) {
    return absl::UnimplementedError(absl::StrCat(bits, "-bit weights of kind '", kind, "'"));
  }
  NBITS_ASSIGN_OR_RETURN(std::vector<float> weights, op.Floats("weight"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> scale, op.Floats("quant_scale"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> bias, op.Floats("quant_bias"));
  const size_t channel = weights.size() / static_cast<size_t>(parts.output_channels);
  const auto fits = [&](size_t count) {
    return count == 1 || count == static_cast<size_t>(parts.output_channels);
  };
  if (!fits(scale.size()) || !fits(bias.size())) {
    return absl::InvalidArgumentError("scales that do not fit the weights");
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    const size_t c = i / channel;
    weights[i] = weights[i] * scale[scale.size() == 1 ? 0 : c] + bias[bias.size() == 1 ? 0 : c];
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId constant,
                         op.builder.AddConstant(std::move(weights), WithPlane(parts.weights)));
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  Shape result = op.builder.ShapeOf(x);
  result[1] = parts.output_channels;
  std::copy(parts.windows.output.begin(), parts.windows.output.end(), result.begin() + 2);
  NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, WithPlane(op.builder.ShapeOf(x))));
  NBITS_ASSIGN_OR_RETURN(TensorId y,
                         AddConvolution(op, parts, x, op.builder.ConstantWeight(constant)));
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, std::move(result)));
  return op.Finish({y});
}

}  // namespace

std::span<const OperationKind> ConvolutionOperations() {
  static constexpr OperationKind kKinds[] = {
      {"conv", ImportConv},
      {"conv_quantized", ImportConvQuantized},
      {"conv_transpose", ImportConvTranspose},
  };
  return kKinds;
}

}  // namespace nbits::graph::program
