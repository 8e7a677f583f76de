// SPDX-License-Identifier: Apache-2.0
// The two macros of the project: pass an error on to the caller.
#ifndef NBITS_BASE_STATUS_MACROS_H_
#define NBITS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the calling function when `expression` is an error.
#define NBITS_RETURN_IF_ERROR(expression)                               \
  do {                                                                  \
    if (absl::Status nbits_status = (expression); !nbits_status.ok()) { \
      return nbits_status;                                              \
    }                                                                   \
  } while (false)

#define NBITS_CONCATENATE_INNER(a, b) a##b
#define NBITS_CONCATENATE(a, b) NBITS_CONCATENATE_INNER(a, b)

// NBITS_ASSIGN_OR_RETURN(auto value, Function()); declares or assigns on success, returns on error.
#define NBITS_ASSIGN_OR_RETURN(target, expression)                                          \
  NBITS_ASSIGN_OR_RETURN_IMPLEMENTATION(NBITS_CONCATENATE(nbits_result_, __LINE__), target, \
                                        expression)
#define NBITS_ASSIGN_OR_RETURN_IMPLEMENTATION(result, target, expression) \
  auto result = (expression);                                             \
  if (!result.ok()) return std::move(result).status();                    \
  target = *std::move(result)

#endif  // NBITS_BASE_STATUS_MACROS_H_
