// SPDX-License-Identifier: Apache-2.0
#include "base/threads/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/threads/processors.h"
#include "base/threads/thread_team.h"

namespace nbits {
namespace {

constexpr int kMostThreads = 1024;  // What a larger number asks for is no machine of today.

// How many times this process is the child of a fork. Threads do not follow into a child.
std::atomic<int> forks = 0;

// The team of one thread. A child of its process has no helpers: what is left of them is given up
// there, and new ones begin.
class OwnTeam {
 public:
  ~OwnTeam() { LeaveToParent(); }

  ThreadTeam& Get() {
    LeaveToParent();
    if (team_ == nullptr) team_ = std::make_unique<ThreadTeam>();
    forks_ = forks;
    return *team_;
  }

 private:
  void LeaveToParent() {
    if (forks_ != forks) (void)team_.release();
  }

  std::unique_ptr<ThreadTeam> team_;
  int forks_ = 0;
};

thread_local bool in_team = false;  // Whether this thread is in a body.

class InTeam {
 public:
  InTeam() { in_team = true; }
  ~InTeam() { in_team = false; }
  InTeam(const InTeam&) = delete;
  InTeam& operator=(const InTeam&) = delete;
};

ThreadTeam& TeamOfThisThread() {
  static const int watched = pthread_atfork(nullptr, nullptr, [] { ++forks; });
  (void)watched;
  thread_local OwnTeam team;
  return team.Get();
}

}  // namespace

int DefaultThreads() {
  static const int processors = UsableProcessors();
  return processors;
}

void OnTeam(int threads, const std::function<void(int)>& body) {
  if (threads <= 1 || in_team) return body(0);
  TeamOfThisThread().Run(std::min(threads, kMostThreads), [&](int thread) {
    const InTeam scope;
    body(thread);
  });
}

void ParallelFor(int64_t count, const std::function<void(int64_t)>& body, int threads) {
  if (threads <= 0) threads = DefaultThreads();
  std::atomic<int64_t> next = 0;
  OnTeam(static_cast<int>(std::min<int64_t>(threads, count)), [&](int) {
    for (int64_t i = next++; i < count; i = next++) body(i);
  });
}

}  // namespace nbits
