// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.h"

#include <omp.h>

#include <algorithm>
#include <atomic>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace nbits {
namespace {

// Tells the thread sanitizer what it cannot see, because OpenMP's library is not built with it:
// what one thread did before Give has happened before what another does after Take.
class Handover {
 public:
#ifdef __SANITIZE_THREAD__
  void Give() { __tsan_release(this); }
  void Take() { __tsan_acquire(this); }
#else
  void Give() {}
  void Take() {}
#endif
};

}  // namespace

int DefaultThreads() { return std::max(1, omp_get_num_procs()); }

// Not looked at by the thread sanitizer: how a team's threads get their variables is OpenMP's.
#ifdef __SANITIZE_THREAD__
__attribute__((no_sanitize("thread")))
#endif
void OnTeam(int threads, const std::function<void(int)>& body) {
  if (threads <= 1) return body(0);
  Handover start, end;
  start.Give();
#pragma omp parallel num_threads(threads)
  {
    start.Take();
    body(omp_get_thread_num());
    end.Give();
  }
  end.Take();
}

void ParallelFor(int64_t count, const std::function<void(int64_t)>& body, int threads) {
  if (threads <= 0) threads = DefaultThreads();
  std::atomic<int64_t> next = 0;
  OnTeam(static_cast<int>(std::min<int64_t>(threads, count)), [&](int) {
    for (int64_t i = next++; i < count; i = next++) body(i);
  });
}

}  // namespace nbits
