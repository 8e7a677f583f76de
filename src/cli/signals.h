// SPDX-License-Identifier: Apache-2.0
// What the program does when the system or its user ends it.
#ifndef NBITS_CLI_SIGNALS_H_
#define NBITS_CLI_SIGNALS_H_

#include <atomic>

namespace nbits::cli {

// From now on a signal that ends the program first removes what it has put on the disk for a while.
// A model that another program cuts short while it is read is an error in one line, exit code 1.
void HandleSignals();

// While one lives, an interrupt (Ctrl-C, SIGTERM or SIGHUP) only sets requested(); a second one
// ends the program.
class InterruptibleWork {
 public:
  InterruptibleWork();
  ~InterruptibleWork();
  InterruptibleWork(const InterruptibleWork&) = delete;
  InterruptibleWork& operator=(const InterruptibleWork&) = delete;

  const std::atomic<bool>& requested() const;
};

// The exit code that tells which signal ended InterruptibleWork: 130 for Ctrl-C, 143 for SIGTERM;
// 0 when none did.
int InterruptExitCode();

}  // namespace nbits::cli

#endif  // NBITS_CLI_SIGNALS_H_
