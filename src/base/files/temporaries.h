// SPDX-License-Identifier: Apache-2.0
// What this process has put on the disk for a while, so that it can be removed when a signal ends
// the process, where no destructor runs.
#ifndef NBITS_BASE_FILES_TEMPORARIES_H_
#define NBITS_BASE_FILES_TEMPORARIES_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/files/leftovers.h"

namespace nbits {

// A file, or a folder with what it holds, of a name that nobody else uses. Not removed by the
// destructor, which only ends the note of it: whoever makes it removes it, too.
class TemporaryNote {
 public:
  TemporaryNote() = default;
  // Call it before the file is made, so that there is no moment at which nobody knows of it.
  explicit TemporaryNote(const std::string& path, bool is_folder = false);
  TemporaryNote(TemporaryNote&& other) noexcept;
  TemporaryNote& operator=(TemporaryNote&& other) noexcept;
  ~TemporaryNote();

  struct Slot;

 private:
  Slot* slot_ = nullptr;
};

// Removes all that is noted. May be called in a handler of signals that ends the process: a thread
// that would note more from then on, or ends the process for another signal, waits for that end.
void RemoveTemporaries();

// The system's place for such things: TMPDIR, or /tmp. NotFound, naming it, when it is not there.
absl::StatusOr<std::string> FolderForTemporaries();

}  // namespace nbits

#endif  // NBITS_BASE_FILES_TEMPORARIES_H_
