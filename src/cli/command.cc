#include "cli/command.h"

#include <cstdio>
#include <string>
#include <utility>

namespace nbits::cli {
namespace {

int exit_code = kDone;

// Errors are one line whatever text they quote from a file.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

}  // namespace

void SetAction(CLI::App& command, std::function<absl::Status()> run) {
  command.callback([run = std::move(run)] {
    const absl::Status status = run();
    if (status.ok()) return;
    const std::string message = OneLine(std::string(status.message()));
    std::fprintf(stderr, "nbits: %s\n", message.c_str());
    exit_code = kFailed;
  });
}

int ActionExitCode() { return exit_code; }

}  // namespace nbits::cli
