// SPDX-License-Identifier: Apache-2.0
// Lines of text over a pair of file descriptors.
#ifndef NBITS_COMPARE_MEASURE_LINE_CHANNEL_H_
#define NBITS_COMPARE_MEASURE_LINE_CHANNEL_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nbits {

class LineChannel {
 public:
  // Does not own the descriptors; they may be the same (a socket).
  LineChannel(int input, int output) : input_(input), output_(output) {}

  // The next line without its end; nullopt at the end of the input. InvalidArgument for a line over
  // 16 MB.
  absl::StatusOr<std::optional<std::string>> Read();
  // `line` without line ends. Unavailable when the other side is gone (no signal is raised for
  // sockets).
  absl::Status Write(std::string line);

 private:
  int input_, output_;
  std::string buffer_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_MEASURE_LINE_CHANNEL_H_
