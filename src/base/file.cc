// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

absl::Status SystemError(int error, absl::string_view action, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", action, " ", path));
}

// mkstemp makes files of mode 0600; a new output should have what the user's umask gives.
mode_t ModeForTarget(const std::string& target) {
  struct stat info;
  if (stat(target.c_str(), &info) == 0) return info.st_mode & 0777;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// The mappings of this process, so that memory of another kind is never taken for one.
class Mappings {
 public:
  static Mappings& Get() {
    static Mappings* mappings = new Mappings;
    return *mappings;
  }

  void Add(std::span<const std::byte> bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    sizes_[bytes.data()] = bytes.size();
  }
  void Remove(const std::byte* start) {
    const std::lock_guard<std::mutex> lock(mutex_);
    sizes_.erase(start);
  }
  // The lock keeps the mapping from going away meanwhile.
  void Release(std::byte* begin, std::byte* end) {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto after = sizes_.upper_bound(begin);
    if (after == sizes_.begin()) return;
    const auto& [start, size] = *--after;
    if (end <= start + size) madvise(begin, end - begin, MADV_DONTNEED);
  }

 private:
  std::mutex mutex_;
  std::map<const std::byte*, size_t> sizes_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemError(errno, "open", path);
  struct stat info;
  if (fstat(descriptor, &info) != 0) {
    const int error = errno;
    close(descriptor);
    return SystemError(error, "inspect", path);
  }
  if (!S_ISREG(info.st_mode)) {
    close(descriptor);
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  }
  const size_t size = static_cast<size_t>(info.st_size);
  void* address = nullptr;
  if (size > 0) address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int error = errno;
  close(descriptor);
  if (address == MAP_FAILED) return SystemError(error, "map", path);
  const std::span<const std::byte> bytes(static_cast<const std::byte*>(address), size);
  if (size > 0) Mappings::Get().Add(bytes);
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes));
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  Mappings::Get().Remove(bytes_.data());
  munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::ReleasePages(std::span<const std::byte> part) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t first = (begin + page - 1) / page * page,
                  last = (begin + part.size()) / page * page;
  if (first >= last) return;
  Mappings::Get().Release(reinterpret_cast<std::byte*>(first), reinterpret_cast<std::byte*>(last));
}

AtomicFileWriter::AtomicFileWriter(std::string target, std::string temporary, int descriptor)
    : target_(std::move(target)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

AtomicFileWriter::AtomicFileWriter(AtomicFileWriter&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFileWriter::~AtomicFileWriter() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::StatusOr<AtomicFileWriter> AtomicFileWriter::Create(const std::string& target) {
  struct stat info;
  if (stat(target.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat("cannot write ", target, ": it is a folder"));
    }
    // Renaming would replace a write-protected file without a word; the user protected it.
    if (access(target.c_str(), W_OK) != 0) return SystemError(errno, "write", target);
  }
  std::string temporary = target + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError(errno, "write", target);
  fchmod(descriptor, ModeForTarget(target));
  return AtomicFileWriter(target, std::move(temporary), descriptor);
}

absl::Status AtomicFileWriter::Reserve([[maybe_unused]] int64_t size) {
#ifdef __linux__
  // The file does not grow: it ends where writing ends.
  if (size > 0 && fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, size) != 0 &&
      (errno == ENOSPC || errno == EDQUOT)) {
    return SystemError(errno, "write", target_);
  }
#endif
  return absl::OkStatus();
}

absl::Status AtomicFileWriter::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(errno, "write", target_);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status AtomicFileWriter::Write(absl::string_view text) {
  return Write(std::as_bytes(std::span(text.data(), text.size())));
}

absl::Status AtomicFileWriter::Commit() {
  if (close(std::exchange(descriptor_, -1)) != 0) return SystemError(errno, "write", target_);
  if (rename(temporary_.c_str(), target_.c_str()) != 0) {
    return SystemError(errno, "replace", target_);
  }
  temporary_.clear();
  return absl::OkStatus();
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents) {
  auto writer = AtomicFileWriter::Create(path);
  if (!writer.ok()) return writer.status();
  if (auto status = writer->Write(contents); !status.ok()) return status;
  return writer->Commit();
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  auto file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  const auto bytes = (*file)->bytes();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace nbits
