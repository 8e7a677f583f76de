// SPDX-License-Identifier: Apache-2.0
// What `nbits info --memory` says of a run's memory.
#ifndef NBITS_CLI_MEMORY_REPORT_H_
#define NBITS_CLI_MEMORY_REPORT_H_

#include <string>

#include "nbits/engine.h"

namespace nbits::cli {

// Totals, a picture of the arena (time from left to right, addresses from bottom to top) and every
// block in order of time.
std::string MemoryText(const MemoryReport& report);

// {"arena_bytes", "bound_bytes", "weight_bytes", "kept_bytes",
//  "blocks": [{"name", "format", "shape", "offset", "bytes", "first_layer", "last_layer"}]}
std::string MemoryJson(const MemoryReport& report);

}  // namespace nbits::cli

#endif  // NBITS_CLI_MEMORY_REPORT_H_
