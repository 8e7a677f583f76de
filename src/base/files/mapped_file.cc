// SPDX-License-Identifier: Apache-2.0
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
#include "base/files/file.h"
#include "base/files/file_target.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

// The mappings of this process, so that memory of another kind is never taken for one.
class Mappings {
 public:
  static Mappings& Get() {
    static Mappings* mappings = new Mappings;
    return *mappings;
  }

  void Add(std::span<const std::byte> bytes, const std::string& path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    mappings_[bytes.data()] = {bytes.size(), path};
  }
  void Remove(const std::byte* start) {
    const std::lock_guard<std::mutex> lock(mutex_);
    mappings_.erase(start);
  }
  // The lock keeps the mapping from going away meanwhile.
  void Release(std::byte* begin, std::byte* end) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (Around(begin, end) != nullptr) madvise(begin, end - begin, MADV_DONTNEED);
  }
  // Asked where a mapping could not be read, by a thread that then ends the process. The lock stays
  // taken; whoever holds it reads no mapping, and so gives it back.
  const char* PathAt(const std::byte* address) {
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries && !mutex_.try_lock(); ++i) usleep(1000);
    const Mapping* mapping = Around(address, address + 1);
    return mapping == nullptr ? nullptr : mapping->path.c_str();
  }

 private:
  struct Mapping {
    size_t size = 0;
    std::string path;
  };

  // The mapping in which all of these bytes lie.
  const Mapping* Around(const std::byte* begin, const std::byte* end) const {
    auto after = mappings_.upper_bound(begin);
    if (after == mappings_.begin()) return nullptr;
    const auto& [start, mapping] = *--after;
    return end <= start + mapping.size ? &mapping : nullptr;
  }

  std::mutex mutex_;
  std::map<const std::byte*, Mapping> mappings_;
};

// Without waiting for the writer of a FIFO, which no model is read from.
absl::StatusOr<int> OpenRegularFile(const std::string& path, struct stat& info) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return SystemError(errno, "open", path);
  const int error = fstat(descriptor, &info) != 0 ? errno : 0;
  if (error == 0 && S_ISREG(info.st_mode)) return descriptor;
  close(descriptor);
  if (error != 0) return SystemError(error, "inspect", path);
  return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  struct stat info;
  NBITS_ASSIGN_OR_RETURN(const int descriptor, OpenRegularFile(path, info));
  const size_t size = static_cast<size_t>(info.st_size);
  void* address = nullptr;
  if (size > 0) address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int error = errno;
  close(descriptor);
  if (address == MAP_FAILED) return SystemError(error, "map", path);
  const std::span<const std::byte> bytes(static_cast<const std::byte*>(address), size);
  if (size > 0) Mappings::Get().Add(bytes, path);
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes));
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  Mappings::Get().Remove(bytes_.data());
  munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

const char* MappedFile::PathAt(const void* address) {
  return Mappings::Get().PathAt(static_cast<const std::byte*>(address));
}

void MappedFile::ReleasePages(std::span<const std::byte> part) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t first = (begin + page - 1) / page * page,
                  last = (begin + part.size()) / page * page;
  if (first >= last) return;
  Mappings::Get().Release(reinterpret_cast<std::byte*>(first), reinterpret_cast<std::byte*>(last));
}

}  // namespace nbits
