// SPDX-License-Identifier: Apache-2.0
// Where a path leads that is to be written: what may be replaced, and what is only written to.
#ifndef NBITS_BASE_FILES_FILE_TARGET_H_
#define NBITS_BASE_FILES_FILE_TARGET_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nbits {

// The system's reason `error` as a status: "cannot ACTION PATH: reason".
absl::Status SystemError(int error, absl::string_view action, const std::string& path);

struct FileTarget {
  enum class Kind {
    kReplaced,    // A regular file, or nothing yet: a new file takes its place.
    kWrittenTo,   // A device, a FIFO, or what can only be written where it is: opened and written.
    kDescriptor,  // A descriptor that this process has open, such as /dev/stdout.
  };
  Kind kind = Kind::kReplaced;
  std::string path;     // With all links followed, the last one's target, too.
  int descriptor = -1;  // Of kDescriptor.
  // What a new file is to have: the old one's mode and owner, or the mode that umask gives.
  mode_t mode = 0;
  std::optional<std::pair<uid_t, gid_t>> owner = {};
};

// InvalidArgument for a folder, PermissionDenied for what is write-protected: also as root, whom
// the system lets write to files without any permission to be written.
absl::StatusOr<FileTarget> FindFileTarget(const std::string& path);

// Makes a folder, with those that it lies in, unless it is there. Errors name it: "cannot make the
// folder PATH: reason".
absl::Status MakeFolder(const std::string& path);

// Makes the folder in which `path` is to lie.
absl::Status MakeFolderFor(const std::string& path);

}  // namespace nbits

#endif  // NBITS_BASE_FILES_FILE_TARGET_H_
