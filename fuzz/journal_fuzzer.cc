// SPDX-License-Identifier: Apache-2.0
// Any text as an entry of a comparison's journal. What is read is written as a text that stands for
// the same, and its figures can be computed.
#include "compare/journal.h"
#include "fuzz/fuzz.h"

namespace {

using nbits::fuzz::Require;

nbits::Task Segmentation() {
  nbits::Task task;
  task.kind = nbits::TaskKind::kSegmentation;
  task.classes = 3;
  return task;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const nbits::Task task = Segmentation();
  const auto entry = nbits::JournalEntryFromJson(nbits::fuzz::Text(data, size), task);
  if (!entry) return 0;
  const std::string text = nbits::JournalEntryToJson(*entry);
  const auto again = nbits::JournalEntryFromJson(text, task);
  Require(again.has_value() && nbits::JournalEntryToJson(*again) == text);
  nbits::Tally sum = entry->tally;
  sum.Merge(again->tally);
  nbits::MetricsOf(task, sum);
  return 0;
}
