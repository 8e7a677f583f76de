// SPDX-License-Identifier: Apache-2.0
// What names stand for while a program runs operation by operation.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_SCOPE_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_SCOPE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "formats/ml_program/import/operation.h"
#include "formats/neural_network/import/segments.h"

namespace nbits::graph::program {

using TensorPointer = std::shared_ptr<const Tensor>;
using TensorList = std::vector<TensorPointer>;  // Elements that were never written are null.

// What a name stands for while a program runs.
struct Slot {
  TensorPointer tensor;
  std::shared_ptr<const TensorList> list;
};

// The value that is alone in a tensor. InvalidArgument when there is none, or more.
absl::StatusOr<float> OneValue(const TensorPointer& tensor);

// Tensors are the runner's blobs, which its segments read and write.
class ProgramScope {
 public:
  ProgramScope(const Context& context, SegmentRunner& runner)
      : context_(context), runner_(runner) {}

  // A list, a tensor, or a constant. InvalidArgument for a name without value.
  absl::StatusOr<Slot> Find(const std::string& name) const;
  void Set(const std::string& name, const Slot& slot);
  absl::StatusOr<Slot> Bound(const mil::Argument::Binding& binding) const;
  // InvalidArgument, naming the argument, when it is missing or of the other kind.
  absl::StatusOr<TensorPointer> TensorArgument(const mil::Operation& operation,
                                               const std::string& name) const;
  absl::StatusOr<std::shared_ptr<const TensorList>> ListArgument(const mil::Operation& operation,
                                                                 const std::string& name) const;

 private:
  absl::StatusOr<Slot> Argument(const mil::Operation& operation, const std::string& name) const;

  const Context& context_;
  SegmentRunner& runner_;
  std::map<std::string, std::shared_ptr<const TensorList>> lists_;
};

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_SCOPE_H_
