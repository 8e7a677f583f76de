#include "base/parallel.h"

#include <omp.h>

#include <algorithm>

namespace nbits {

int DefaultThreads() { return std::max(1, omp_get_num_procs()); }

void ParallelFor(int64_t count, const std::function<void(int64_t)>& body, int threads) {
  if (threads <= 0) threads = DefaultThreads();
  threads = static_cast<int>(std::min<int64_t>(threads, count));
  if (threads <= 1) {
    for (int64_t i = 0; i < count; ++i) body(i);
    return;
  }
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (int64_t i = 0; i < count; ++i) body(i);
}

}  // namespace nbits
