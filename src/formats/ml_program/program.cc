// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/program.h"

#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

std::string OutputName(const mil::Operation& operation) {
  return operation.outputs_size() == 0 ? "" : operation.outputs(0).name();
}

// Names that are defined where a block stands, each in the block that defines it.
class Definitions {
 public:
  absl::Status Function(const mil::Function& function, const mil::Block& block) {
    for (const mil::NamedValueType& input : function.inputs()) {
      NBITS_RETURN_IF_ERROR(Define(input.name()));
    }
    return Block(block);
  }

 private:
  absl::Status Define(const std::string& name) {
    if (names_.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat("'", name, "' is defined twice"));
    }
    names_.insert(name);
    defined_.push_back(name);
    return absl::OkStatus();
  }

  absl::Status Block(const mil::Block& block) {
    const size_t outside = defined_.size();
    for (const mil::NamedValueType& input : block.inputs()) {
      NBITS_RETURN_IF_ERROR(Define(input.name()));
    }
    for (const mil::Operation& operation : block.operations()) {
      const absl::Status status = Operation(operation);
      if (!status.ok()) return NameOperation(operation, status);
    }
    for (const std::string& output : block.outputs()) NBITS_RETURN_IF_ERROR(Read(output));
    for (; defined_.size() > outside; defined_.pop_back()) names_.erase(defined_.back());
    return absl::OkStatus();
  }

  absl::Status Read(const std::string& name) const {
    if (names_.contains(name)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' is not defined before it"));
  }

  absl::Status Operation(const mil::Operation& operation) {
    for (const auto& [name, argument] : operation.inputs()) {
      if (argument.arguments_size() == 0) {
        return absl::InvalidArgumentError(absl::StrCat("argument '", name, "' is empty"));
      }
      for (const mil::Argument::Binding& binding : argument.arguments()) {
        if (binding.has_value()) continue;
        NBITS_RETURN_IF_ERROR(Read(binding.name()));
      }
    }
    for (const mil::Block& block : operation.blocks()) NBITS_RETURN_IF_ERROR(Block(block));
    if (operation.outputs_size() == 0 && operation.type() != "write_state") {
      return absl::InvalidArgumentError("has no outputs");
    }
    for (const mil::NamedValueType& output : operation.outputs()) {
      NBITS_RETURN_IF_ERROR(Define(output.name()));
    }
    return absl::OkStatus();
  }

  std::unordered_set<std::string> names_;
  std::vector<std::string> defined_;  // The same, in order.
};

}  // namespace

absl::Status NameOperation(const mil::Operation& operation, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("operation '", OutputName(operation), "' of type '",
                                   operation.type(), "': ", status.message()));
}

absl::StatusOr<std::vector<ProgramFunction>> FunctionsOf(const mil::Program& program) {
  std::map<std::string, ProgramFunction> functions;
  for (const auto& [name, function] : program.functions()) {
    const auto block = function.block_specializations().find(function.opset());
    if (block == function.block_specializations().end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "function '", name, "' has no block for its opset '", function.opset(), "'"));
    }
    functions[name] = {name, function.opset(), &function, &block->second};
  }
  std::vector<ProgramFunction> sorted;
  for (auto& [name, function] : functions) sorted.push_back(std::move(function));
  if (sorted.empty()) return absl::InvalidArgumentError("the program has no functions");
  return sorted;
}

absl::StatusOr<ProgramFunction> FindFunction(const mil::Program& program, const std::string& name) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<ProgramFunction> functions, FunctionsOf(program));
  const std::string wanted = name.empty() ? "main" : name;
  for (const ProgramFunction& function : functions) {
    if (function.name == wanted) return function;
  }
  if (name.empty() && functions.size() == 1) return functions[0];
  return absl::NotFoundError(
      absl::StrCat("there is no function '", wanted, "' (there are ",
                   absl::StrJoin(functions, ", ",
                                 [](std::string* text, const ProgramFunction& function) {
                                   absl::StrAppend(text, "'", function.name, "'");
                                 }),
                   ")"));
}

absl::Status CheckProgram(const mil::Program& program) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<ProgramFunction> functions, FunctionsOf(program));
  for (const ProgramFunction& function : functions) {
    const absl::Status status = Definitions().Function(*function.function, *function.block);
    if (status.ok()) continue;
    return absl::Status(status.code(),
                        absl::StrCat("function '", function.name, "', ", status.message()));
  }
  return absl::OkStatus();
}

absl::Status ForEachOperation(const mil::Block& block,
                              absl::FunctionRef<absl::Status(const mil::Operation&)> visit) {
  for (const mil::Operation& operation : block.operations()) {
    NBITS_RETURN_IF_ERROR(visit(operation));
    for (const mil::Block& nested : operation.blocks()) {
      NBITS_RETURN_IF_ERROR(ForEachOperation(nested, visit));
    }
  }
  return absl::OkStatus();
}

absl::Status ProgramConstants::Add(const mil::Operation& operation) {
  const ConstantFinder find = [this](const std::string& name) { return Find(name); };
  auto constants = ReadConstants(operation, blobs_, find);
  if (!constants.ok()) return NameOperation(operation, constants.status());
  for (size_t i = 0; i < constants->size(); ++i) {
    constants_[operation.outputs(static_cast<int>(i)).name()] = std::move((*constants)[i]);
  }
  return absl::OkStatus();
}

void ProgramConstants::Replace(const std::string& name, const PackedTensor& tensor) {
  const auto found = constants_.find(name);
  if (found == constants_.end() || !found->second.is_packed) return;
  found->second.packed = tensor;
  found->second.value.bytes = {};
}

const ProgramConstant* ProgramConstants::Find(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? nullptr : &found->second;
}

}  // namespace nbits
