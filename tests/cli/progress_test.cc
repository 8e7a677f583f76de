// SPDX-License-Identifier: Apache-2.0
// The progress bar: on a terminal from the first second on, nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "tests/cli/expect.h"
#include "tests/support/left_out.h"

namespace nbits::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Clock = std::chrono::steady_clock;

// `nbits bench` for as long as it is let, its standard error on a terminal or on a pipe.
class EndlessBench {
 public:
  // `ours` is the end that is read, `others` the program's.
  EndlessBench(int ours, int others) : ours_(ours) {
    child_ = fork();
    if (child_ == 0) {
      dup2(others, STDERR_FILENO);
      setenv("TERM", "xterm", 1);
      execl(NBITS_BINARY_DIR "/nbits", "nbits", "bench", kSampleModel, "--runs", "1000000",
            nullptr);
      _exit(127);
    }
    close(others);
  }
  ~EndlessBench() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    close(ours_);
  }

  // What it writes to standard error until `text` is there or the time is over.
  std::string ReadUntil(const std::string& text, milliseconds limit) {
    const auto end = Clock::now() + limit;
    std::string read_so_far;
    while (Clock::now() < end && read_so_far.find(text) == std::string::npos) {
      pollfd wait = {ours_, POLLIN, 0};
      if (poll(&wait, 1, 100) <= 0) continue;
      char buffer[256];
      const ssize_t count = read(ours_, buffer, sizeof buffer);
      if (count <= 0) break;
      read_so_far.append(buffer, static_cast<size_t>(count));
    }
    return read_so_far;
  }

 private:
  int ours_ = -1;
  pid_t child_ = -1;
};

TEST(ProgressBar, IsDrawnOnATerminal) {
  int ours = -1, others = -1;
  if (openpty(&ours, &others, nullptr, nullptr, nullptr) != 0) {
    NBITS_LEAVE_OUT("the system gives no pseudo terminal");
  }
  EndlessBench bench(ours, others);
  EXPECT_THAT(bench.ReadUntil("elapsed", std::chrono::minutes(1)), HasSubstr("Timing"));
}

TEST(ProgressBar, IsNotDrawnOnAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EndlessBench bench(ends[0], ends[1]);
  EXPECT_THAT(bench.ReadUntil("elapsed", std::chrono::seconds(2)), IsEmpty());
}

}  // namespace
}  // namespace nbits::cli
