// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/line_channel.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/system.h"

namespace nbits {
namespace {

constexpr size_t kLongestLine = size_t{16} << 20;

absl::Status Broken(absl::string_view action) {
  return absl::UnavailableError(absl::StrCat(action, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::optional<std::string>> LineChannel::Read() {
  size_t searched = 0;
  while (true) {
    if (const size_t end = buffer_.find('\n', searched); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    searched = buffer_.size();
    if (searched > kLongestLine) return absl::InvalidArgumentError("a line is too long");
    char chunk[4096];
    const ssize_t count = read(input_, chunk, sizeof(chunk));
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return std::optional<std::string>();
    if (count < 0 && errno != EINTR) return Broken("reading from a process");
    if (count > 0) buffer_.append(chunk, static_cast<size_t>(count));
  }
}

absl::Status LineChannel::Write(std::string line) {
  line += '\n';
  for (size_t done = 0; done < line.size();) {
    const ssize_t count = WriteWithoutSignal(output_, line.data() + done, line.size() - done);
    if (count < 0 && errno != EINTR) return Broken("writing to a process");
    if (count > 0) done += static_cast<size_t>(count);
  }
  return absl::OkStatus();
}

}  // namespace nbits
