// SPDX-License-Identifier: Apache-2.0
// What `nbits info --memory` says of a run's memory.
#ifndef NBITS_CLI_INFO_MEMORY_REPORT_H_
#define NBITS_CLI_INFO_MEMORY_REPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "nbits/engine.h"

namespace nbits::cli {

// Totals, a picture of the arena (time from left to right, addresses from bottom to top) and every
// block in order of time; for each network, under its place in a pipeline.
using MemoryReports = std::vector<std::pair<std::string, MemoryReport>>;
std::string MemoryText(const MemoryReports& reports);

// {"arena_bytes", "bound_bytes", "weight_bytes", "kept_bytes",
//  "blocks": [{"name", "format", "shape", "offset", "bytes", "first_layer", "last_layer"}]}
// Of a pipeline {"members": [{"member", ...}]}, one such object for each network.
std::string MemoryJson(const MemoryReports& reports);

}  // namespace nbits::cli

#endif  // NBITS_CLI_INFO_MEMORY_REPORT_H_
