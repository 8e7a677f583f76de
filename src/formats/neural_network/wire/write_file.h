// SPDX-License-Identifier: Apache-2.0
// A message as a file, which takes its target's place when it is whole.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WIRE_WRITE_FILE_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WIRE_WRITE_FILE_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "formats/neural_network/wire/wire_tree.h"

namespace nbits {

// Protocol Buffers count a message's bytes in 32 signed bits.
inline constexpr uint64_t kMaxFileSize = std::numeric_limits<int32_t>::max();

// ResourceExhausted, naming `name`, for more bytes than a file of the format can have.
absl::Status CheckFits(const std::string& name, uint64_t size);

// Writes `root`. `check` is given the temporary file before it takes the place of `path`; what it
// returns, and what the system refuses, is returned, and `path` stays as it was.
absl::Status WriteTree(const WireNode& root, const std::string& path,
                       const std::function<absl::Status(const std::string& temporary)>& check);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WIRE_WRITE_FILE_H_
