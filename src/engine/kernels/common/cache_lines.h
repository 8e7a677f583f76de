// SPDX-License-Identifier: Apache-2.0
// Memory that is soon read or written, brought near meanwhile.
#ifndef NBITS_ENGINE_KERNELS_COMMON_CACHE_LINES_H_
#define NBITS_ENGINE_KERNELS_COMMON_CACHE_LINES_H_

#include <cstddef>
#include <cstdint>

#include "hwy/cache_control.h"

namespace nbits {

inline constexpr int64_t kCacheLineBytes = 64;

struct CacheLines {
  const std::byte* data;
  int64_t count;
};

// Lines [begin, end) of `lines`.
inline void Prefetch(const CacheLines& lines, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) hwy::Prefetch(lines.data + i * kCacheLineBytes);
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_CACHE_LINES_H_
