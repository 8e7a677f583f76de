// The memory that this process takes.
#ifndef NBITS_BASE_PROCESS_MEMORY_H_
#define NBITS_BASE_PROCESS_MEMORY_H_

#include <cstdint>

namespace nbits {

// Largest resident size so far, in bytes (Linux' VmHWM: touched pages of mapped files count);
// 0 where the system does not tell. Not getrusage's figure, which survives exec and so includes the
// parent's memory at the time of the fork.
int64_t PeakMemoryBytes();

}  // namespace nbits

#endif  // NBITS_BASE_PROCESS_MEMORY_H_
