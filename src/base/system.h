// SPDX-License-Identifier: Apache-2.0
// What the operating system is asked for beyond POSIX: one implementation for Linux, one for macOS.
#ifndef NBITS_BASE_SYSTEM_H_
#define NBITS_BASE_SYSTEM_H_

#include <sys/types.h>

#include <cstdint>
#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace nbits {

// Largest resident size of this process so far, in bytes (touched pages of mapped files count); 0
// where the system does not tell. On Linux its VmHWM: not getrusage's figure, which survives exec
// and so includes the parent's memory at the time of the fork.
int64_t PeakMemoryBytes();

int64_t MachineMemoryBytes();  // 0: unknown.
// What new processes can take without swapping, or, less, what the control groups of this one let
// it take; 0: unknown.
int64_t AvailableMemoryBytes();
int64_t OwnMemoryBytes();     // Resident now, mapped files aside; 0: unknown.
int64_t AddressSpaceBytes();  // Of this process now; 0: unknown.
std::string ProcessorName();  // "unknown" when the system does not say.

// The processor's name in the text of Linux' /proc/cpuinfo; on Arm, which has numbers there, these.
// Empty when there is neither.
std::string ProcessorNameIn(std::istream& cpuinfo);

// The file of the running program. Internal when the system does not tell.
absl::StatusOr<std::string> ProgramPath();
// The arguments of this process, its name first; empty when the system does not tell.
std::vector<std::string> ProcessArguments();

// Asks that the calling thread, and those that it starts, be given short turns of its processors:
// beside other programs it then waits less long for each, for the same share of time. Linux 6.12 or
// newer (sched(7)); elsewhere nothing changes.
void AskForShortTurns();

// Two connected sockets, which programs started later do not inherit.
absl::StatusOr<std::pair<int, int>> ConnectedSockets();
// write(), but without a signal when the other end of such a socket is closed.
ssize_t WriteWithoutSignal(int descriptor, const void* data, size_t size);

// Puts each of two files, or folders, in the other's place. False: errno says why, and both are
// where they were; there are file systems that cannot.
bool ExchangeAtOnce(const std::string& a, const std::string& b);
// The same, at once where the file system can, in steps elsewhere.
bool ExchangeFiles(const std::string& a, const std::string& b);

// Removes a folder and what it holds, a few folders deep. May be called in a handler of signals.
void RemoveFolderTree(const char* path);

}  // namespace nbits

#endif  // NBITS_BASE_SYSTEM_H_
