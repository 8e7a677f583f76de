// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/operation.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

bool HoldsIntegers(const mil::ValueType& type) {
  if (!type.has_tensortype()) return false;
  const DataTypeFacts* facts = FindDataType(type.tensortype().datatype());
  return facts != nullptr && facts->kind != NumberKind::kFloat && facts->type != mil::BOOL;
}

bool Agrees(const Shape& declared, const Shape& shape) {
  if (declared.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (declared[i] >= 0 && declared[i] != shape[i]) return false;
  }
  return true;
}

using Table = std::span<const OperationKind> (*)();
constexpr auto kTables = std::to_array<Table>(
    {ElementwiseOperations, ActivationOperations, TypeOperations, NormalizationOperations,
     ConvolutionOperations, PoolOperations, ProductOperations, ReduceOperations,
     RearrangeOperations, SliceOperations, ReshapeOperations, ResizeOperations, SampleOperations,
     LookupOperations, ScatterOperations, RecurrentOperations, RandomOperations,
     DetectionOperations, ControlOperations});

}  // namespace

absl::Status Operation::AtArgument(const std::string& argument, const absl::Status& status) const {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("'", argument, "': ", status.message()));
}

size_t Operation::Count(const std::string& argument) const {
  const auto found = proto.inputs().find(argument);
  return found == proto.inputs().end() ? 0 : static_cast<size_t>(found->second.arguments_size());
}

absl::StatusOr<const mil::Argument::Binding*> Operation::BindingOf(const std::string& argument,
                                                                   size_t index) const {
  const auto found = proto.inputs().find(argument);
  if (found == proto.inputs().end() || index >= Count(argument)) {
    return absl::InvalidArgumentError(absl::StrCat("argument '", argument, "' is missing"));
  }
  return &found->second.arguments(static_cast<int>(index));
}

// ---- As tensors ---------------------------------------------------------------------------------

absl::StatusOr<TensorId> Operation::AddConstant(const ProgramConstant& constant) const {
  if (constant.is_packed) {
    NBITS_RETURN_IF_ERROR(CheckedElementCount(constant.packed.shape).status());
    return builder.AddOne(graph::Constant{builder.AddWeight(constant.packed)}, {});
  }
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, FloatsOf(constant));
  NBITS_RETURN_IF_ERROR(CheckedElementCount(constant.value.shape).status());
  return builder.AddConstant(std::move(values), constant.value.shape);
}

absl::StatusOr<TensorId> Operation::Input(const std::string& argument, size_t index) const {
  NBITS_ASSIGN_OR_RETURN(const mil::Argument::Binding* binding, BindingOf(argument, index));
  absl::StatusOr<TensorId> tensor;
  if (binding->has_value()) {
    auto value = ReadValue(binding->value(), *context.blobs);
    if (!value.ok()) return AtArgument(argument, value.status());
    tensor = AddConstant({*std::move(value), {}, false});
  } else if (const auto known = builder.blobs().find(binding->name());
             known != builder.blobs().end()) {
    return known->second;
  } else if (const ProgramConstant* constant = context.constants->Find(binding->name())) {
    tensor = AddConstant(*constant);
    if (tensor.ok()) builder.Bind(binding->name(), *tensor);
  } else {
    tensor = absl::InvalidArgumentError(absl::StrCat("nothing produces '", binding->name(), "'"));
  }
  return tensor.ok() ? tensor : AtArgument(argument, tensor.status());
}

absl::StatusOr<std::vector<TensorId>> Operation::Inputs(const std::string& argument) const {
  std::vector<TensorId> tensors;
  NBITS_RETURN_IF_ERROR(BindingOf(argument, 0).status());
  for (size_t i = 0; i < Count(argument); ++i) {
    NBITS_ASSIGN_OR_RETURN(tensors.emplace_back(), Input(argument, i));
  }
  return tensors;
}

