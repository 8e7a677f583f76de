// SPDX-License-Identifier: Apache-2.0
// Whether a team's threads share a cache.
#ifndef NBITS_BASE_THREADS_CORE_DISTANCE_H_
#define NBITS_BASE_THREADS_CORE_DISTANCE_H_

#include <optional>

namespace nbits {

// Nanoseconds that a cache line takes from the first thread of OnTeam(threads) to the farthest of
// the threads 1, 2, 4 and so on that answer within 200 microseconds; 0 where none does.
double CoreDistance(int threads);

// Whether that distance is long (100 ns and more): the cores then share no third-level cache, and
// reading what another has written costs more than computing it. Virtual machines are moved between
// such cores and others while they run, so this is measured, in about 10 microseconds, when the
// last answer is older than 100 ms.
// Good for deciding how to do something, not what: the answer may differ from call to call.
bool CoresAreFar(int threads);

// For tests: the answer from now on; with none it is measured again.
void AssumeCoresAreFar(std::optional<bool> far);

}  // namespace nbits

#endif  // NBITS_BASE_THREADS_CORE_DISTANCE_H_
