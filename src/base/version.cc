// SPDX-License-Identifier: Apache-2.0
#include "nbits/version.h"

namespace nbits {

absl::string_view Version() { return NBITS_VERSION; }

}  // namespace nbits
