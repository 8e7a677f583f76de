// SPDX-License-Identifier: Apache-2.0
// What a comparison has measured so far, kept on disk so that a run that was cut short can go on.
#ifndef NBITS_COMPARE_JOURNAL_H_
#define NBITS_COMPARE_JOURNAL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compare/fingerprint.h"
#include "compare/judge/score.h"
#include "nbits/results.h"
#include "results/results_to_json.h"

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

// The folder OUTPUT/progress: run.json, which says what is compared, samples.jsonl, what the
// samples hold that run.json only names, and a file P-V.json for each picture P and variant V,
// written when both are done. These numbers stay with what they were given for, by its content,
// when later runs add to the folder; so do the names of its pictures.
class Journal {
 public:
  // Begins anew, forgetting what is there; with `resume` goes on with what is there if that is of
  // the same original and settings: FailedPrecondition, with what differs, otherwise.
  static absl::StatusOr<Journal> Open(const std::string& output, const RunIdentity& run,
                                      bool resume);

  // Open's error for these options, whatever the variants and samples.
  static absl::Status Check(const std::string& output, const RunIdentity& run);

  // Says what a picture that the run only names holds, before anything is stored for it.
  absl::Status Note(size_t picture, const std::string& key) const;

  // The number under which a picture or a contender, the original being the first, stands in the
  // folder. Behind the last contender comes the original's second process.
  int PictureNumber(size_t picture) const { return pictures_[picture]; }
  int ContenderNumber(size_t contender) const { return contenders_[contender]; }
  // What in this run the folder's earlier one did not have, for people; empty when there is nothing
  // to say.
  const std::string& news() const { return news_; }

  // Nothing when the entry is not there, or is not one of this task's. Behind the last picture
  // stand the additional runs.
  std::optional<JournalEntry> Find(const Task& task, size_t picture, size_t contender) const;
  absl::Status Store(size_t picture, size_t contender, const JournalEntry& entry) const;

 private:
  explicit Journal(std::string folder) : folder_(std::move(folder)) {}
  std::string NotesPath() const;
  std::string PathOf(size_t picture, size_t contender) const;
  absl::Status Forget() const;
  void Number(const RunIdentity& run, Json& known);

  std::string folder_, news_;
  std::vector<int> pictures_, contenders_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_JOURNAL_H_
