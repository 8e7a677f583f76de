// SPDX-License-Identifier: Apache-2.0
#include "graph/import/program/interpreter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "graph/import/segments.h"

namespace nbits::graph::program {
namespace {

// Iterations of all loops in one run. More comes from loops that never end.
constexpr int64_t kMostIterations = 1 << 20;
// Elements of a list. A hostile index would make it as long as it likes.
constexpr int64_t kMostListElements = 1 << 20;

// The operations of one block.
class OperationSteps : public Steps {
 public:
  OperationSteps(const OperationList& operations, const Context& context)
      : operations_(operations), context_(context) {}

  int size() const override { return operations_.size(); }
  bool IsControl(int step) const override { return program::IsControl(operations_[step]); }
  std::vector<std::string> Reads(int step) const override { return NamesRead(operations_[step]); }
  std::vector<std::string> Writes(int step) const override {
    return IsConstant(operations_[step]) ? std::vector<std::string>()
                                         : NamesWritten(operations_[step]);
  }
  const void* Key(int step) const override { return &operations_[step]; }
  absl::Status Import(int step, Builder& builder) const override {
    if (IsConstant(operations_[step])) return absl::OkStatus();
    return ImportOperation(operations_[step], context_, builder);
  }
  absl::Status NameStep(int step, const absl::Status& status) const override {
    return NameOperation(operations_[step], status);
  }

 private:
  const OperationList& operations_;
  const Context& context_;
};

using TensorPointer = std::shared_ptr<const Tensor>;
using TensorList = std::vector<TensorPointer>;  // Elements that were never written are null.

// What a name stands for while a program runs.
struct Slot {
  TensorPointer tensor;
  std::shared_ptr<const TensorList> list;
};

// One run of the code.
class ProgramRun {
 public:
  ProgramRun(const Code& code, const Compiler& compile, const TensorMap& values)
      : code_(code), runner_(code.names.reads, compile) {
    for (const auto& [name, value] : values) runner_.Set(name, std::make_shared<Tensor>(value));
  }

  absl::StatusOr<TensorMap> Run() {
    NBITS_RETURN_IF_ERROR(RunOperations(code_.operations));
    TensorMap results;
    for (const Output& output : code_.outputs) {
      const auto value = Find(output.blob);
      if (!value.ok() || value->tensor == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("output '", output.feature.name, "' is not produced in this run"));
      }
      results[output.feature.name] = {OutsideShape(output, value->tensor->shape, false),
                                      value->tensor->values};
    }
    return results;
  }

 private:
  absl::Status RunOperations(const OperationList& operations) {
    for (int i = 0; i < operations.size();) {
      if (IsControl(operations[i])) {
        const absl::Status status = RunControl(operations[i]);
        if (!status.ok()) return NameOperation(operations[i], status);
        ++i;
      } else {
        NBITS_ASSIGN_OR_RETURN(i, runner_.Run(OperationSteps(operations, code_.context), i));
      }
    }
    return absl::OkStatus();
  }

  // ---- Names ------------------------------------------------------------------------------------

  absl::StatusOr<Slot> Find(const std::string& name) const {
    if (const auto list = lists_.find(name); list != lists_.end())
      return Slot{nullptr, list->second};
    if (TensorPointer tensor = runner_.Get(name)) return Slot{std::move(tensor), nullptr};
    const ProgramConstant* constant = code_.context.constants->Find(name);
    if (constant == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("'", name, "' has no value"));
    }
    NBITS_ASSIGN_OR_RETURN(std::vector<float> values, FloatsOf(*constant));
    return Slot{std::make_shared<Tensor>(Tensor{ShapeOf(*constant), std::move(values)}), nullptr};
  }

  void Set(const std::string& name, const Slot& slot) {
    if (slot.list != nullptr) {
      lists_[name] = slot.list;
    } else {
      runner_.Set(name, slot.tensor);
    }
  }

