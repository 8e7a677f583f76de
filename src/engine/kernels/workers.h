// Work handed out item by item to workers, each with scratch memory of its own.
#ifndef NBITS_ENGINE_KERNELS_WORKERS_H_
#define NBITS_ENGINE_KERNELS_WORKERS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/parallel.h"

namespace nbits {

// Calls body(item, worker) for every item of [0, count), 0 <= worker < threads; calls with the same
// worker do not overlap. Returns when all have returned.
template <typename Body>
void ForWorkers(int64_t count, int threads, const Body& body) {
  std::atomic<int64_t> next = 0;
  const auto work = [&](int64_t worker) {
    for (int64_t item = next++; item < count; item = next++) body(item, worker);
  };
  ParallelFor(std::min<int64_t>(threads, count), work, threads);
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_WORKERS_H_