absl::StatusOr<Shape> Operation::InputShape(const std::string& argument, size_t index) const {
  NBITS_ASSIGN_OR_RETURN(const TensorId tensor, Input(argument, index));
  return builder.ShapeOf(tensor);
}

absl::StatusOr<int> Operation::Axis(int64_t axis, const std::string& argument) const {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, InputShape(argument));
  return ResolveAxis(axis, shape.size());
}

absl::StatusOr<std::vector<int>> Operation::Axes(size_t rank) const {
  std::vector<int> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (!Has("axes")) return axes;
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> stated, Integers("axes"));
  axes.clear();
  for (const int64_t axis : stated) {
    NBITS_ASSIGN_OR_RETURN(axes.emplace_back(), ResolveAxis(axis, rank));
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

mil::DataType Operation::TypeOf(const std::string& argument) const {
  const auto binding = BindingOf(argument, 0);
  if (!binding.ok()) return mil::UNUSED_TYPE;
  if ((*binding)->has_value()) return (*binding)->value().type().tensortype().datatype();
  const auto found = context.types->find((*binding)->name());
  return found == context.types->end() ? mil::UNUSED_TYPE : found->second;
}

// ---- Results ------------------------------------------------------------------------------------

bool Operation::GivesIntegers(int output) const {
  return output < proto.outputs_size() && HoldsIntegers(proto.outputs(output).type());
}

std::optional<Shape> Operation::DeclaredShape(int output) const {
  if (output >= proto.outputs_size() || !proto.outputs(output).type().has_tensortype()) {
    return std::nullopt;
  }
  Shape shape;
  for (const mil::Dimension& extent : proto.outputs(output).type().tensortype().dimensions()) {
    if (extent.has_unknown() && extent.unknown().variadic()) return std::nullopt;
    const uint64_t size = extent.constant().size();
    shape.push_back(extent.has_constant() && size <= static_cast<uint64_t>(kMaxElements)
                        ? static_cast<int64_t>(size)
                        : -1);
  }
  return shape;
}

absl::Status Operation::Finish(const std::vector<TensorId>& outputs) const {
  if (outputs.size() < static_cast<size_t>(proto.outputs_size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(proto.outputs_size(), " outputs (expected ", outputs.size(), ")"));
  }
  for (int i = 0; i < proto.outputs_size(); ++i) {
    const std::optional<Shape> declared = DeclaredShape(i);
    const Shape& shape = builder.ShapeOf(outputs[static_cast<size_t>(i)]);
    if (declared && !Agrees(*declared, shape)) {
      return absl::InvalidArgumentError(absl::StrCat("'", proto.outputs(i).name(),
                                                     "' is declared as ", ShapeText(*declared),
                                                     ", and its value is ", ShapeText(shape)));
    }
    builder.Bind(proto.outputs(i).name(), outputs[static_cast<size_t>(i)]);
  }
  return absl::OkStatus();
}

absl::Status Operation::Finish(Op op, std::vector<TensorId> inputs) const {
  NBITS_ASSIGN_OR_RETURN(const std::vector<TensorId> outputs,
                         builder.Add(std::move(op), std::move(inputs)));
  return Finish(outputs);
}

absl::Status Operation::FinishOn(Op op, const std::string& argument) const {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, Input(argument));
  return Finish(std::move(op), {x});
}

absl::StatusOr<TensorId> Operation::Reshaped(TensorId value, Shape shape) const {
  if (builder.ShapeOf(value) == shape) return value;
  return builder.AddOne(Reshape{std::move(shape)}, {value});
}

const OperationKind* FindOperationKind(absl::string_view type) {
  for (const Table table : kTables) {
    for (const OperationKind& kind : table()) {
      if (kind.name == type) return &kind;
    }
  }
  return nullptr;
}

std::vector<absl::string_view> SupportedOperations() {
  std::vector<absl::string_view> names;
  for (const Table table : kTables) {
    for (const OperationKind& kind : table()) names.push_back(kind.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace nbits::graph::program
