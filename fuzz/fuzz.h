// SPDX-License-Identifier: Apache-2.0
// What the targets of fuzzing share.
#ifndef NBITS_FUZZ_FUZZ_H_
#define NBITS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"

// Called with each input; returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace nbits::fuzz {

// A wrong answer is as bad as a crash.
inline void Require(bool condition) {
  if (!condition) std::abort();
}

inline absl::string_view Text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace nbits::fuzz

#endif  // NBITS_FUZZ_FUZZ_H_
