// SPDX-License-Identifier: Apache-2.0
// Room on the disk for what memory is not to hold.
#ifndef NBITS_TUNE_SPILL_FILE_H_
#define NBITS_TUNE_SPILL_FILE_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nbits {

// A file without a name in the system's place for temporary files, so that it goes away with the
// process however that ends. It is made when something is written first. Thread-safe.
class SpillFile {
 public:
  SpillFile() = default;
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;
  ~SpillFile();

  // Returns the place. ResourceExhausted when the disk is full; the system's errors.
  absl::StatusOr<int64_t> Write(std::span<const float> values);
  absl::Status Read(int64_t place, std::span<float> values) const;
  // What was written to `place`, which held `count` values, makes room.
  void Free(int64_t place, int64_t count);

  // From the file's start to the end of what it holds.
  int64_t size() const;

 private:
  absl::Status Open();
  int64_t Reserve(int64_t bytes);

  mutable std::mutex mutex_;  // Of all but the descriptor's contents.
  int descriptor_ = -1;
  int64_t end_ = 0;
  std::map<int64_t, int64_t> gaps_;  // Place and bytes of what is free before the end.
};

}  // namespace nbits

#endif  // NBITS_TUNE_SPILL_FILE_H_
