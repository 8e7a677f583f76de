// SPDX-License-Identifier: Apache-2.0
// Plain and fast kernels, these on every set of vectors, against each other.
#ifndef NBITS_TESTS_SUPPORT_KERNEL_AGREEMENT_H_
#define NBITS_TESTS_SUPPORT_KERNEL_AGREEMENT_H_

#include <string>

#include "nbits/engine.h"

namespace nbits::testing {

struct Agreement {
  absl::Status plain;      // Of planning, and of running if it was run, with the plain kernels.
  std::string difference;  // Between them and the others; empty: none.
  bool ran = false;        // Outputs were compared.
};

// Runs `model` on `inputs` unless that takes more than `most_bytes` of tensors and workspaces.
//
// A difference is another kind of status, another shape, or a value further away than 1e-4 of the
// largest finite one of its tensor. NaN equals NaN, and an infinity itself.
Agreement CompareKernels(const Model& model, const TensorMap& inputs, int64_t most_bytes);

// The first difference between two runs' outputs as above; empty: none.
std::string CompareOutputs(const TensorMap& expected, const TensorMap& actual);

}  // namespace nbits::testing

#endif  // NBITS_TESTS_SUPPORT_KERNEL_AGREEMENT_H_