  absl::StatusOr<Slot> Bound(const mil::Argument::Binding& binding) const {
    if (!binding.has_value()) return Find(binding.name());
    NBITS_ASSIGN_OR_RETURN(const ProgramValue value,
                           ReadValue(binding.value(), *code_.context.blobs));
    NBITS_ASSIGN_OR_RETURN(std::vector<float> values, FloatsOf(value));
    return Slot{std::make_shared<Tensor>(Tensor{value.shape, std::move(values)}), nullptr};
  }

  absl::StatusOr<Slot> Argument(const mil::Operation& operation, const std::string& name) const {
    const auto found = operation.inputs().find(name);
    if (found == operation.inputs().end() || found->second.arguments_size() == 0) {
      return absl::InvalidArgumentError(absl::StrCat("argument '", name, "' is missing"));
    }
    return Bound(found->second.arguments(0));
  }

  absl::StatusOr<TensorPointer> TensorArgument(const mil::Operation& operation,
                                               const std::string& name) const {
    NBITS_ASSIGN_OR_RETURN(Slot slot, Argument(operation, name));
    if (slot.tensor != nullptr) return std::move(slot.tensor);
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no tensor"));
  }

  absl::StatusOr<std::shared_ptr<const TensorList>> ListArgument(
      const mil::Operation& operation) const {
    NBITS_ASSIGN_OR_RETURN(Slot slot, Argument(operation, "ls"));
    if (slot.list != nullptr) return std::move(slot.list);
    return absl::InvalidArgumentError("'ls' is no list");
  }

  static absl::StatusOr<float> OneValue(const TensorPointer& tensor) {
    if (tensor != nullptr && tensor->values.size() == 1) return tensor->values[0];
    return absl::InvalidArgumentError("one value is expected");
  }

