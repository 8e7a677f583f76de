// SPDX-License-Identifier: Apache-2.0
// A child process that answers lines with lines.
#ifndef NBITS_COMPARE_MEASURE_PROCESS_H_
#define NBITS_COMPARE_MEASURE_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/measure/line_channel.h"

namespace nbits {

class Process {
 public:
  // Starts arguments[0] (a path) with one socket for standard input and output; standard error is
  // shared. Errors: the system's reason.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& arguments);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  // Closes the socket, which ends a well-behaved child, and waits for it.
  ~Process();

  // Aborted, saying how the child ended, when it is there no longer.
  absl::Status Send(std::string line);
  // Waits for the next line. Aborted, saying how the child ended, when there is none.
  absl::StatusOr<std::string> Receive();

 private:
  absl::Status Ended();
  Process(pid_t id, int socket) : id_(id), socket_(socket), channel_(socket, socket) {}
  // Returns how the child ended, for people.
  std::string Finish();

  pid_t id_ = -1;
  int socket_ = -1;
  LineChannel channel_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_MEASURE_PROCESS_H_
