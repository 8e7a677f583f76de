// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <iterator>

namespace nbits::cli {
namespace {

// What the child writes to one of its descriptors. A pipe, because a limit on the size of files
// would cut off a file.
class Capture {
 public:
  Capture() {
    if (pipe2(ends_, O_CLOEXEC) != 0) std::abort();
  }
  ~Capture() { close(ends_[0]); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void RedirectInChild(int descriptor) const {
    if (dup2(ends_[1], descriptor) < 0) _exit(126);
  }
  // Reads in the background until the child has closed its end.
  std::future<std::string> ReadInParent() {
    close(ends_[1]);
    return std::async(std::launch::async, [this] {
      std::string text;
      char buffer[4096];
      for (ssize_t n; (n = read(ends_[0], buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<size_t>(n));
      }
      return text;
    });
  }

 private:
  int ends_[2];
};

void CloseInput() {
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) _exit(126);
}

void BecomeNobody() {
  constexpr uid_t kNobody = 65534;
  if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(126);
}

void ApplyLimits(const ProgramLimits& limits) {
  if (limits.as_nobody) BecomeNobody();
  if (limits.file_bytes == 0) return;
  signal(SIGXFSZ, SIG_IGN);  // Kept over exec: the write fails with EFBIG instead.
  const rlimit limit = {static_cast<rlim_t>(limits.file_bytes),
                        static_cast<rlim_t>(limits.file_bytes)};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(126);
}

[[noreturn]] void Execute(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), NBITS_BINARY_DIR "/nbits");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  _exit(127);
}

}  // namespace

ProgramResult RunProgram(const std::vector<std::string>& arguments, const ProgramLimits& limits) {
  Capture output, error;
  const pid_t child = fork();
  if (child == 0) {
    CloseInput();
    output.RedirectInChild(STDOUT_FILENO);
    error.RedirectInChild(STDERR_FILENO);
    ApplyLimits(limits);
    Execute(arguments);
  }
  std::future<std::string> output_text = output.ReadInParent(), error_text = error.ReadInParent();
  ProgramResult result;
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return result;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.standard_output = output_text.get();
  result.standard_error = error_text.get();
  return result;
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace nbits::cli
