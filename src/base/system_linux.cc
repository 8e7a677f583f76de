// SPDX-License-Identifier: Apache-2.0
#ifdef __linux__

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

// In steps, for file systems that cannot do it at once.
bool ExchangeInSteps(const std::string& a, const std::string& b) {
  const std::string aside = a + ".old";
  if (std::rename(b.c_str(), aside.c_str()) != 0) return false;
  if (std::rename(a.c_str(), b.c_str()) == 0) return std::rename(aside.c_str(), a.c_str()) == 0;
  const int error = errno;
  std::rename(aside.c_str(), b.c_str());
  errno = error;
  return false;
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
int64_t AvailableMemoryBytes() { return KilobytesIn("/proc/meminfo", "MemAvailable"); }

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

bool ExchangeFiles(const std::string& a, const std::string& b) {
  return renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0 ||
         ExchangeInSteps(a, b);
}

}  // namespace nbits

#endif  // __linux__
