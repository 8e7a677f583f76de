// SPDX-License-Identifier: Apache-2.0
#include "base/threads/thread_team.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/system.h"
#include "base/threads/patience.h"
#include "base/threads/processors.h"

namespace nbits {
namespace {

enum State : int {
  kIdle,     // Nothing to do; the helper looks out.
  kAsleep,   // Nothing to do; the helper is to be woken.
  kOffered,  // A body is there to be called.
  kRunning,  // The helper is in it.
  kAwaited,  // And the caller sleeps until it has returned.
  kEnding,   // The helper is to end.
};

}  // namespace

// One thread and what it and the caller tell each other. Two cache lines, because processors fetch
// them in pairs.
class alignas(128) ThreadTeam::Helper {
 public:
  // Throws std::system_error when there are no more threads.
  explicit Helper(int index) : index_(index), thread_([this] { Live(); }) {}
  ~Helper() {
    Pass(kEnding, kAsleep);
    thread_.join();
  }

  void Offer(const std::function<void(int)>& body) {
    body_ = &body;
    callers_processor_ = CurrentProcessor();
    Pass(kOffered, kAsleep);
  }

  // Withdraws the offer, or waits until the body has returned. What it threw, or null.
  std::exception_ptr Close(Patience& patience) {
    int state = kOffered;
    if (state_.compare_exchange_strong(state, kIdle)) return nullptr;
    if (!patience.Wait([this] { return state_.load() == kIdle; })) Sleep(kRunning, kAwaited);
    return std::exchange(thrown_, nullptr);
  }

 private:
  // To the next state; wakes the other side where it says that it sleeps.
  void Pass(State next, State sleeping) {
    if (state_.exchange(next) != sleeping) return;
    // Whoever is about to sleep has looked at the state under this lock.
    { const std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_one();
  }

  // Until the other side leaves `now`; `sleeping` tells it to wake us. Not std::atomic's wait(),
  // which yields before it sleeps: each yield costs a place in the queue for the processor.
  void Sleep(int now, State sleeping) {
    if (!state_.compare_exchange_strong(now, sleeping)) return;
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait(lock, [&] { return state_.load() != sleeping; });
  }

  void Live() {
    AskForShortTurns();  // Beside busy programs whoever waits for a helper waits for its turn.
    Patience patience;
    for (;;) {
      if (!patience.Wait([this] { return state_.load() != kIdle; })) Sleep(kIdle, kAsleep);
      if (state_.load() == kOffered) MoveAside();
      int state = kOffered;
      if (state_.compare_exchange_strong(state, kRunning)) {
        Call();
      } else if (state == kEnding) {
        return;
      }
    }
  }

  // On its caller's processor a helper runs only while the caller does not, and what it has begun
  // then keeps the caller waiting. On a busy machine the system leaves the two together for long.
  void MoveAside() {
    const int processor = CurrentProcessor();
    if (processor >= 0 && processor == callers_processor_) LeaveProcessor(processor);
  }

  void Call() {
    try {
      (*body_)(index_);
    } catch (...) {
      thrown_ = std::current_exception();
    }
    Pass(kIdle, kAwaited);
  }

  const int index_;
  std::atomic<int> state_ = kIdle;
  const std::function<void(int)>* body_ = nullptr;  // Of the caller, before kOffered.
  std::atomic<int> callers_processor_ = -1;
  std::exception_ptr thrown_;  // Of the helper, before kIdle.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;  // Last: it uses all of the above.
};

ThreadTeam::ThreadTeam() = default;
ThreadTeam::~ThreadTeam() = default;

void ThreadTeam::Grow(int count) {
  try {
    while (static_cast<int>(helpers_.size()) < count) {
      const int index = static_cast<int>(helpers_.size()) + 1;
      helpers_.push_back(std::make_unique<Helper>(index));
    }
  } catch (const std::system_error&) {
    // The system has no more threads: those that are there do the work.
  }
}

void ThreadTeam::Run(int threads, const std::function<void(int)>& body) {
  Grow(threads - 1);
  const int helpers = std::min(threads - 1, static_cast<int>(helpers_.size()));
  for (int i = 0; i < helpers; ++i) helpers_[i]->Offer(body);
  std::exception_ptr thrown;
  try {
    body(0);
  } catch (...) {
    thrown = std::current_exception();
  }
  for (int i = 0; i < helpers; ++i) {
    if (std::exception_ptr theirs = helpers_[i]->Close(patience_)) thrown = theirs;
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace nbits
