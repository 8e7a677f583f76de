// SPDX-License-Identifier: Apache-2.0
// What a comparison has measured so far, kept on disk so that a run that was cut short can go on.
#ifndef NBITS_SRC_COMPARE_JOURNAL_H_
#define NBITS_SRC_COMPARE_JOURNAL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compare/results_to_json.h"
#include "compare/score.h"
#include "nbits/results.h"

namespace nbits {

// One contender's runs on one picture, and what came of them.
struct JournalEntry {
  std::vector<double> times_ms = {};
  double load_ms = 0;
  int64_t peak_memory_bytes = 0;
  PictureOutput output = {};
  Tally tally;
};

// An entry as the text of its file, and back: nothing for a text that is no entry of this task.
std::string JournalEntryToJson(const JournalEntry& entry);
std::optional<JournalEntry> JournalEntryFromJson(absl::string_view text, const Task& task);

// The folder OUTPUT/progress: run.json, which says what is compared, and a file P-C.json for each
// picture P and contender C, written when both are done.
class Journal {
 public:
  // Begins anew, forgetting what is there; with `resume` goes on with what is there if that is of
  // the same run: FailedPrecondition otherwise. `run` is what must be equal for that.
  static absl::StatusOr<Journal> Open(const std::string& output, const Json& run, bool resume);

  // Nothing when the entry is not there, or is not one of this task's.
  std::optional<JournalEntry> Find(const Task& task, size_t picture, size_t contender) const;
  bool Has(size_t picture, size_t contender) const;
  absl::Status Store(size_t picture, size_t contender, const JournalEntry& entry) const;

 private:
  explicit Journal(std::string folder) : folder_(std::move(folder)) {}
  std::string PathOf(size_t picture, size_t contender) const;

  std::string folder_;
};

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_JOURNAL_H_
