// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/files/file.h"
#include "base/files/temporaries.h"
#include "cli/command.h"

namespace nbits::cli {
namespace {

constexpr int kSignalExitCode = 128;  // A shell adds it to the number of the signal.
constexpr int kEndings[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXCPU};

std::atomic<bool> is_interruptible = false, is_interrupted = false;
std::atomic<int> interrupting_signal = 0;

// The signal's own ending, so that whoever waits for the program sees which it was.
void EndBy(int signal) {
  RemoveTemporaries();
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

extern "C" void End(int signal) {
  const bool is_interrupt = signal == SIGINT || signal == SIGTERM || signal == SIGHUP;
  if (is_interrupt && is_interruptible && !is_interrupted.exchange(true)) {
    interrupting_signal = signal;
  } else {
    EndBy(signal);
  }
}

void Say(const char* text) {
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
}

// The system has no other way to say that a mapped file's bytes are gone.
extern "C" void EndUnreadable(int signal, siginfo_t* info, void*) {
  const char* path = MappedFile::PathAt(info->si_addr);
  if (path == nullptr) return EndBy(signal);
  Say("nbits: ");
  Say(path);
  Say(": cannot be read any more: another program cut it short, or its disk failed\n");
  RemoveTemporaries();
  _exit(kFailed);
}

}  // namespace

void HandleSignals() {
  struct sigaction action = {}, before = {};
  action.sa_handler = End;
  // While one signal is dealt with, no other begins.
  for (const int signal : kEndings) sigaddset(&action.sa_mask, signal);
  for (const int signal : kEndings) {
    sigaction(signal, nullptr, &before);
    // What the caller had ignored, as nohup does, stays so.
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
  struct sigaction unreadable = action;
  unreadable.sa_flags = SA_SIGINFO;
  unreadable.sa_sigaction = EndUnreadable;
  sigaction(SIGBUS, &unreadable, nullptr);
  signal(SIGXFSZ, SIG_IGN);  // Writing then fails, and says so.
}

InterruptibleWork::InterruptibleWork() { is_interruptible = true; }
InterruptibleWork::~InterruptibleWork() { is_interruptible = false; }
const std::atomic<bool>& InterruptibleWork::requested() const { return is_interrupted; }

int InterruptExitCode() {
  const int signal = interrupting_signal;
  return signal == 0 ? 0 : kSignalExitCode + signal;
}

}  // namespace nbits::cli
