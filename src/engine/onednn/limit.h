// SPDX-License-Identifier: Apache-2.0
// Which instructions oneDNN may use.
#ifndef NBITS_ENGINE_ONEDNN_LIMIT_H_
#define NBITS_ENGINE_ONEDNN_LIMIT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nbits::onednn {

// Holds oneDNN to those of one of Highway's targets, or to the fewest it has above them. Once in a
// process, before it is used: FailedPrecondition later.
absl::Status LimitTo(absl::string_view target);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_LIMIT_H_
