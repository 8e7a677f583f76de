// SPDX-License-Identifier: Apache-2.0
// Work handed out item by item to workers, each with scratch memory of its own.
#ifndef NBITS_ENGINE_KERNELS_COMMON_WORKERS_H_
#define NBITS_ENGINE_KERNELS_COMMON_WORKERS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "base/threads/parallel.h"

namespace nbits {

// Items [0, count) in as many parts as there are workers. A worker takes the items of its own part
// in their order, then what is left of the others'.
class WorkerItems {
 public:
  WorkerItems(int64_t count, int workers) : parts_(workers) {
    for (int w = 0; w < workers; ++w) {
      parts_[w].next = count * w / workers;
      parts_[w].end = count * (w + 1) / workers;
    }
  }

  template <typename Body>
  void Run(int worker, const Body& body) {
    for (size_t i = 0; i < parts_.size(); ++i) {
      Part& part = parts_[(worker + i) % parts_.size()];
      for (int64_t item = part.next++; item < part.end; item = part.next++) body(item, worker);
    }
  }

 private:
  // Two cache lines: processors fetch them in pairs.
  struct alignas(128) Part {
    std::atomic<int64_t> next;
    int64_t end;
  };
  std::vector<Part> parts_;
};

// Calls body(item, worker) for every item of [0, count), 0 <= worker < threads; calls with the same
// worker do not overlap. Returns when all have returned. A worker is the same thread from call to
// call and starts with the same part of the items: where items are pixels, in their order, layer
// after layer finds what it reads in the caches of the core that has written it. Between cores that
// share no cache this matters as much as the arithmetic does.
template <typename Body>
void ForWorkers(int64_t count, int threads, const Body& body) {
  const int workers = static_cast<int>(std::min<int64_t>(threads, count));
  if (workers <= 1) {
    for (int64_t item = 0; item < count; ++item) body(item, int64_t{0});
    return;
  }
  WorkerItems items(count, workers);
  OnTeam(workers, [&](int worker) { items.Run(worker, body); });
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_WORKERS_H_
