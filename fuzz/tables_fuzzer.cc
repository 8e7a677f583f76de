// SPDX-License-Identifier: Apache-2.0
// Any text as lookup tables, JSON or CSV.
#include <algorithm>
#include <cmath>

#include "fuzz/fuzz.h"
#include "nbits/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto tables = nbits::ParseTables(nbits::fuzz::Text(data, size));
  if (!tables.ok()) return 0;
  nbits::fuzz::Require(!tables->empty());
  for (const nbits::NamedTable& table : *tables) {
    nbits::fuzz::Require(!table.table.empty() && table.table.size() <= 256);
    nbits::fuzz::Require(std::all_of(table.table.begin(), table.table.end(),
                                     [](float entry) { return std::isfinite(entry); }));
  }
  return 0;
}
