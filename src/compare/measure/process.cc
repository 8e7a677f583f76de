// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/system.h"

extern char** environ;

namespace nbits {
namespace {

absl::Status SystemError(absl::string_view what, int code) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(code)));
}

// Starts the program with `socket` as standard input and output.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, int socket) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
  // A group of its own: Ctrl-C on the terminal is for the parent, which ends its children.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t id = -1;
  const int code = posix_spawn(&id, pointers[0], &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return SystemError(absl::StrCat("cannot start ", arguments[0]), code);
  return id;
}

}  // namespace

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return absl::InvalidArgumentError("no program is given");
  // A later child must not hold an earlier one's socket open: it inherits none.
  NBITS_ASSIGN_OR_RETURN(const auto sockets, ConnectedSockets());
  auto id = Spawn(arguments, sockets.second);
  close(sockets.second);
  if (!id.ok()) {
    close(sockets.first);
    return id.status();
  }
  return Process(*id, sockets.first);
}

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      channel_(std::move(other.channel_)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(socket_, other.socket_);
  std::swap(channel_, other.channel_);
  return *this;
}

Process::~Process() { Finish(); }

absl::Status Process::Ended() {
  return absl::AbortedError(absl::StrCat("the model's process ", Finish()));
}

// A child that died between two lines is found out when the next is written.
absl::Status Process::Send(std::string line) {
  const absl::Status status = channel_.Write(std::move(line));
  return absl::IsUnavailable(status) ? Ended() : status;
}

absl::StatusOr<std::string> Process::Receive() {
  NBITS_ASSIGN_OR_RETURN(std::optional<std::string> line, channel_.Read());
  if (!line) return Ended();
  return *std::move(line);
}

std::string Process::Finish() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
  const pid_t id = std::exchange(id_, -1);
  if (id < 0) return "has ended";
  int status = 0;
  while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    return absl::StrCat("was ended by signal ", WTERMSIG(status), " (", strsignal(WTERMSIG(status)),
                        WTERMSIG(status) == SIGKILL ? "; out of memory?)" : ")");
  }
  return absl::StrCat("ended with exit code ", WEXITSTATUS(status));
}

}  // namespace nbits
