// SPDX-License-Identifier: Apache-2.0
#include "cli/engine_arguments.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <string>

#include "nbits/target.h"

namespace nbits::cli {
namespace {

template <typename Value>
void AddChoice(CLI::App& command, const char* name, Value& target, const char* description,
               const std::map<std::string, Value>& choices) {
  command.add_option(name, target, description)
      ->transform(CLI::CheckedTransformer(choices).description(""));
}

// Where nothing was chosen, the environment's choice counts.
void UseChosenTarget(const std::string& chosen) {
  const char* const named = std::getenv("NBITS_TARGET");
  const std::string target = !chosen.empty() ? chosen : named != nullptr ? named : "";
  if (target.empty()) return;
  const absl::Status status = UseVectorTarget(target);
  if (status.ok()) return;
  throw CLI::ValidationError(chosen.empty() ? "NBITS_TARGET" : "--target",
                             std::string(status.message()));
}

}  // namespace

void AddTargetArgument(CLI::App& command) {
  static std::string target;  // Of whichever command is given.
  command.add_option("--target", target,
                     "Vector instructions that the kernels use, like AVX2 or NEON (default: those "
                     "that NBITS_TARGET names, or the best of this machine)");
  command.parse_complete_callback([] { UseChosenTarget(target); });
}

void AddComputeArgument(CLI::App& command, Compute& compute, const char* description) {
  AddChoice<Compute>(command, "--compute", compute, description,
                     {{"float32", Compute::kFloat32}, {"int8", Compute::kInt8}});
}

void AddComputeArguments(CLI::App& command, EngineOptions& options) {
  command.add_option("--threads", options.threads, "Threads (0: one per core)")
      ->check(CLI::Range(0, 1024));
  AddComputeArgument(
      command, options.compute,
      "float32 (default), or int8: 8-bit activations where weights have 8 bits or fewer");
  AddChoice<Activations>(command, "--activations", options.activations,
                         "How values are stored between layers: float32, float16, or auto "
                         "(default): float16 with lean memory",
                         {{"auto", Activations::kAuto},
                          {"float32", Activations::kFloat32},
                          {"float16", Activations::kFloat16}});
  AddTargetArgument(command);
}

void AddEngineArguments(CLI::App& command, EngineOptions& options) {
  AddComputeArguments(command, options);
  AddChoice<Memory>(command, "--memory", options.memory,
                    "normal (default), or lean: the smallest peak, at some cost in time",
                    {{"normal", Memory::kNormal}, {"lean", Memory::kLean}});
  command
      .add_option("--memory-budget", options.memory_budget,
                  "Bytes of decoded weights that may be kept from run to run (default 0)")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace nbits::cli
