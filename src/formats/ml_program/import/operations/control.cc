// SPDX-License-Identifier: Apache-2.0
// States, and what only the interpreter does: control flow and lists.
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

absl::Status ImportReadState(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId state, op.Input("input"));
  return op.Finish({state});
}

// From here on the state's name means what was written.
absl::Status ImportWriteState(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("input"));
  NBITS_ASSIGN_OR_RETURN(const TensorId data, op.Input("data"));
  if (op.builder.ShapeOf(data) != shape) {
    return absl::InvalidArgumentError("what is written has another shape than the state");
  }
  op.builder.Bind(op.proto.inputs().at("input").arguments(0).name(), data);
  return absl::OkStatus();
}

absl::Status PutOffOperation(Operation&) { return ValuesNeededError("control flow"); }

}  // namespace

std::span<const OperationKind> ControlOperations() {
  static constexpr OperationKind kKinds[] = {
      {"cond", PutOffOperation},         {"list_gather", PutOffOperation},
      {"list_length", PutOffOperation},  {"list_read", PutOffOperation},
      {"list_scatter", PutOffOperation}, {"list_write", PutOffOperation},
      {"make_list", PutOffOperation},    {"read_state", ImportReadState},
      {"while_loop", PutOffOperation},   {"write_state", ImportWriteState},
  };
  return kKinds;
}

}  // namespace nbits::graph::program
