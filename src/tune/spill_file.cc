// SPDX-License-Identifier: Apache-2.0
#include "tune/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>

#include "base/files/file_target.h"
#include "base/files/temporaries.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

constexpr char kSpillName[] = "the file for intermediate values";

int64_t BytesOf(int64_t count) { return count * static_cast<int64_t>(sizeof(float)); }

absl::Status SpillError(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(
        "no room for intermediate values in the folder for temporary files (TMPDIR)");
  }
  return SystemError(error, "use", kSpillName);
}

}  // namespace

SpillFile::~SpillFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

// The name is there for a moment only: a signal in between is what the note is for.
absl::Status SpillFile::Open() {
  if (descriptor_ >= 0) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const std::string folder, FolderForTemporaries());
  while (descriptor_ < 0) {
    const std::string path = TemporaryName((std::filesystem::path(folder) / "nbits-").string());
    const TemporaryNote note(path);
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor_ >= 0) {
      unlink(path.c_str());
    } else if (errno != EEXIST) {
      return SystemError(errno, "make a file in", folder);
    }
  }
  return absl::OkStatus();
}

// The first gap that is large enough, or the end.
int64_t SpillFile::Reserve(int64_t bytes) {
  for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
    const auto [place, room] = *gap;
    if (room < bytes) continue;
    gaps_.erase(gap);
    if (room > bytes) gaps_[place + bytes] = room - bytes;
    return place;
  }
  end_ += bytes;
  return end_ - bytes;
}

absl::StatusOr<int64_t> SpillFile::Write(std::span<const float> values) {
  const auto count = static_cast<int64_t>(values.size());
  int64_t place = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    NBITS_RETURN_IF_ERROR(Open());
    place = Reserve(BytesOf(count));
  }
  const auto bytes = std::as_bytes(values);
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                                   place + static_cast<int64_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const absl::Status status = SpillError(written < 0 ? errno : ENOSPC);
      Free(place, count);
      return status;
    }
    done += static_cast<size_t>(written);
  }
  return place;
}

absl::Status SpillFile::Read(int64_t place, std::span<float> values) const {
  const auto bytes = std::as_writable_bytes(values);
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t read = pread(descriptor_, bytes.data() + done, bytes.size() - done,
                               place + static_cast<int64_t>(done));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return SpillError(errno);
    if (read == 0) return absl::DataLossError("intermediate values were cut short");
    done += static_cast<size_t>(read);
  }
  return absl::OkStatus();
}

void SpillFile::Free(int64_t place, int64_t count) {
  if (count == 0) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  auto gap = gaps_.emplace(place, BytesOf(count)).first;
  const auto next = std::next(gap);
  if (next != gaps_.end() && gap->first + gap->second == next->first) {
    gap->second += next->second;
    gaps_.erase(next);
  }
  if (gap != gaps_.begin()) {
    const auto before = std::prev(gap);
    if (before->first + before->second == gap->first) {
      before->second += gap->second;
      gaps_.erase(gap);
      gap = before;
    }
  }
  if (gap->first + gap->second != end_) return;
  end_ = gap->first;
  gaps_.erase(gap);
}

int64_t SpillFile::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return end_;
}

}  // namespace nbits
