// SPDX-License-Identifier: Apache-2.0
// The version of nbits: of these headers as macros, of the library that runs as a function.
//
// The version has its only place here; CMakeLists.txt reads it.
//
// Example:
//   static_assert(NBITS_VERSION_NUMBER >= 100);  // 0.1.0 or later.
//   assert(nbits::Version() == NBITS_VERSION);   // Headers and library belong together.
#ifndef NBITS_VERSION_H_
#define NBITS_VERSION_H_

#include "absl/strings/string_view.h"
#include "nbits/export.h"

#define NBITS_VERSION "0.1.0"
#define NBITS_VERSION_MAJOR 0
#define NBITS_VERSION_MINOR 1
#define NBITS_VERSION_PATCH 0
// 10000 * major + 100 * minor + patch, to be compared.
#define NBITS_VERSION_NUMBER \
  (10000 * NBITS_VERSION_MAJOR + 100 * NBITS_VERSION_MINOR + NBITS_VERSION_PATCH)

namespace nbits NBITS_EXPORT {

// NBITS_VERSION as it was when the library was compiled. A shared library may be another one than
// the headers were; while the major version is 0, minor versions do not fit each other.
absl::string_view Version();

}  // namespace nbits

#endif  // NBITS_VERSION_H_
