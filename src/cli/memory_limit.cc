// SPDX-License-Identifier: Apache-2.0
#include "cli/memory_limit.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "nbits/memory_limit.h"

namespace nbits::cli {
namespace {

constexpr char kVariable[] = "NBITS_MEMORY_LIMIT";

// Programs that this one starts, as compare does for each model, are to keep to it, too.
void UseLimit(const std::string& text) {
  const auto bytes = ParseByteCount(text);
  if (!bytes.ok()) {
    throw CLI::ValidationError("--memory-limit", std::string(bytes.status().message()));
  }
  SetMemoryLimit(*bytes);
  setenv(kVariable, text.c_str(), 1);
}

}  // namespace

void AddMemoryLimits(CLI::App& program) {
  for (const char* name : {"info", "quantize", "run", "bench", "compare", "sweep"}) {
    program.get_subcommand(name)
        ->add_option_function<std::string>("--memory-limit", UseLimit,
                                           "Take no more memory than this, like 2G; a layer that "
                                           "would is named and nothing is done "
                                           "(default: what the system has left)")
        ->type_name("BYTES")
        ->group("How it is computed");
  }
}

void TakeMemoryLimitOfEnvironment() {
  const char* text = std::getenv(kVariable);
  const auto bytes = ParseByteCount(text == nullptr ? "" : text);
  if (bytes.ok()) SetMemoryLimit(*bytes);
}

}  // namespace nbits::cli
