// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/scope.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits::graph::program {

absl::StatusOr<float> OneValue(const TensorPointer& tensor) {
  if (tensor != nullptr && tensor->values.size() == 1) return tensor->values[0];
  return absl::InvalidArgumentError("one value is expected");
}

absl::StatusOr<Slot> ProgramScope::Find(const std::string& name) const {
  if (const auto list = lists_.find(name); list != lists_.end()) return Slot{nullptr, list->second};
  if (TensorPointer tensor = runner_.Get(name)) return Slot{std::move(tensor), nullptr};
  const ProgramConstant* constant = context_.constants->Find(name);
  if (constant == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' has no value"));
  }
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, FloatsOf(*constant));
  return Slot{std::make_shared<Tensor>(Tensor{ShapeOf(*constant), std::move(values)}), nullptr};
}

void ProgramScope::Set(const std::string& name, const Slot& slot) {
  if (slot.list != nullptr) {
    lists_[name] = slot.list;
  } else {
    runner_.Set(name, slot.tensor);
  }
}

absl::StatusOr<Slot> ProgramScope::Bound(const mil::Argument::Binding& binding) const {
  if (!binding.has_value()) return Find(binding.name());
  NBITS_ASSIGN_OR_RETURN(const ProgramValue value, ReadValue(binding.value(), *context_.blobs));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, FloatsOf(value));
  return Slot{std::make_shared<Tensor>(Tensor{value.shape, std::move(values)}), nullptr};
}

absl::StatusOr<Slot> ProgramScope::Argument(const mil::Operation& operation,
                                            const std::string& name) const {
  const auto found = operation.inputs().find(name);
  if (found == operation.inputs().end() || found->second.arguments_size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat("argument '", name, "' is missing"));
  }
  return Bound(found->second.arguments(0));
}

absl::StatusOr<TensorPointer> ProgramScope::TensorArgument(const mil::Operation& operation,
                                                           const std::string& name) const {
  NBITS_ASSIGN_OR_RETURN(Slot slot, Argument(operation, name));
  if (slot.tensor != nullptr) return std::move(slot.tensor);
  return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no tensor"));
}

absl::StatusOr<std::shared_ptr<const TensorList>> ProgramScope::ListArgument(
    const mil::Operation& operation, const std::string& name) const {
  NBITS_ASSIGN_OR_RETURN(Slot slot, Argument(operation, name));
  if (slot.list != nullptr) return std::move(slot.list);
  return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no list"));
}

}  // namespace nbits::graph::program
