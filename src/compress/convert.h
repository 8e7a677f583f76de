// SPDX-License-Identifier: Apache-2.0
// One weight from its present form to the one that its plan says.
#ifndef NBITS_COMPRESS_CONVERT_H_
#define NBITS_COMPRESS_CONVERT_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/compress.h"
#include "tensor/compare_values.h"

namespace nbits {

struct Conversion {
  std::optional<PackedTensor> packed;  // None: Overflow::kKeepFloat left the weight as it is.
  ValueErrors errors;                  // Of `packed`.
  std::vector<Finding> findings;
};

// `entry.keep` is false. May be called from several threads at once. FailedPrecondition, naming the
// weight, for values that the mode cannot represent and Overflow::kError; InvalidArgument for
// tables and indices of the table function that do not fit.
absl::StatusOr<Conversion> ConvertWeight(const WeightRef& weight, const PlanEntry& entry,
                                         Overflow on_overflow, const TableFunction& table_function);

}  // namespace nbits

#endif  // NBITS_COMPRESS_CONVERT_H_
