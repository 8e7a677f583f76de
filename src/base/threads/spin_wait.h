// SPDX-License-Identifier: Apache-2.0
// Waiting without giving the processor away.
#ifndef NBITS_BASE_THREADS_SPIN_WAIT_H_
#define NBITS_BASE_THREADS_SPIN_WAIT_H_

#include <chrono>

namespace nbits {

// Tells the processor that this thread only waits: other threads of the core get its units.
inline void RelaxProcessor() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");  // Takes about as long as x86's pause; yield does nothing on most cores.
#endif
}

// Looks until done() says true, for `limit` at the most. False when the time is over.
template <typename Done>
bool SpinWait(std::chrono::nanoseconds limit, const Done& done) {
  constexpr int kLooks = 16;  // Reading the clock takes as long as some looks.
  const auto start = std::chrono::steady_clock::now();
  do {
    for (int look = 0; look < kLooks; ++look) {
      if (done()) return true;
      RelaxProcessor();
    }
  } while (std::chrono::steady_clock::now() - start < limit);
  return done();
}

}  // namespace nbits

#endif  // NBITS_BASE_THREADS_SPIN_WAIT_H_
