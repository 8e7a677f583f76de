// SPDX-License-Identifier: Apache-2.0
// Files: read-only mappings and atomic replacement.
#ifndef NBITS_BASE_FILE_H_
#define NBITS_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

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

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

// Writes a temporary file in the target's folder; Commit renames it over the target. Without a
// successful Commit the temporary is removed and the target is what it was before.
class AtomicFileWriter {
 public:
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
  AtomicFileWriter(std::string target, std::string temporary, int descriptor);
  std::string target_, temporary_;
  int descriptor_ = -1;
};

// Whole small files (JSON, CSV, ...): the same guarantees.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents);
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace nbits

#endif  // NBITS_BASE_FILE_H_
