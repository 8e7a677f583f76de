// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/interpreter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/lists.h"
#include "formats/ml_program/import/scope.h"
#include "formats/neural_network/import/segments.h"

namespace nbits::graph::program {
namespace {

// Iterations of all loops in one run. More comes from loops that never end.
constexpr int64_t kMostIterations = 1 << 20;
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

absl::Status CheckOutputCount(const mil::Operation& operation, size_t count) {
  if (static_cast<size_t>(operation.outputs_size()) == count) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(operation.outputs_size(), " outputs (expected ", count, ")"));
}

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
      const auto value = scope_.Find(output.blob);
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

  // ---- Control flow -----------------------------------------------------------------------------

  absl::Status RunControl(const mil::Operation& operation) {
    if (operation.type() == "cond") return RunBranch(operation);
    if (operation.type() == "while_loop") return RunLoop(operation);
    NBITS_ASSIGN_OR_RETURN(Slot result, RunListOperation(operation, scope_));
    return Finish(operation, {std::move(result)});
  }

  // What the block's outputs are after its operations.
  absl::StatusOr<std::vector<Slot>> RunBlock(const mil::Block& block,
                                             const std::vector<Slot>& inputs) {
    if (static_cast<size_t>(block.inputs_size()) != inputs.size()) {
      return absl::InvalidArgumentError(absl::StrCat("a block of ", block.inputs_size(),
                                                     " inputs for ", inputs.size(), " values"));
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      scope_.Set(block.inputs(static_cast<int>(i)).name(), inputs[i]);
    }
    NBITS_RETURN_IF_ERROR(RunOperations(block.operations()));
    std::vector<Slot> outputs;
    for (const std::string& name : block.outputs()) {
      NBITS_ASSIGN_OR_RETURN(outputs.emplace_back(), scope_.Find(name));
    }
    return outputs;
  }

  absl::Status Finish(const mil::Operation& operation, const std::vector<Slot>& slots) {
    NBITS_RETURN_IF_ERROR(CheckOutputCount(operation, slots.size()));
    for (size_t i = 0; i < slots.size(); ++i) {
      scope_.Set(operation.outputs(static_cast<int>(i)).name(), slots[i]);
    }
    return absl::OkStatus();
  }

  absl::Status RunBranch(const mil::Operation& operation) {
    if (operation.blocks_size() != 2) return absl::InvalidArgumentError("other than two blocks");
    NBITS_ASSIGN_OR_RETURN(const TensorPointer condition, scope_.TensorArgument(operation, "pred"));
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
      NBITS_ASSIGN_OR_RETURN(slots.emplace_back(), scope_.Bound(binding));
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

  const Code& code_;
  SegmentRunner runner_;
  ProgramScope scope_{code_.context, runner_};
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
