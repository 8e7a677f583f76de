// SPDX-License-Identifier: Apache-2.0
#ifdef __APPLE__

#include <crt_externs.h>
#include <dirent.h>
#include <fcntl.h>
#include <mach-o/dyld.h>
#include <mach/mach.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/system.h"

namespace nbits {

void AskForShortTurns() {}

int64_t PeakMemoryBytes() {
  mach_task_basic_info info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  const kern_return_t code = task_info(mach_task_self(), MACH_TASK_BASIC_INFO,
                                       reinterpret_cast<task_info_t>(&info), &count);
  return code == KERN_SUCCESS ? static_cast<int64_t>(info.resident_size_max) : 0;
}

int64_t MachineMemoryBytes() {
  int64_t bytes = 0;
  size_t size = sizeof(bytes);
  return sysctlbyname("hw.memsize", &bytes, &size, nullptr, 0) == 0 ? bytes : 0;
}

// Pages that are free, or would be given up for the asking.
int64_t AvailableMemoryBytes() {
  vm_statistics64 pages{};
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  const kern_return_t code = host_statistics64(mach_host_self(), HOST_VM_INFO64,
                                               reinterpret_cast<host_info64_t>(&pages), &count);
  if (code != KERN_SUCCESS) return 0;
  return (int64_t{pages.free_count} + pages.inactive_count) * sysconf(_SC_PAGESIZE);
}

int64_t OwnMemoryBytes() {
  mach_task_basic_info info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  const kern_return_t code = task_info(mach_task_self(), MACH_TASK_BASIC_INFO,
                                       reinterpret_cast<task_info_t>(&info), &count);
  return code == KERN_SUCCESS ? static_cast<int64_t>(info.resident_size) : 0;
}

int64_t AddressSpaceBytes() { return 0; }

std::string ProcessorName() {
  char name[256];
  size_t size = sizeof(name);
  const bool known = sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0;
  return known ? name : "unknown";
}

absl::StatusOr<std::string> ProgramPath() {
  char path[4096];
  uint32_t size = sizeof(path);
  if (_NSGetExecutablePath(path, &size) == 0) return std::string(path);
  return absl::InternalError("the path of this program is too long");
}

std::vector<std::string> ProcessArguments() {
  return std::vector<std::string>(*_NSGetArgv(), *_NSGetArgv() + *_NSGetArgc());
}

// The signal of a closed other end is turned off here, once for all writing.
absl::StatusOr<std::pair<int, int>> ConnectedSockets() {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) {
    return absl::InternalError(absl::StrCat("socketpair: ", std::strerror(errno)));
  }
  for (const int socket : sockets) {
    const int on = 1;
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
  }
  return std::pair(sockets[0], sockets[1]);
}

ssize_t WriteWithoutSignal(int descriptor, const void* data, size_t size) {
  return write(descriptor, data, size);
}

bool ExchangeAtOnce(const std::string& a, const std::string& b) {
  return renamex_np(a.c_str(), b.c_str(), RENAME_SWAP) == 0;
}

// opendir takes memory, which a handler of signals should not: there is no other call here.
void RemoveFolderTree(const char* path) {
  DIR* folder = opendir(path);
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder)) {
    const bool is_entry = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (!is_entry || unlinkat(dirfd(folder), entry->d_name, 0) == 0) continue;
    RemoveFolderTree((std::string(path) + "/" + entry->d_name).c_str());
  }
  closedir(folder);
  rmdir(path);
}

}  // namespace nbits

#endif  // __APPLE__
