// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/names.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits::graph::program {

std::vector<std::string> NamesRead(const mil::Operation& operation) {
  std::vector<std::string> names;
  for (const auto& input : operation.inputs()) {
    for (const auto& binding : input.second.arguments()) {
      if (!binding.has_value()) names.push_back(binding.name());
    }
  }
  return names;
}

std::vector<std::string> NamesWritten(const mil::Operation& operation) {
  std::vector<std::string> names;
  for (const auto& output : operation.outputs()) names.push_back(output.name());
  const auto state = operation.inputs().find("input");
  if (operation.type() == "write_state" && state != operation.inputs().end()) {
    for (const auto& binding : state->second.arguments()) names.push_back(binding.name());
  }
  return names;
}

void OperationNames::Add(const mil::Operation& operation) {
  for (std::string& name : NamesRead(operation)) reads.insert(std::move(name));
  for (std::string& name : NamesWritten(operation)) writes.insert(std::move(name));
  for (const mil::Block& block : operation.blocks()) {
    Add(block.operations());
    reads.insert(block.outputs().begin(), block.outputs().end());
  }
}

void OperationNames::Add(const OperationList& operations) {
  for (const mil::Operation& operation : operations) Add(operation);
}

absl::Status ImportOperation(const mil::Operation& source, const Context& context,
                             Builder& builder) {
  const std::string name = source.outputs_size() == 0 ? source.type() : source.outputs(0).name();
  builder.BeginLayer(name, source.type());
  const OperationKind* kind = FindOperationKind(source.type());
  if (kind == nullptr) {
    return NameOperation(source, absl::UnimplementedError("is not supported"));
  }
  Operation operation(source, context, builder);
  const absl::Status status = kind->import(operation);
  return status.ok() ? status : NameOperation(source, status);
}

bool IsControl(const mil::Operation& operation) {
  static constexpr auto kControl = std::to_array<absl::string_view>(
      {"cond", "while_loop", "make_list", "list_read", "list_write", "list_gather", "list_scatter",
       "list_length"});
  return std::find(kControl.begin(), kControl.end(), operation.type()) != kControl.end();
}

absl::Status CheckSupported(const OperationList& operations) {
  for (const mil::Operation& operation : operations) {
    if (!IsConstant(operation) && FindOperationKind(operation.type()) == nullptr) {
      return NameOperation(operation, absl::UnimplementedError("is not supported"));
    }
    for (const mil::Block& block : operation.blocks()) {
      NBITS_RETURN_IF_ERROR(CheckSupported(block.operations()));
    }
  }
  return absl::OkStatus();
}

}  // namespace nbits::graph::program
