// SPDX-License-Identifier: Apache-2.0
// The vector instructions that the kernels use. Names are Highway's: "AVX3" (AVX-512),
// "AVX2", "NEON", "SCALAR" (none) and so on.
#ifndef NBITS_TARGET_H_
#define NBITS_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"

namespace nbits NBITS_EXPORT {

// Those that nbits was compiled for and this machine has, the best first.
std::vector<std::string> VectorTargets();

// The one in use: the best, unless UseVectorTarget chose another.
std::string VectorTarget();

// From now on all kernels of this process use `name`'s instructions, one of VectorTargets(), as on
// a machine that has no better ones. Not while an engine runs. InvalidArgument names what there is;
// FailedPrecondition: oneDNN, which serves some layers, was used or limited before and keeps to
// that.
//
// Example:
//   assert(nbits::VectorTarget() == nbits::VectorTargets().front());
//   return nbits::UseVectorTarget(nbits::VectorTargets().front());
absl::Status UseVectorTarget(absl::string_view name);

}  // namespace nbits

#endif  // NBITS_TARGET_H_
