// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/printable.h"
#include "cli/signals.h"

namespace nbits::cli {
namespace {

int exit_code = kDone;

constexpr char kExitCode[] = "nbits/exit-code";  // The payload's name.

int ExitCodeOf(const absl::Status& status) {
  const auto code = status.GetPayload(kExitCode);
  return code ? std::stoi(std::string(*code)) : kFailed;
}

// What is worked on: the command's first argument.
std::string FileOf(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options({})) {
    if (option->get_positional() && option->count() > 0) return option->results()[0];
  }
  return command.get_name();
}

}  // namespace

absl::Status WithExitCode(absl::Status status, int code) {
  if (!status.ok()) status.SetPayload(kExitCode, absl::Cord(std::to_string(code)));
  return status;
}

std::string Printable(const std::string& text) { return nbits::Printable(text, ' '); }

absl::Status Print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return absl::DataLossError("cannot write to standard output");
  }
  return absl::OkStatus();
}

void SetAction(CLI::App& command, std::function<absl::Status()> run) {
  command.callback([&command, run = std::move(run)] {
    const absl::Status status = WithoutThrowing(FileOf(command), run);
    if (status.ok()) return;
    const std::string message = Printable(std::string(status.message()));
    std::fprintf(stderr, "nbits: %s\n", message.c_str());
    exit_code = InterruptExitCode() != 0 ? InterruptExitCode() : ExitCodeOf(status);
  });
}

absl::Status InFile(const std::string& file, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
}

void WrongUsage(const std::string& message) {
  throw CLI::ValidationError(message, CLI::ExitCodes::ValidationError);
}

int ActionExitCode() { return exit_code; }

}  // namespace nbits::cli
