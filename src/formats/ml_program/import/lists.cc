// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/lists.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"

namespace nbits::graph::program {
namespace {

// Elements of a list. A hostile index would make it as long as it likes.
constexpr int64_t kMostListElements = 1 << 20;

Slot TensorSlot(Tensor tensor) { return {std::make_shared<Tensor>(std::move(tensor)), nullptr}; }
Slot ListSlot(TensorList list) { return {nullptr, std::make_shared<TensorList>(std::move(list))}; }

absl::StatusOr<Slot> MakeList(const mil::Operation& operation, const ProgramScope& scope) {
  float length = 1;
  if (operation.inputs().contains("init_length")) {
    NBITS_ASSIGN_OR_RETURN(const TensorPointer stated,
                           scope.TensorArgument(operation, "init_length"));
    NBITS_ASSIGN_OR_RETURN(length, OneValue(stated));
  }
  if (!(length >= 0 && length <= static_cast<float>(kMostListElements))) {
    return absl::InvalidArgumentError(absl::StrCat("a list of ", length, " elements"));
  }
  return ListSlot(TensorList(static_cast<size_t>(length)));
}

absl::StatusOr<size_t> PlaceIn(float index, int64_t limit) {
  if (index >= 0 && index < static_cast<float>(limit)) return static_cast<size_t>(index);
  return absl::InvalidArgumentError(absl::StrCat("element ", index, " of a list"));
}

absl::StatusOr<TensorPointer> ElementOf(const TensorList& list, float index) {
  NBITS_ASSIGN_OR_RETURN(const size_t place, PlaceIn(index, static_cast<int64_t>(list.size())));
  if (list[place] != nullptr) return list[place];
  return absl::InvalidArgumentError(absl::StrCat("element ", index, " was never written"));
}

absl::StatusOr<float> IndexArgument(const mil::Operation& operation, const ProgramScope& scope) {
  NBITS_ASSIGN_OR_RETURN(const TensorPointer index, scope.TensorArgument(operation, "index"));
  return OneValue(index);
}

absl::StatusOr<Slot> ReadElement(const mil::Operation& operation, const ProgramScope& scope,
                                 const TensorList& list) {
  NBITS_ASSIGN_OR_RETURN(const float place, IndexArgument(operation, scope));
  NBITS_ASSIGN_OR_RETURN(TensorPointer element, ElementOf(list, place));
  return Slot{std::move(element), nullptr};
}

// The chosen elements one after the other, along a new first axis.
absl::StatusOr<Slot> GatherElements(const mil::Operation& operation, const ProgramScope& scope,
                                    const TensorList& list) {
  NBITS_ASSIGN_OR_RETURN(const TensorPointer indices, scope.TensorArgument(operation, "indices"));
  Tensor joined;
  for (const float index : indices->values) {
    NBITS_ASSIGN_OR_RETURN(const TensorPointer element, ElementOf(list, index));
    if (joined.values.empty()) joined.shape = element->shape;
    if (joined.shape != element->shape) {
      return absl::InvalidArgumentError("elements of different shapes");
    }
    NBITS_RETURN_IF_ERROR(
        CheckMemory(static_cast<int64_t>(element->values.size() * sizeof(float)), "a list"));
    joined.values.insert(joined.values.end(), element->values.begin(), element->values.end());
  }
  if (joined.values.empty()) return absl::InvalidArgumentError("no elements");
  joined.shape.insert(joined.shape.begin(), static_cast<int64_t>(indices->values.size()));
  return TensorSlot(std::move(joined));
}

absl::Status Put(float index, TensorPointer value, TensorList& list) {
  NBITS_ASSIGN_OR_RETURN(const size_t place, PlaceIn(index, kMostListElements));
  if (place >= list.size()) list.resize(place + 1);
  list[place] = std::move(value);
  return absl::OkStatus();
}

absl::StatusOr<Slot> WriteElement(const mil::Operation& operation, const ProgramScope& scope,
                                  TensorList list) {
  NBITS_ASSIGN_OR_RETURN(const float place, IndexArgument(operation, scope));
  NBITS_ASSIGN_OR_RETURN(TensorPointer value, scope.TensorArgument(operation, "value"));
  NBITS_RETURN_IF_ERROR(Put(place, std::move(value), list));
  return ListSlot(std::move(list));
}

// Entry `index` of the first axis.
TensorPointer EntryOf(const Tensor& tensor, size_t index, size_t length) {
  auto entry = std::make_shared<Tensor>();
  entry->shape.assign(tensor.shape.begin() + 1, tensor.shape.end());
  const auto first = tensor.values.begin() + static_cast<int64_t>(index * length);
  entry->values.assign(first, first + static_cast<int64_t>(length));
  return entry;
}

// Entries of the value's first axis go to the elements of these indices.
absl::StatusOr<Slot> ScatterElements(const mil::Operation& operation, const ProgramScope& scope,
                                     TensorList list) {
  NBITS_ASSIGN_OR_RETURN(const TensorPointer indices, scope.TensorArgument(operation, "indices"));
  NBITS_ASSIGN_OR_RETURN(const TensorPointer value, scope.TensorArgument(operation, "value"));
  const size_t count = indices->values.size();
  if (value->shape.empty() || static_cast<size_t>(value->shape[0]) != count || count == 0) {
    return absl::InvalidArgumentError("as many entries as indices are expected");
  }
  const size_t length = value->values.size() / count;
  for (size_t i = 0; i < count; ++i) {
    NBITS_RETURN_IF_ERROR(Put(indices->values[i], EntryOf(*value, i, length), list));
  }
  return ListSlot(std::move(list));
}

}  // namespace

absl::StatusOr<Slot> RunListOperation(const mil::Operation& operation, const ProgramScope& scope) {
  const std::string& type = operation.type();
  if (type == "make_list") return MakeList(operation, scope);
  NBITS_ASSIGN_OR_RETURN(const std::shared_ptr<const TensorList> list,
                         scope.ListArgument(operation, "ls"));
  if (type == "list_length") {
    return TensorSlot(Tensor{{}, {static_cast<float>(list->size())}});
  }
  if (type == "list_read") return ReadElement(operation, scope, *list);
  if (type == "list_gather") return GatherElements(operation, scope, *list);
  return type == "list_write" ? WriteElement(operation, scope, *list)
                              : ScatterElements(operation, scope, *list);
}

}  // namespace nbits::graph::program
