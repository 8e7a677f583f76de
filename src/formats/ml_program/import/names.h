// SPDX-License-Identifier: Apache-2.0
// Which names operations read and write.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_NAMES_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_NAMES_H_

#include <set>
#include <string>
#include <vector>

#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {

using OperationList = google::protobuf::RepeatedPtrField<mil::Operation>;

// Of the operation alone. Writing a state counts as writing its name.
std::vector<std::string> NamesRead(const mil::Operation& operation);
std::vector<std::string> NamesWritten(const mil::Operation& operation);

// Those of several, nested ones and the outputs of their blocks included.
struct OperationNames {
  std::multiset<std::string> reads;
  std::set<std::string> writes;

  void Add(const mil::Operation& operation);
  void Add(const OperationList& operations);
};

// Adds one operation to the graph. NeedsValues when its shapes follow from values that are not
// there. Errors name the operation and its type.
absl::Status ImportOperation(const mil::Operation& operation, const Context& context,
                             Builder& builder);

// Whether the interpreter runs it, and no graph.
bool IsControl(const mil::Operation& operation);

// Unimplemented when one of the operations, nested ones included, cannot be run.
absl::Status CheckSupported(const OperationList& operations);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_NAMES_H_
