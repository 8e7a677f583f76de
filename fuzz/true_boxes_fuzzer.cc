// SPDX-License-Identifier: Apache-2.0
// Any text as the true boxes of a picture. What is read is matched with itself, box by box.
#include "compare/judge/true_boxes.h"

#include "fuzz/fuzz.h"
#include "nbits/metrics.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto boxes = nbits::ParseTrueBoxes(nbits::fuzz::Text(data, size), "fuzz", 5);
  if (!boxes.ok() || boxes->size() > 1000) return 0;
  nbits::DetectionMatches matches;
  matches.Add(*boxes, *boxes);
  nbits::fuzz::Require(matches.found.size() == boxes->size() && matches.F1() <= 1);
  return 0;
}
