// SPDX-License-Identifier: Apache-2.0
#include "base/files/file_target.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // As many as Linux follows.
constexpr mode_t kAnyoneWrites = 0222;

// N of /dev/fd/N and of /proc/self/fd/N, to which /dev/stdout is a link; -1 for other paths. Such
// a descriptor may be open on a regular file (`> file`): opened anew it would be written from its
// beginning, and replaced, the rest of the output would go astray.
int DescriptorNamed(const std::string& path) {
  absl::string_view name = path;
  const std::string own = absl::StrCat("/proc/", getpid(), "/fd/");
  const bool is_one = absl::ConsumePrefix(&name, "/dev/fd/") ||
                      absl::ConsumePrefix(&name, "/proc/self/fd/") ||
                      absl::ConsumePrefix(&name, own);
  int number = -1;
  if (is_one && absl::SimpleAtoi(name, &number) && fcntl(number, F_GETFD) >= 0) return number;
  return -1;
}

// The path where the chain of links ends, whether there is a file or not; or, on the way, a name of
// an open descriptor.
absl::StatusOr<std::string> FollowLinks(const std::string& path) {
  std::string target = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    if (DescriptorNamed(target) >= 0) return target;
    const fs::path link = fs::read_symlink(target, error);
    if (error) return target;
    target = link.is_absolute() ? link.string() : (fs::path(target).parent_path() / link).string();
  }
  return SystemError(ELOOP, "write", path);
}

mode_t ModeOfNewFiles() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

absl::Status CheckMayWrite(const std::string& path, const FileTarget& target) {
  if (access(target.path.c_str(), W_OK) != 0) return SystemError(errno, "write", path);
  if (target.kind == FileTarget::Kind::kWrittenTo || (target.mode & kAnyoneWrites) != 0) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      absl::StrCat("cannot write ", path, ": it is write-protected"));
}

}  // namespace

absl::Status SystemError(int error, absl::string_view action, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", action, " ", path));
}

absl::StatusOr<FileTarget> FindFileTarget(const std::string& path) {
  FileTarget target;
  NBITS_ASSIGN_OR_RETURN(target.path, FollowLinks(path));
  target.descriptor = DescriptorNamed(target.path);
  if (target.descriptor >= 0) {
    target.kind = FileTarget::Kind::kDescriptor;
    return target;
  }
  struct stat info;
  if (stat(target.path.c_str(), &info) != 0) {
    target.mode = ModeOfNewFiles();
    return target;
  }
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": it is a folder"));
  }
  target.mode = info.st_mode & 0777;
  target.owner = {info.st_uid, info.st_gid};
  if (!S_ISREG(info.st_mode)) target.kind = FileTarget::Kind::kWrittenTo;
  NBITS_RETURN_IF_ERROR(CheckMayWrite(path, target));
  return target;
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  // A file of that name is none of the system's errors everywhere.
  if (!error && !fs::is_directory(path, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  return error ? SystemError(error.value(), "make the folder", path) : absl::OkStatus();
}

absl::Status MakeFolderFor(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? absl::OkStatus() : MakeFolder(folder);
}

}  // namespace nbits
