// SPDX-License-Identifier: Apache-2.0
// A folder that goes away with the object.
#ifndef NBITS_COMPARE_MEASURE_TEMPORARY_FOLDER_H_
#define NBITS_COMPARE_MEASURE_TEMPORARY_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/files/temporaries.h"

namespace nbits {

class TemporaryFolder {
 public:
  // In the system's place for temporary files (TMPDIR), readable by this user only.
  static absl::StatusOr<TemporaryFolder> Create();
  TemporaryFolder(TemporaryFolder&& other) noexcept
      : path_(std::exchange(other.path_, "")), note_(std::move(other.note_)) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(note_, other.note_);
    return *this;
  }
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path)
      : path_(std::move(path)), note_(path_, /*is_folder=*/true) {}
  std::string path_;
  TemporaryNote note_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_MEASURE_TEMPORARY_FOLDER_H_
