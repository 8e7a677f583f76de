// SPDX-License-Identifier: Apache-2.0
// The threads that help one caller with its loops.
#ifndef NBITS_BASE_THREADS_THREAD_TEAM_H_
#define NBITS_BASE_THREADS_THREAD_TEAM_H_

#include <functional>
#include <memory>
#include <vector>

#include "base/threads/patience.h"

namespace nbits {

// A caller and its helpers. The caller never waits for a helper that has not begun: beside busy
// programs a helper may get no processor for milliseconds, in which the caller does the work alone.
// Who waits long sleeps (patience.h).
// Used by one thread at a time.
class ThreadTeam {
 public:
  ThreadTeam();
  ~ThreadTeam();  // The helpers end.
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  // Calls body(0) on this thread and body(t), 0 < t < threads, at most once each on the helper t,
  // if it comes before body(0) has returned. Returns when all calls that were begun have returned.
  // What a call throws is thrown here then; of several, one.
  void Run(int threads, const std::function<void(int)>& body);

 private:
  class Helper;

  // As many as the system gives, up to `count`.
  void Grow(int count);

  std::vector<std::unique_ptr<Helper>> helpers_;
  Patience patience_;  // Of the caller.
};

}  // namespace nbits

#endif  // NBITS_BASE_THREADS_THREAD_TEAM_H_
