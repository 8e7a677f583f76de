// SPDX-License-Identifier: Apache-2.0
// The memory plan in words.
#ifndef NBITS_ENGINE_MEMORY_MEMORY_REPORT_H_
#define NBITS_ENGINE_MEMORY_MEMORY_REPORT_H_

#include "engine/prepare.h"

namespace nbits {

MemoryReport ReportMemory(const Prepared& prepared);

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_MEMORY_REPORT_H_
