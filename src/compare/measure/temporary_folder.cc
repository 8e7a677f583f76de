// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/temporary_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/files/file_target.h"
#include "base/status_macros.h"

namespace nbits {

absl::StatusOr<TemporaryFolder> TemporaryFolder::Create() {
  NBITS_ASSIGN_OR_RETURN(const std::string parent, FolderForTemporaries());
  RemoveLeftovers(parent);
  while (true) {
    const std::string path = TemporaryName(parent + "/");
    TemporaryFolder folder(path);
    if (mkdir(path.c_str(), 0700) == 0) return folder;
    folder.path_.clear();  // It is not ours.
    if (errno != EEXIST) return SystemError(errno, "make a folder in", parent);
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace nbits
