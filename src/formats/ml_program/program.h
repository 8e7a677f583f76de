// SPDX-License-Identifier: Apache-2.0
// The functions of an ML Program, and what must hold of it before anything else reads it.
#ifndef NBITS_FORMATS_ML_PROGRAM_PROGRAM_H_
#define NBITS_FORMATS_ML_PROGRAM_PROGRAM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "formats/ml_program/constants/constant.h"
#include "proto/mil.pb.h"

namespace nbits {

// A function and the block that its opset chooses.
struct ProgramFunction {
  std::string name;
  std::string opset;  // "CoreML5" (iOS15), ...
  const schema::mil::Function* function = nullptr;
  const schema::mil::Block* block = nullptr;
};

// In the order of their names. InvalidArgument for a function without the block of its opset.
absl::StatusOr<std::vector<ProgramFunction>> FunctionsOf(const schema::mil::Program& program);

// The function of that name; "": "main", or the only one. NotFound, listing all, when there is
// none.
absl::StatusOr<ProgramFunction> FindFunction(const schema::mil::Program& program,
                                             const std::string& name);

// InvalidArgument, naming function and operation: a value that is defined twice in one scope, or
// read before it is defined; an argument without binding; an operation without outputs but
// write_state; control flow without its blocks. What passes has no cycles.
absl::Status CheckProgram(const schema::mil::Program& program);

// "operation 'y' of type 'conv': " before the message.
absl::Status NameOperation(const schema::mil::Operation& operation, const absl::Status& status);

// Calls `visit` with every operation of the block, nested ones after the operation that they stand
// in; stops at the first error.
absl::Status ForEachOperation(
    const schema::mil::Block& block,
    absl::FunctionRef<absl::Status(const schema::mil::Operation& operation)> visit);

// The constants of one function by their names. A name that is added again means its latest value.
class ProgramConstants {
 public:
  explicit ProgramConstants(BlobStore& blobs) : blobs_(blobs) {}

  // Reads the outputs of a constant operation. The errors of ReadConstants, with the operation.
  absl::Status Add(const schema::mil::Operation& operation);
  // Puts another form in the place of a constant of floats; nothing where there is none.
  void Replace(const std::string& name, const PackedTensor& tensor);
  // Null: no constant of that name was added.
  const ProgramConstant* Find(const std::string& name) const;
  BlobStore& blobs() { return blobs_; }

 private:
  BlobStore& blobs_;
  std::map<std::string, ProgramConstant> constants_;
};

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_PROGRAM_H_
