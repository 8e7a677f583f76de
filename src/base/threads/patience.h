// SPDX-License-Identifier: Apache-2.0
// How long a thread waits for another with open eyes.
#ifndef NBITS_BASE_THREADS_PATIENCE_H_
#define NBITS_BASE_THREADS_PATIENCE_H_

#include <chrono>
#include <cstdint>

#include "base/threads/spin_wait.h"

namespace nbits {

// For one thread. Looking on is the fastest way to notice something, and where other programs use
// the processors it is the worst: it takes the processor from the thread that is waited for. So it
// is done for long only while the system takes no processor away from this thread.
class Patience {
 public:
  // Looks until done() says true or patience ends; false then. For the caller's thread only.
  template <typename Done>
  bool Wait(const Done& done) {
    return SpinWait(kShort, done) || (IsCalm() && SpinWait(kLong, done));
  }

 public:
  // Longer than a cache line takes between cores, and than most of what a caller does between two
  // loops.
  static constexpr std::chrono::microseconds kShort{20};
  // Waking a thread of a sleeping processor takes up to 0.2 ms in a virtual machine; beside this, 2
  // ms of looking on after the last run are nothing.
  static constexpr std::chrono::microseconds kLong{2000};

  // Whether this thread has kept its processor for the last while.
  bool IsCalm();

  int64_t switches_ = 0;  // How often the processor was taken away.
  std::chrono::steady_clock::time_point calm_from_;
};

}  // namespace nbits

#endif  // NBITS_BASE_THREADS_PATIENCE_H_
