// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/files/file_target.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kChunk = 1 << 16;
constexpr size_t kLongestStream = size_t{256} << 20;  // /dev/zero never ends.
constexpr std::chrono::seconds kPatience{2};          // For somebody to write into a FIFO.
constexpr int kPollMilliseconds = 20;

struct Closing {
  ~Closing() { close(descriptor); }
  int descriptor;
};

absl::Status Nobody(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot read ", path, ": it is a FIFO, and nobody writes into it"));
}

// Opened without waiting, a FIFO that nobody has open for writing is at its end already; one that
// somebody has, but has not written to yet, would block. Both get their time.
absl::Status AwaitWriter(int descriptor, const std::string& path, std::string& text) {
  const Clock::time_point end = Clock::now() + kPatience;
  char first = 0;
  while (true) {
    const ssize_t count = read(descriptor, &first, 1);
    if (count > 0) return text.push_back(first), absl::OkStatus();
    if (count < 0 && errno == EAGAIN) return absl::OkStatus();
    if (count < 0 && errno != EINTR) return SystemError(errno, "read", path);
    if (Clock::now() > end) return Nobody(path);
    poll(nullptr, 0, kPollMilliseconds);
  }
}

absl::Status Append(int descriptor, const std::string& path, size_t limit, std::string& text) {
  while (true) {
    const size_t before = text.size();
    if (before > limit) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot read ", path, ": it is no regular file, and longer than ", limit, " bytes"));
    }
    text.resize(before + kChunk);
    const ssize_t count = read(descriptor, text.data() + before, kChunk);
    text.resize(before + (count > 0 ? static_cast<size_t>(count) : 0));
    if (count == 0) return absl::OkStatus();
    if (count < 0 && errno != EINTR) return SystemError(errno, "read", path);
  }
}

absl::Status ReadStream(int descriptor, const struct stat& info, const std::string& path,
                        std::string& text) {
  // A process' output, as `<(command)` gives it in /dev/fd, is a FIFO with its writer already.
  if (S_ISFIFO(info.st_mode) && path.rfind("/dev/fd/", 0) != 0) {
    NBITS_RETURN_IF_ERROR(AwaitWriter(descriptor, path, text));
  }
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  return Append(descriptor, path, kLongestStream, text);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return SystemError(errno, "open", path);
  const Closing closing{descriptor};
  struct stat info;
  if (fstat(descriptor, &info) != 0) return SystemError(errno, "inspect", path);
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  }
  std::string text;
  if (S_ISREG(info.st_mode)) {
    const size_t size = static_cast<size_t>(info.st_size) + kChunk;
    NBITS_RETURN_IF_ERROR(CheckMemory(static_cast<int64_t>(size), path));
    text.reserve(size);
    NBITS_RETURN_IF_ERROR(Append(descriptor, path, SIZE_MAX, text));
  } else {
    NBITS_RETURN_IF_ERROR(ReadStream(descriptor, info, path, text));
  }
  return text;
}

}  // namespace nbits
