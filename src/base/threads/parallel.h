// SPDX-License-Identifier: Apache-2.0
// Work spread over the cores.
#ifndef NBITS_BASE_THREADS_PARALLEL_H_
#define NBITS_BASE_THREADS_PARALLEL_H_

#include <cstdint>
#include <functional>

namespace nbits {

// Number of threads that ParallelFor uses by default: the processors this process may use.
int DefaultThreads();

// Calls body(0) on this thread and body(t) for some t in [1, threads), each on a thread of its own
// and at most once: a helper that gets no processor before body(0) has returned is not waited for,
// and inside a body there are no helpers. So body(0) alone has to be able to do the whole work, by
// taking items from a counter that all share. As long as the caller is the same, the same t is the
// same thread from call to call. Returns when all calls that were begun have returned; throws what
// one of them threw.
void OnTeam(int threads, const std::function<void(int)>& body);

// Calls body(i) for every i in [0, count), in any order, on up to `threads` threads (0: default).
// Returns when all calls have returned. After a body has thrown, which is thrown here, some i may
// have been left out. Iterations are handed out one by one, so they should be coarse (tens of
// microseconds or more).
void ParallelFor(int64_t count, const std::function<void(int64_t)>& body, int threads = 0);

}  // namespace nbits

#endif  // NBITS_BASE_THREADS_PARALLEL_H_
