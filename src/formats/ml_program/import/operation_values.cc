// SPDX-License-Identifier: Apache-2.0
// Arguments as numbers, text and weights.
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/neural_network/import/adopt_shape.h"

namespace nbits::graph::program {
namespace {

template <typename Value>
absl::StatusOr<Value> Only(const absl::StatusOr<std::vector<Value>>& values) {
  if (!values.ok()) return values.status();
  if (values->size() == 1) return (*values)[0];
  return absl::InvalidArgumentError(absl::StrCat(values->size(), " numbers (expected one)"));
}

}  // namespace

// ---- As values ----------------------------------------------------------------------------------

absl::StatusOr<std::vector<float>> Operation::Floats(const std::string& argument,
                                                     size_t index) const {
  NBITS_ASSIGN_OR_RETURN(const mil::Argument::Binding* binding, BindingOf(argument, index));
  absl::StatusOr<std::vector<float>> values;
  if (binding->has_value()) {
    auto value = ReadValue(binding->value(), *context.blobs);
    if (!value.ok()) return AtArgument(argument, value.status());
    values = FloatsOf(*value);
  } else if (const ProgramConstant* constant = context.constants->Find(binding->name());
             constant != nullptr && !builder.blobs().contains(binding->name())) {
    values = FloatsOf(*constant);
  } else {
    NBITS_ASSIGN_OR_RETURN(const TensorId tensor, Input(argument, index));
    values = builder.Values(tensor);
  }
  return values.ok() ? std::move(values) : AtArgument(argument, values.status());
}

absl::StatusOr<std::vector<int64_t>> Operation::Integers(const std::string& argument,
                                                         size_t index) const {
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, Floats(argument, index));
  std::vector<int64_t> integers;
  for (const float value : values) {
    if (!(std::abs(value) <= static_cast<float>(kMaxElements))) {
      return AtArgument(argument, absl::InvalidArgumentError(
                                      absl::StrCat("holds ", value, " (expected a whole number)")));
    }
    integers.push_back(static_cast<int64_t>(value));
  }
  return integers;
}

absl::StatusOr<std::vector<int64_t>> Operation::Integers(const std::string& argument,
                                                         std::vector<int64_t> fallback) const {
  if (!Has(argument)) return fallback;
  return Integers(argument);
}

absl::StatusOr<std::vector<bool>> Operation::Flags(const std::string& argument,
                                                   size_t count) const {
  if (!Has(argument)) return std::vector<bool>(count, false);
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, Floats(argument));
  if (values.size() != count) {
    return AtArgument(argument, absl::InvalidArgumentError(
                                    absl::StrCat(values.size(), " flags (expected ", count, ")")));
  }
  std::vector<bool> flags;
  for (const float value : values) flags.push_back(value != 0);
  return flags;
}

absl::StatusOr<float> Operation::Float(const std::string& argument) const {
  auto value = Only<float>(Floats(argument));
  return value.ok() ? value : AtArgument(argument, value.status());
}

absl::StatusOr<float> Operation::Float(const std::string& argument, float fallback) const {
  if (!Has(argument)) return fallback;
  return Float(argument);
}

absl::StatusOr<int64_t> Operation::Integer(const std::string& argument) const {
  auto value = Only<int64_t>(Integers(argument));
  return value.ok() ? value : AtArgument(argument, value.status());
}

absl::StatusOr<int64_t> Operation::Integer(const std::string& argument, int64_t fallback) const {
  if (!Has(argument)) return fallback;
  return Integer(argument);
}

absl::StatusOr<bool> Operation::Flag(const std::string& argument, bool fallback) const {
  NBITS_ASSIGN_OR_RETURN(const float value, Float(argument, fallback ? 1.0f : 0.0f));
  return value != 0;
}

absl::StatusOr<std::string> Operation::Text(const std::string& argument) const {
  NBITS_ASSIGN_OR_RETURN(const mil::Argument::Binding* binding, BindingOf(argument, 0));
  std::vector<std::string> texts;
  if (binding->has_value()) {
    auto value = TextsOf(binding->value(), *context.blobs);
    if (!value.ok()) return AtArgument(argument, value.status());
    texts = *std::move(value);
  } else if (const ProgramConstant* constant = context.constants->Find(binding->name())) {
    texts = constant->value.texts;
  }
  if (texts.size() == 1) return texts[0];
  return AtArgument(argument, absl::InvalidArgumentError("is no text"));
}

absl::StatusOr<std::string> Operation::Text(const std::string& argument,
                                            const char* fallback) const {
  if (!Has(argument)) return std::string(fallback);
  return Text(argument);
}

absl::StatusOr<std::vector<float>> Operation::Vector(const std::string& argument, int64_t length,
                                                     float fallback) const {
  if (!Has(argument)) return std::vector<float>(static_cast<size_t>(length), fallback);
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, Floats(argument));
  if (static_cast<int64_t>(values.size()) == length) return values;
  return AtArgument(argument, absl::InvalidArgumentError(
                                  absl::StrCat(values.size(), " numbers (expected ", length, ")")));
}

// ---- As weights ---------------------------------------------------------------------------------

const ProgramConstant* Operation::Constant(const std::string& argument) const {
  const auto binding = BindingOf(argument, 0);
  if (!binding.ok() || (*binding)->has_value()) return nullptr;
  const ProgramConstant* constant = context.constants->Find((*binding)->name());
  return constant != nullptr && constant->is_packed ? constant : nullptr;
}

absl::StatusOr<WeightId> Operation::Weight(const std::string& argument, Shape shape) const {
  const ProgramConstant* constant = Constant(argument);
  PackedTensor tensor;
  if (constant != nullptr) {
    tensor = constant->packed;
  } else {
    // Written where it is used.
    NBITS_ASSIGN_OR_RETURN(const TensorId value, Input(argument));
    const WeightId weight = builder.ConstantWeight(value);
    if (weight == kNoWeight) {
      return AtArgument(argument, absl::InvalidArgumentError("is no constant"));
    }
    tensor = builder.graph().weights[static_cast<size_t>(weight)];
  }
  const absl::Status status = AdoptShape(tensor, std::move(shape));
  if (!status.ok()) return AtArgument(argument, status);
  return builder.AddWeight(std::move(tensor));
}

absl::StatusOr<WeightId> Operation::Rows(const std::string& argument, int64_t begin,
                                         int64_t count) const {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, InputShape(argument));
  NBITS_ASSIGN_OR_RETURN(const WeightId whole, Weight(argument, shape));
  const absl::StatusOr<PackedTensor> rows =
      RowsOf(builder.graph().weights[static_cast<size_t>(whole)], begin, count);
  if (!rows.ok()) return AtArgument(argument, rows.status());
  return builder.AddWeight(*rows);
}

}  // namespace nbits::graph::program