  static absl::Status SetOutputs(const mil::Operation& operation, size_t count) {
    if (static_cast<size_t>(operation.outputs_size()) == count) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(operation.outputs_size(), " outputs (expected ", count, ")"));
  }

  // ---- Control flow -----------------------------------------------------------------------------

  absl::Status RunControl(const mil::Operation& operation) {
    if (operation.type() == "cond") return RunBranch(operation);
    if (operation.type() == "while_loop") return RunLoop(operation);
    return RunList(operation);
  }

  // What the block's outputs are after its operations.
  absl::StatusOr<std::vector<Slot>> RunBlock(const mil::Block& block,
                                             const std::vector<Slot>& inputs) {
    if (static_cast<size_t>(block.inputs_size()) != inputs.size()) {
      return absl::InvalidArgumentError(absl::StrCat("a block of ", block.inputs_size(),
                                                     " inputs for ", inputs.size(), " values"));
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      Set(block.inputs(static_cast<int>(i)).name(), inputs[i]);
    }
    NBITS_RETURN_IF_ERROR(RunOperations(block.operations()));
    std::vector<Slot> outputs;
    for (const std::string& name : block.outputs()) {
      NBITS_ASSIGN_OR_RETURN(outputs.emplace_back(), Find(name));
    }
    return outputs;
  }

  absl::Status Finish(const mil::Operation& operation, const std::vector<Slot>& slots) {
    NBITS_RETURN_IF_ERROR(SetOutputs(operation, slots.size()));
    for (size_t i = 0; i < slots.size(); ++i) {
      Set(operation.outputs(static_cast<int>(i)).name(), slots[i]);
    }
    return absl::OkStatus();
  }

  absl::Status RunBranch(const mil::Operation& operation) {
    if (operation.blocks_size() != 2) return absl::InvalidArgumentError("other than two blocks");
    NBITS_ASSIGN_OR_RETURN(const TensorPointer condition, TensorArgument(operation, "pred"));
    NBITS_ASSIGN_OR_RETURN(const float value, OneValue(condition));
    NBITS_ASSIGN_OR_RETURN(const std::vector<Slot> outputs,
                           RunBlock(operation.blocks(value != 0 ? 0 : 1), {}));
    return Finish(operation, outputs);
  }

  absl::Status RunLoop(const mil::Operation& operation) {
    if (operation.blocks_size() != 2) return absl::InvalidArgumentError("other than two blocks");
    const auto variables = operation.inputs().find("loop_vars");
    if (variables == operation.inputs().end()) {
      return absl::InvalidArgumentError("argument 'loop_vars' is missing");
    }
    std::vector<Slot> slots;
    for (const auto& binding : variables->second.arguments()) {
      NBITS_ASSIGN_OR_RETURN(slots.emplace_back(), Bound(binding));
    }
    for (;;) {
      NBITS_ASSIGN_OR_RETURN(const std::vector<Slot> condition,
                             RunBlock(operation.blocks(0), slots));
      if (condition.size() != 1) return absl::InvalidArgumentError("a condition of several values");
      NBITS_ASSIGN_OR_RETURN(const float goes_on, OneValue(condition[0].tensor));
      if (goes_on == 0) return Finish(operation, slots);
      if (++iterations_ > kMostIterations) {
        return absl::ResourceExhaustedError(
            absl::StrCat("more than ", kMostIterations, " iterations"));
      }
      NBITS_ASSIGN_OR_RETURN(slots, RunBlock(operation.blocks(1), slots));
    }
  }

  // ---- Lists ------------------------------------------------------------------------------------

  absl::Status RunList(const mil::Operation& operation) {
    const std::string& type = operation.type();
    if (type == "make_list") return MakeList(operation);
    NBITS_ASSIGN_OR_RETURN(const std::shared_ptr<const TensorList> list, ListArgument(operation));
    if (type == "list_length") {
      const auto length = static_cast<float>(list->size());
      return FinishTensor(operation, Tensor{{}, {length}});
    }
    if (type == "list_read") return ReadElement(operation, *list);
    if (type == "list_gather") return GatherElements(operation, *list);
    return type == "list_write" ? WriteElement(operation, *list)
                                : ScatterElements(operation, *list);
  }

  absl::Status FinishTensor(const mil::Operation& operation, Tensor tensor) {
    return Finish(operation, {Slot{std::make_shared<Tensor>(std::move(tensor)), nullptr}});
  }
  absl::Status FinishList(const mil::Operation& operation, TensorList list) {
    return Finish(operation, {Slot{nullptr, std::make_shared<TensorList>(std::move(list))}});
  }

  absl::Status MakeList(const mil::Operation& operation) {
    float length = 1;
    if (operation.inputs().contains("init_length")) {
      NBITS_ASSIGN_OR_RETURN(const TensorPointer stated, TensorArgument(operation, "init_length"));
      NBITS_ASSIGN_OR_RETURN(length, OneValue(stated));
    }
    if (!(length >= 0 && length <= static_cast<float>(kMostListElements))) {
      return absl::InvalidArgumentError(absl::StrCat("a list of ", length, " elements"));
    }
    return FinishList(operation, TensorList(static_cast<size_t>(length)));
  }

  static absl::StatusOr<size_t> PlaceIn(float index, int64_t limit) {
    if (index >= 0 && index < static_cast<float>(limit)) return static_cast<size_t>(index);
    return absl::InvalidArgumentError(absl::StrCat("element ", index, " of a list"));
  }

  static absl::StatusOr<TensorPointer> ElementOf(const TensorList& list, float index) {
    NBITS_ASSIGN_OR_RETURN(const size_t place, PlaceIn(index, static_cast<int64_t>(list.size())));
    if (list[place] != nullptr) return list[place];
    return absl::InvalidArgumentError(absl::StrCat("element ", index, " was never written"));
  }

  absl::Status ReadElement(const mil::Operation& operation, const TensorList& list) {
    NBITS_ASSIGN_OR_RETURN(const TensorPointer index, TensorArgument(operation, "index"));
    NBITS_ASSIGN_OR_RETURN(const float place, OneValue(index));
    NBITS_ASSIGN_OR_RETURN(TensorPointer element, ElementOf(list, place));
    return Finish(operation, {Slot{std::move(element), nullptr}});
  }

  // The chosen elements one after the other, along a new first axis.
  absl::Status GatherElements(const mil::Operation& operation, const TensorList& list) {
    NBITS_ASSIGN_OR_RETURN(const TensorPointer indices, TensorArgument(operation, "indices"));
    Tensor joined;
    for (const float index : indices->values) {
      NBITS_ASSIGN_OR_RETURN(const TensorPointer element, ElementOf(list, index));
      if (joined.shape.empty()) joined.shape = element->shape;
      if (joined.shape != element->shape) {
        return absl::InvalidArgumentError("elements of different shapes");
      }
      NBITS_RETURN_IF_ERROR(
          CheckMemory(static_cast<int64_t>(element->values.size() * sizeof(float)), "a list"));
      joined.values.insert(joined.values.end(), element->values.begin(), element->values.end());
    }
    if (joined.values.empty()) return absl::InvalidArgumentError("no elements");
    joined.shape.insert(joined.shape.begin(), static_cast<int64_t>(indices->values.size()));
    return FinishTensor(operation, std::move(joined));
  }

  static absl::Status Put(float index, TensorPointer value, TensorList& list) {
    NBITS_ASSIGN_OR_RETURN(const size_t place, PlaceIn(index, kMostListElements));
    if (place >= list.size()) list.resize(place + 1);
    list[place] = std::move(value);
    return absl::OkStatus();
  }

  absl::Status WriteElement(const mil::Operation& operation, TensorList list) {
    NBITS_ASSIGN_OR_RETURN(const TensorPointer index, TensorArgument(operation, "index"));
    NBITS_ASSIGN_OR_RETURN(const float place, OneValue(index));
    NBITS_ASSIGN_OR_RETURN(TensorPointer value, TensorArgument(operation, "value"));
    NBITS_RETURN_IF_ERROR(Put(place, std::move(value), list));
    return FinishList(operation, std::move(list));
  }

  // Entries of the value's first axis go to the elements of these indices.
  absl::Status ScatterElements(const mil::Operation& operation, TensorList list) {
    NBITS_ASSIGN_OR_RETURN(const TensorPointer indices, TensorArgument(operation, "indices"));
    NBITS_ASSIGN_OR_RETURN(const TensorPointer value, TensorArgument(operation, "value"));
    const size_t count = indices->values.size();
    if (value->shape.empty() || static_cast<size_t>(value->shape[0]) != count || count == 0) {
      return absl::InvalidArgumentError("as many entries as indices are expected");
    }
    const size_t length = value->values.size() / count;
    for (size_t i = 0; i < count; ++i) {
      auto element = std::make_shared<Tensor>();
      element->shape.assign(value->shape.begin() + 1, value->shape.end());
      const auto first = value->values.begin() + static_cast<int64_t>(i * length);
      element->values.assign(first, first + static_cast<int64_t>(length));
      NBITS_RETURN_IF_ERROR(Put(indices->values[i], std::move(element), list));
    }
    return FinishList(operation, std::move(list));
  }

  const Code& code_;
  SegmentRunner runner_;
  std::map<std::string, std::shared_ptr<const TensorList>> lists_;
  int64_t iterations_ = 0;
};

class ProgramInterpreter : public DynamicPart {
 public:
  explicit ProgramInterpreter(Code code) : code_(std::move(code)) {
    for (const Output& output : code_.outputs) outputs_.push_back(output.feature);
  }

  const std::vector<FeatureDescription>& outputs() const override { return outputs_; }

  absl::StatusOr<TensorMap> Run(const TensorMap& values, const Compiler& compile) const override {
    return ProgramRun(code_, compile, values).Run();
  }

 private:
  Code code_;
  std::vector<FeatureDescription> outputs_;
};

}  // namespace

std::shared_ptr<const DynamicPart> MakeProgramInterpreter(Code code) {
  return std::make_shared<ProgramInterpreter>(std::move(code));
}

}  // namespace nbits::graph::program
