// SPDX-License-Identifier: Apache-2.0
// Memory that is known to be needed before it is taken.
#ifndef NBITS_BASE_MEMORY_LIMIT_H_
#define NBITS_BASE_MEMORY_LIMIT_H_

#include <cstdint>
#include <new>
#include <stdexcept>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nbits/memory_limit.h"

namespace nbits {

// What this process may still take: of the limit that was set, of its control groups, of its
// address space (ulimit -v) and of the machine's memory. The largest number where nothing is known.
int64_t MemoryLeftBytes();

// To be asked before `bytes` are taken for `what` ("layer 'conv1'", a file). ResourceExhausted,
// with both figures, when there are not so many. Cheap: small amounts are gathered before the
// system is asked.
absl::Status CheckMemory(int64_t bytes, absl::string_view what);

// What `work` returns, a status or a StatusOr. The standard library throws where there is no
// memory, and for a length that cannot be: ResourceExhausted, with `what`.
template <typename Work>
auto WithoutThrowing(absl::string_view what, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(what, ": not enough memory"));
  } catch (const std::length_error&) {
    return absl::ResourceExhaustedError(absl::StrCat(what, ": more than memory can hold"));
  }
}

}  // namespace nbits

#endif  // NBITS_BASE_MEMORY_LIMIT_H_
