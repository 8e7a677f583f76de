// SPDX-License-Identifier: Apache-2.0
#ifdef __linux__

#include <dirent.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/cgroup.h"
#include "base/system.h"

namespace nbits {
namespace {

// A line such as "MemTotal: 24576 kB"; 0 when it is not there.
int64_t KilobytesIn(const char* path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) != 0) continue;
    return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

// The first form of the kernel's sched_attr (sched_setattr(2)); C libraries have it since
// glibc 2.41 only.
struct SchedulingAttributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline,
      period;  // Nanoseconds; the runtime of an ordinary thread is its turn.
};
constexpr uint32_t kOrdinary = 0;  // SCHED_OTHER.
constexpr uint64_t kShortTurnNs =
    200'000;  // The system allows 100 microseconds to 100 ms, usual are 3 ms.

constexpr int kDeepestTree = 8;

bool IsEntry(const char* name) { return strcmp(name, ".") != 0 && strcmp(name, "..") != 0; }

// By the system's own call: readdir may take memory, which a handler of signals must not. While
// files go, a list may leave others out, which the next pass finds.
void RemoveTreeIn(int parent, const char* name, int depth) {
  constexpr int kMostPasses = 8;
  const int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  alignas(dirent64) char entries[2048];
  for (int pass = 0; pass < kMostPasses && unlinkat(parent, name, AT_REMOVEDIR) != 0; ++pass) {
    lseek(folder, 0, SEEK_SET);
    for (long size = 0; (size = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0;) {
      for (long at = 0; at < size;) {
        const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
        at += entry->d_reclen;
        if (!IsEntry(entry->d_name) || unlinkat(folder, entry->d_name, 0) == 0) continue;
        if (depth > 0) RemoveTreeIn(folder, entry->d_name, depth - 1);
      }
    }
  }
  close(folder);
}

}  // namespace

void AskForShortTurns() {
  SchedulingAttributes attributes{};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0) return;
  if (attributes.policy != kOrdinary) return;
  attributes.size = sizeof(attributes);
  attributes.runtime = kShortTurnNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);  // Best effort: without it turns are as usual.
}

int64_t PeakMemoryBytes() { return KilobytesIn("/proc/self/status", "VmHWM"); }
int64_t MachineMemoryBytes() { return KilobytesIn("/proc/meminfo", "MemTotal"); }
int64_t OwnMemoryBytes() { return KilobytesIn("/proc/self/status", "RssAnon"); }
int64_t AddressSpaceBytes() { return KilobytesIn("/proc/self/status", "VmSize"); }

int64_t AvailableMemoryBytes() {
  const int64_t available = KilobytesIn("/proc/meminfo", "MemAvailable");
  std::ifstream file("/proc/self/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto left = MemoryLeftInGroups(groups, "/sys/fs/cgroup");
  if (!left) return available;
  // 0 would say that it is not known.
  return std::max<int64_t>(1, available > 0 ? std::min(available, *left) : *left);
}

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  const std::string name = ProcessorNameIn(file);
  return name.empty() ? "unknown" : name;
}

absl::StatusOr<std::string> ProgramPath() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) return path.string();
  // Without /proc: the name under which the program was started.
  const auto* name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (name == nullptr) return absl::InternalError("the system does not tell this program's file");
  return std::filesystem::absolute(name, error).string();
}

std::vector<std::string> ProcessArguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty()) return {};
  text.pop_back();  // Each argument ends with a zero byte.
  return absl::StrSplit(text, '\0');
}

absl::StatusOr<std::pair<int, int>> ConnectedSockets() {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return absl::InternalError(absl::StrCat("socketpair: ", std::strerror(errno)));
  }
  return std::pair(sockets[0], sockets[1]);
}

ssize_t WriteWithoutSignal(int descriptor, const void* data, size_t size) {
  const ssize_t sent = send(descriptor, data, size, MSG_NOSIGNAL);
  return sent < 0 && errno == ENOTSOCK ? write(descriptor, data, size) : sent;
}

bool ExchangeAtOnce(const std::string& a, const std::string& b) {
  return renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

void RemoveFolderTree(const char* path) { RemoveTreeIn(AT_FDCWD, path, kDeepestTree); }

}  // namespace nbits

#endif  // __linux__
