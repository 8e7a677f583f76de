#include "tests/cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace nbits::cli {
namespace {

void Redirect(int descriptor, const std::string& path, int flags) {
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

void ApplyLimits(const ProgramLimits& limits) {
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
  const TemporaryFolder folder;
  const std::string output = folder / "out", error = folder / "err";
  const pid_t child = fork();
  if (child == 0) {
    Redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
    Redirect(STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC);
    Redirect(STDERR_FILENO, error, O_WRONLY | O_CREAT | O_TRUNC);
    ApplyLimits(limits);
    Execute(arguments);
  }
  ProgramResult result;
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return result;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.standard_output = ReadFile(output);
  result.standard_error = ReadFile(error);
  return result;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "nbits_cli_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace nbits::cli
