// SPDX-License-Identifier: Apache-2.0
#include "base/files/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/status_macros.h"

namespace nbits {
namespace {

using Kind = FileTarget::Kind;

// Whether `error`, from making a file beside the target, leaves writing into the target itself.
bool IsFolderClosed(int error) { return error == EACCES || error == EROFS || error == EPERM; }

absl::Status WriteTo(int descriptor, std::span<const std::byte> bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(errno, "write", name);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status Copy(int from, int to, const std::string& name) {
  std::array<std::byte, 1 << 16> buffer;
  if (lseek(from, 0, SEEK_SET) != 0) return SystemError(errno, "write", name);
  while (true) {
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count == 0) return absl::OkStatus();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(errno, "write", name);
    NBITS_RETURN_IF_ERROR(WriteTo(to, std::span(buffer).first(static_cast<size_t>(count)), name));
  }
}

// The old file's owner stays where this user may say so, as root may.
void SetModeAndOwner(int descriptor, const FileTarget& target) {
  if (target.owner) {
    [[maybe_unused]] const int ignored =
        fchown(descriptor, target.owner->first, target.owner->second);
  }
  fchmod(descriptor, target.mode);
}

int OpenToWrite(const FileTarget& target) {
  if (target.kind == Kind::kDescriptor) return fcntl(target.descriptor, F_DUPFD_CLOEXEC, 0);
  return open(target.path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
}

}  // namespace

AtomicFileWriter::AtomicFileWriter(std::string name, FileTarget target)
    : name_(std::move(name)), target_(std::move(target)) {}

AtomicFileWriter::AtomicFileWriter(AtomicFileWriter&& other) noexcept
    : name_(std::move(other.name_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      note_(std::move(other.note_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFileWriter::~AtomicFileWriter() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::StatusOr<AtomicFileWriter> AtomicFileWriter::Create(const std::string& target) {
  NBITS_ASSIGN_OR_RETURN(FileTarget found, FindFileTarget(target));
  AtomicFileWriter writer(target, std::move(found));
  NBITS_RETURN_IF_ERROR(writer.Open());
  return writer;
}

absl::Status AtomicFileWriter::Open() {
  int error = 0;
  if (target_.kind == Kind::kReplaced) {
    error = OpenTemporary(target_.path + ".");
    // A file of the user's in a folder of another's, or a file that is mounted for itself.
    if (!target_.owner || !IsFolderClosed(error)) {
      return error == 0 ? absl::OkStatus() : SystemError(error, "write", name_);
    }
    target_.kind = Kind::kWrittenTo;
  }
  NBITS_ASSIGN_OR_RETURN(const std::string folder, FolderForTemporaries());
  error = OpenTemporary(folder + "/");
  return error == 0 ? absl::OkStatus() : SystemError(error, "write a file in", folder);
}

// Makes a file of the name `stem` with some letters behind; the system's reason when it cannot.
int AtomicFileWriter::OpenTemporary(const std::string& stem) {
  const std::string folder = std::filesystem::path(stem).parent_path().string();
  RemoveLeftovers(folder.empty() ? "." : folder);
  while (true) {
    const std::string path = TemporaryName(stem);
    note_ = TemporaryNote(path);
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor_ < 0 && errno == EEXIST) continue;
    if (descriptor_ < 0) return errno;
    temporary_ = path;
    if (target_.kind == Kind::kReplaced) SetModeAndOwner(descriptor_, target_);
    return 0;
  }
}

absl::Status AtomicFileWriter::Reserve([[maybe_unused]] int64_t size) {
#ifdef __linux__
  // The file does not grow: it ends where writing ends.
  if (size > 0 && fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, size) != 0 &&
      (errno == ENOSPC || errno == EDQUOT)) {
    return SystemError(errno, "write", name_);
  }
#endif
  return absl::OkStatus();
}

absl::Status AtomicFileWriter::Write(std::span<const std::byte> bytes) {
  return WriteTo(descriptor_, bytes, name_);
}

absl::Status AtomicFileWriter::Write(absl::string_view text) {
  return Write(std::as_bytes(std::span(text.data(), text.size())));
}

absl::Status AtomicFileWriter::WriteInPlace() {
  const int descriptor = OpenToWrite(target_);
  if (descriptor < 0) return SystemError(errno, "write", name_);
  const absl::Status status = Copy(descriptor_, descriptor, name_);
  if (close(descriptor) != 0 && status.ok()) return SystemError(errno, "write", name_);
  return status;
}

absl::Status AtomicFileWriter::Commit() {
  if (target_.kind != Kind::kReplaced) return WriteInPlace();
  if (close(std::exchange(descriptor_, -1)) != 0) return SystemError(errno, "write", name_);
  if (rename(temporary_.c_str(), target_.path.c_str()) == 0) {
    temporary_.clear();
    note_ = {};
    return absl::OkStatus();
  }
  // What is mounted can be written to, but not replaced.
  if (errno != EBUSY) return SystemError(errno, "replace", name_);
  descriptor_ = open(temporary_.c_str(), O_RDONLY | O_CLOEXEC);
  return WriteInPlace();
}

absl::Status CheckWritable(const std::string& path) {
  NBITS_RETURN_IF_ERROR(MakeFolderFor(path));
  return AtomicFileWriter::Create(path).status();
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents) {
  auto writer = AtomicFileWriter::Create(path);
  if (!writer.ok()) return writer.status();
  if (auto status = writer->Write(contents); !status.ok()) return status;
  return writer->Commit();
}

}  // namespace nbits
