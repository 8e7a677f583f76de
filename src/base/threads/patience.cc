// SPDX-License-Identifier: Apache-2.0
#include "base/threads/patience.h"

#include <sys/resource.h>

namespace nbits {
namespace {

// Several turns of a busy machine's processors, which change hands every 1 to 6 ms.
constexpr std::chrono::milliseconds kCalmAfter(20);

// How often the system has taken the processor away from this thread; always another number where
// it does not say so.
int64_t InvoluntarySwitches() {
#ifdef RUSAGE_THREAD
  rusage usage;
  if (getrusage(RUSAGE_THREAD, &usage) == 0) return usage.ru_nivcsw;
#endif
  static thread_local int64_t unknown = 0;
  return ++unknown;
}

}  // namespace

bool Patience::IsCalm() {
  const auto now = std::chrono::steady_clock::now();
  const int64_t switches = InvoluntarySwitches();
  if (switches != switches_) calm_from_ = now + kCalmAfter;
  switches_ = switches;
  return now >= calm_from_;
}

}  // namespace nbits
