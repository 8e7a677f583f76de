// SPDX-License-Identifier: Apache-2.0
#include "pipeline/values.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

absl::Status Unfit(const char* wanted, const FeatureValue& value) {
  return absl::InvalidArgumentError(absl::StrCat(wanted, " is needed, there is ", KindText(value)));
}

// The largest numbers that a double holds and 64 bits do: -2^63, and below 2^63.
bool FitsInteger(double value) {
  return std::floor(value) == value && value >= -9223372036854775808.0 &&
         value < 9223372036854775808.0;
}

template <typename Values>
absl::StatusOr<double> Only(const Values& values, const FeatureValue& value) {
  if (values.size() != 1) return Unfit("a number", value);
  return static_cast<double>(values.front());
}

Dictionary ByIndex(const DoubleArray& array) {
  Dictionary dictionary{true, {}};
  for (size_t i = 0; i < array.values.size(); ++i) {
    if (array.values[i] != 0) dictionary.entries.emplace_back(absl::StrCat(i), array.values[i]);
  }
  return dictionary;
}

Tensor Pixels(Tensor tensor) {
  for (float& value : tensor.values) {
    value = value > 0 ? std::min(std::floor(value + 0.5f), 255.0f) : 0.0f;
  }
  return tensor;
}

// Probabilities of one form or the other, as the file states them.
absl::StatusOr<FeatureValue> ToKey(const FeatureValue& value, FeatureKind kind) {
  if (kind == FeatureKind::kString) return ToText(value);
  return ToInteger(value);
}

}  // namespace

std::string KindText(const FeatureValue& value) {
  if (const auto* tensor = std::get_if<Tensor>(&value)) {
    return absl::StrCat("an array of shape ", ShapeText(tensor->shape));
  }
  if (const auto* array = std::get_if<DoubleArray>(&value)) {
    return absl::StrCat("an array of shape ", ShapeText(array->shape));
  }
  if (std::holds_alternative<std::string>(value)) return "text";
  if (std::holds_alternative<Dictionary>(value)) return "a dictionary";
  return "a number";
}

absl::StatusOr<double> ToNumber(const FeatureValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* tensor = std::get_if<Tensor>(&value)) return Only(tensor->values, value);
  if (const auto* array = std::get_if<DoubleArray>(&value)) return Only(array->values, value);
  return Unfit("a number", value);
}

absl::StatusOr<int64_t> ToInteger(const FeatureValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  NBITS_ASSIGN_OR_RETURN(const double number, ToNumber(value));
  if (FitsInteger(number)) return static_cast<int64_t>(number);
  return absl::InvalidArgumentError(absl::StrCat("an integer is needed, there is ", number));
}

absl::StatusOr<DoubleArray> ToArray(const FeatureValue& value) {
  if (const auto* array = std::get_if<DoubleArray>(&value)) return *array;
  if (const auto* tensor = std::get_if<Tensor>(&value)) {
    return DoubleArray{tensor->shape, {tensor->values.begin(), tensor->values.end()}};
  }
  const absl::StatusOr<double> number = ToNumber(value);
  if (!number.ok()) return Unfit("an array", value);
  return DoubleArray{{1}, {*number}};
}

absl::StatusOr<Tensor> ToTensor(const FeatureValue& value) {
  if (const auto* tensor = std::get_if<Tensor>(&value)) return *tensor;
  NBITS_ASSIGN_OR_RETURN(const DoubleArray array, ToArray(value));
  Tensor tensor{array.shape, {}};
  tensor.values.reserve(array.values.size());
  for (const double number : array.values) tensor.values.push_back(static_cast<float>(number));
  return tensor;
}

absl::StatusOr<std::string> ToText(const FeatureValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return Unfit("text", value);
}

absl::StatusOr<Dictionary> ToDictionary(const FeatureValue& value) {
  if (const auto* dictionary = std::get_if<Dictionary>(&value)) return *dictionary;
  if (std::holds_alternative<std::string>(value)) return Unfit("a dictionary", value);
  NBITS_ASSIGN_OR_RETURN(const DoubleArray array, ToArray(value));
  return ByIndex(array);
}

absl::StatusOr<FeatureValue> Conform(FeatureValue value, const FeatureDescription& feature) {
  switch (feature.kind) {
    case FeatureKind::kMultiArray:
      if (std::holds_alternative<Tensor>(value)) return value;
      return ToArray(value);
    case FeatureKind::kImage: {
      NBITS_ASSIGN_OR_RETURN(Tensor tensor, ToTensor(value));
      return Pixels(std::move(tensor));
    }
    case FeatureKind::kDouble:
      return ToNumber(value);
    case FeatureKind::kInt64:
    case FeatureKind::kString:
      return ToKey(value, feature.kind);
    case FeatureKind::kDictionary:
      return ToDictionary(value);
    default:
      return absl::UnimplementedError("features of this type are not supported");
  }
}

TensorMap TensorsOf(FeatureMap values) {
  TensorMap tensors;
  for (auto& [name, value] : values) {
    if (auto* tensor = std::get_if<Tensor>(&value)) {
      tensors[name] = std::move(*tensor);
    } else if (const auto* dictionary = std::get_if<Dictionary>(&value)) {
      Tensor& row = tensors[name];
      row.shape = {static_cast<int64_t>(dictionary->entries.size())};
      for (const auto& entry : dictionary->entries) {
        row.values.push_back(static_cast<float>(entry.second));
      }
    } else if (absl::StatusOr<Tensor> converted = ToTensor(value); converted.ok()) {
      tensors[name] = *std::move(converted);
    }
  }
  return tensors;
}

}  // namespace nbits
