// SPDX-License-Identifier: Apache-2.0
// Work spread over the cores, on the OpenMP pool that oneDNN uses as well.
#ifndef NBITS_BASE_PARALLEL_H_
#define NBITS_BASE_PARALLEL_H_

#include <cstdint>
#include <functional>

namespace nbits {

// Number of threads that ParallelFor uses by default: the cores this process may run on.
int DefaultThreads();

// Calls body(t) once for t in [0, team), team <= threads, each on a thread of its own; as long as
// the caller is the same, the same t is the same thread from call to call. Returns when all calls
// have returned. A team is smaller where the system gives no more threads. `body` must not throw.
void OnTeam(int threads, const std::function<void(int)>& body);

// Calls body(i) for every i in [0, count), in any order, on up to `threads` threads (0: default).
// Returns when all calls have returned. `body` must not throw. Iterations are handed out one by
// one, so they should be coarse (tens of microseconds or more).
void ParallelFor(int64_t count, const std::function<void(int64_t)>& body, int threads = 0);

}  // namespace nbits

#endif  // NBITS_BASE_PARALLEL_H_
