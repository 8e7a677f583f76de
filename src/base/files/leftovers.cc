// SPDX-License-Identifier: Apache-2.0
#include "base/files/leftovers.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <random>
#include <set>
#include <span>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/hash.h"
#include "base/system.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

constexpr char kOurs[] = "nbits-";
constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr size_t kMoment = 6;         // So many letters.
constexpr size_t kLongestName = 255;  // NAME_MAX of the usual file systems.

// Numbers of processes are those of one machine and, in containers, of one space of numbers: a
// folder may be seen from several.
const std::string& Here() {
  static const std::string here = [] {
    char place[512] = {};
    gethostname(place, 255);
    const size_t end = absl::string_view(place).size();
    [[maybe_unused]] const ssize_t space = readlink("/proc/self/ns/pid", place + end, 255);
    const absl::string_view text(place);
    const uint64_t hash = Hash(std::as_bytes(std::span(text.data(), text.size())));
    return absl::StrFormat("%08x", static_cast<uint32_t>(hash));
  }();
  return here;
}

bool IsGone(pid_t process) { return kill(process, 0) != 0 && errno == ESRCH; }

// Whether `name` is TemporaryName's, or that with a tilde behind, as folders are called while they
// are removed, and its process ran here and is gone.
bool IsLeftover(absl::string_view name) {
  absl::ConsumeSuffix(&name, "~");
  const size_t begin = name.rfind(kOurs);
  if (begin == absl::string_view::npos || (begin > 0 && name[begin - 1] != '.')) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(name.substr(begin), '-');
  int process = 0;
  if (parts.size() != 4 || parts[2] != Here() || parts[3].size() != kMoment) return false;
  if (parts[3].find_first_not_of(kLetters) != absl::string_view::npos) return false;
  return absl::SimpleAtoi(parts[1], &process) && process > 0 && absl::StrCat(process) == parts[1] &&
         IsGone(process);
}

void RemoveIfOurs(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0 || info.st_uid != geteuid()) return;
  if (S_ISDIR(info.st_mode)) {
    RemoveFolderTree(path.c_str());
  } else if (S_ISREG(info.st_mode)) {
    unlink(path.c_str());
  }
}

bool IsFirstCall(const std::string& folder) {
  static std::mutex mutex;
  static std::set<std::string> seen;
  const std::lock_guard lock(mutex);
  return seen.insert(folder).second;
}

}  // namespace

std::string TemporaryName(const std::string& stem) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string rest = absl::StrCat(kOurs, getpid(), "-", Here(), "-");
  for (size_t i = 0; i < kMoment; ++i) rest += kLetters[random() % (sizeof kLetters - 1)];
  const size_t name = stem.rfind('/') + 1;  // 0: there is no folder.
  const size_t most = kLongestName - rest.size();
  if (stem.size() - name <= most) return stem + rest;
  return absl::StrCat(stem.substr(0, name + most - 1), ".", rest);
}

void RemoveLeftovers(const std::string& folder) {
  if (!IsFirstCall(folder)) return;
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (IsLeftover(entry->path().filename().string())) found.push_back(entry->path().string());
  }
  for (const std::string& path : found) RemoveIfOurs(path);
}

}  // namespace nbits
