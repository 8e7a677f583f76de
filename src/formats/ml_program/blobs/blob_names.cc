// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/blobs/blob_names.h"

#include "base/status_macros.h"
#include "formats/ml_program/program.h"

namespace nbits {

namespace mil = schema::mil;

void ForEachBlob(const mil::Operation& operation,
                 absl::FunctionRef<void(const mil::Value::BlobFileValue& blob)> visit) {
  const auto look = [&](const mil::Value& value) {
    if (value.has_blobfilevalue()) visit(value.blobfilevalue());
  };
  for (const auto& attribute : operation.attributes()) look(attribute.second);
  for (const auto& input : operation.inputs()) {
    for (const auto& binding : input.second.arguments()) {
      if (binding.has_value()) look(binding.value());
    }
  }
}

absl::Status AddBlobFiles(const mil::Program& program, std::set<std::string>& names) {
  NBITS_ASSIGN_OR_RETURN(const auto functions, FunctionsOf(program));
  for (const ProgramFunction& function : functions) {
    const auto add = [&](const mil::Operation& operation) {
      ForEachBlob(operation, [&](const auto& blob) { names.insert(blob.filename()); });
      return absl::OkStatus();
    };
    NBITS_RETURN_IF_ERROR(ForEachOperation(*function.block, add));
  }
  return absl::OkStatus();
}

}  // namespace nbits
