// SPDX-License-Identifier: Apache-2.0
// How many processors this process may keep busy.
#ifndef NBITS_BASE_THREADS_PROCESSORS_H_
#define NBITS_BASE_THREADS_PROCESSORS_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace nbits {

// At least 1: the processors that the process is bound to (taskset, cpuset), and no more than the
// time that its control group gets (a container's --cpus), rounded up.
int UsableProcessors();

// The processor that this thread runs on at this moment; -1 where the system does not say.
int CurrentProcessor();

// Has this thread go on on another processor than this one, if it may use any other. Where it runs
// later is the system's choice again.
void LeaveProcessor(int processor);

// Processors' worth of time that the text of a control group's cpu.max allows ("quota period" in
// microseconds, see the kernel's cgroup-v2.rst): nothing for "max ..." and for what is no such
// text.
std::optional<double> ProcessorQuota(absl::string_view cpu_max);

}  // namespace nbits

#endif  // NBITS_BASE_THREADS_PROCESSORS_H_
