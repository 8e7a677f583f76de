// SPDX-License-Identifier: Apache-2.0
// Files: read-only mappings and atomic replacement.
#ifndef NBITS_BASE_FILES_FILE_H_
#define NBITS_BASE_FILES_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/files/file_target.h"
#include "base/files/temporaries.h"

namespace nbits {

// A whole file, readable as memory for as long as the object lives.
class MappedFile {
 public:
  // NotFound, PermissionDenied or Internal with path and the system's reason. Directories and
  // other non-regular files are InvalidArgument. An empty file has an empty span.
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

  // Lets go of the pages that lie within `part`, which may be any memory: what no MappedFile holds
  // stays as it is. They count to the process no longer, and are read again when next used (from
  // the system's cache, as long as that has them).
  static void ReleasePages(std::span<const std::byte> part);

  // The file whose mapping holds this address, or null: for the handler of the signal with which
  // the system ends a process that reads a mapping whose file has been cut short meanwhile. No
  // mapping can be made or go after this.
  static const char* PathAt(const void* address);

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

// Writes a temporary file in the target's folder; Commit renames it over the target. Without a
// successful Commit the temporary is removed and the target is what it was before. Links are
// followed: the link stays, what it leads to is replaced. What is no regular file (a device, a
// FIFO, /dev/stdout) is never replaced: Commit writes all the bytes to it; so it does to a file
// whose folder takes no other.
class AtomicFileWriter {
 public:
  // InvalidArgument for a folder, PermissionDenied for a write-protected file, NotFound when the
  // folder is not there.
  static absl::StatusOr<AtomicFileWriter> Create(const std::string& target);
  AtomicFileWriter(AtomicFileWriter&& other) noexcept;
  AtomicFileWriter& operator=(AtomicFileWriter&&) = delete;
  ~AtomicFileWriter();

  // Reserves the room of a file of `size` bytes, which makes writing it quicker and a full disk
  // show at once: ResourceExhausted. Where the file system cannot reserve, nothing happens.
  absl::Status Reserve(int64_t size);
  // Appends. ResourceExhausted when the disk is full.
  absl::Status Write(std::span<const std::byte> bytes);
  absl::Status Write(absl::string_view text);
  absl::Status Commit();
  // Where the bytes stand until Commit.
  const std::string& temporary() const { return temporary_; }

 private:
  AtomicFileWriter(std::string name, FileTarget target);
  absl::Status Open();
  int OpenTemporary(const std::string& stem);
  absl::Status WriteInPlace();

  std::string name_;  // As the caller calls it.
  FileTarget target_;
  std::string temporary_;
  TemporaryNote note_;
  int descriptor_ = -1;
};

// Makes the folder that `path` needs and says whether it can be written: before the work, of which
// it is to be the result.
absl::Status CheckWritable(const std::string& path);

// Whole small files (JSON, CSV, ...): the same guarantees.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents);
// Also of what is no regular file: the output of another program, up to 256 MB. Unavailable for a
// FIFO that nobody writes into within two seconds.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace nbits

#endif  // NBITS_BASE_FILES_FILE_H_
