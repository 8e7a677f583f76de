// SPDX-License-Identifier: Apache-2.0
#include "cli/engine_arguments.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "cli/option_values.h"
#include "nbits/target.h"

namespace nbits::cli {
namespace {

constexpr char kGroup[] = "How it is computed";

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
  command
      .add_option("--target", target,
                  "Vector instructions that the kernels use, like AVX2 or NEON (default: those "
                  "that NBITS_TARGET names, or the best of this machine)")
      ->type_name("NAME")
      ->group(kGroup);
  command.parse_complete_callback([] { UseChosenTarget(target); });
}

void AddComputeArgument(CLI::App& command, Compute& compute, const char* description) {
  AddChoice<Compute>(command, "--compute", compute, description,
                     {{"float32", Compute::kFloat32}, {"int8", Compute::kInt8}})
      ->group(kGroup);
}

void AddThreadsArgument(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "Threads (default 0: one per core)")
      ->type_name("N")
      ->group(kGroup)
      ->check(WholeNumber(0, 1024));
}

void AddComputeArguments(CLI::App& command, EngineOptions& options) {
  AddThreadsArgument(command, options.threads);
  AddComputeArgument(
      command, options.compute,
      "float32 (default), or int8: 8-bit activations where weights have 8 bits or fewer");
  AddChoice<Activations>(command, "--activations", options.activations,
                         "How values are stored between layers: float32, float16, or auto "
                         "(default): float16 with lean memory",
                         {{"auto", Activations::kAuto},
                          {"float32", Activations::kFloat32},
                          {"float16", Activations::kFloat16}})
      ->group(kGroup);
  AddTargetArgument(command);
}

void AddEngineArguments(CLI::App& command, EngineOptions& options) {
  AddComputeArguments(command, options);
  AddChoice<Memory>(command, "--memory", options.memory,
                    "normal (default), or lean: the smallest peak, at some cost in time",
                    {{"normal", Memory::kNormal}, {"lean", Memory::kLean}})
      ->group(kGroup);
  command
      .add_option("--memory-budget", options.memory_budget,
                  "Bytes of decoded weights that may be kept from run to run, like 64MB (default "
                  "0)")
      ->type_name("BYTES")
      ->group(kGroup)
      ->transform(ByteCount());
}

}  // namespace nbits::cli
