// SPDX-License-Identifier: Apache-2.0
// What the other public headers begin with: the least C++ that they can be read as, and the marks
// for what a shared libnbits shows and keeps to itself.
//
// Example:
//   static_assert(__cplusplus >= 202002L);
#ifndef NBITS_EXPORT_H_
#define NBITS_EXPORT_H_

#if __cplusplus < 202002L
#error "nbits needs C++20: compile with -std=c++20 or a later standard"
#endif

// The library is compiled with -fvisibility=hidden. Its public headers open the namespace as
// `namespace nbits NBITS_EXPORT`, which shows what that header declares and nothing else; a class's
// own hidden part is marked NBITS_LOCAL.
#define NBITS_EXPORT __attribute__((visibility("default")))
#define NBITS_LOCAL __attribute__((visibility("hidden")))

#endif  // NBITS_EXPORT_H_
