// SPDX-License-Identifier: Apache-2.0
// How much memory models and inputs may make the library take.
#ifndef NBITS_MEMORY_LIMIT_H_
#define NBITS_MEMORY_LIMIT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"

namespace nbits NBITS_EXPORT {

// From now on what would take this process beyond `bytes` of memory of its own (mapped files do not
// count) is ResourceExhausted: a layer's tensors, a file that is read. 0: no such limit, which is
// how it begins; what the machine and the control groups (cgroups) of this process have left is a
// limit at all times. May be called from any thread.
//
// Example:
//   nbits::SetMemoryLimit(int64_t{512} << 20);
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   nbits::SetMemoryLimit(0);
void SetMemoryLimit(int64_t bytes);

// "2G", "512 MB", "100000" as bytes: K, M, G and T are powers of 1000, as in what is printed, Ki,
// Mi, Gi and Ti powers of 1024; a B may follow. InvalidArgument for other text.
//
// Example:
//   auto bytes = nbits::ParseByteCount("2G");
//   if (!bytes.ok()) return bytes.status();
//   assert(*bytes == 2'000'000'000);
absl::StatusOr<int64_t> ParseByteCount(absl::string_view text);

}  // namespace nbits

#endif  // NBITS_MEMORY_LIMIT_H_
