// SPDX-License-Identifier: Apache-2.0
// The options by which every command that runs models sets up the engine.
#ifndef NBITS_CLI_ENGINE_ARGUMENTS_H_
#define NBITS_CLI_ENGINE_ARGUMENTS_H_

#include "nbits/engine.h"

namespace CLI {
class App;
}

namespace nbits::cli {

// Options are written into `options`, which must outlive `command`.

// Adds --threads.
void AddThreadsArgument(CLI::App& command, int& threads);

// Adds --compute.
void AddComputeArgument(CLI::App& command, Compute& compute, const char* description);

// Adds --target. What it names, or else the environment's NBITS_TARGET, is in use before the
// command acts; what this machine does not have is wrong usage.
void AddTargetArgument(CLI::App& command);

// Adds --threads, --compute, --activations and --target.
void AddComputeArguments(CLI::App& command, EngineOptions& options);

// Adds these, --memory and --memory-budget.
void AddEngineArguments(CLI::App& command, EngineOptions& options);

}  // namespace nbits::cli

#endif  // NBITS_CLI_ENGINE_ARGUMENTS_H_
