// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nbits::cli {
namespace {

int exit_code = kDone;

}  // namespace

std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

absl::Status Print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return absl::DataLossError("cannot write to standard output");
  }
  return absl::OkStatus();
}

void SetAction(CLI::App& command, std::function<absl::Status()> run) {
  command.callback([run = std::move(run)] {
    const absl::Status status = run();
    if (status.ok()) return;
    const std::string message = Printable(std::string(status.message()));
    std::fprintf(stderr, "nbits: %s\n", message.c_str());
    exit_code = kFailed;
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
