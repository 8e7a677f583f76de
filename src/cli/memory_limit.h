// SPDX-License-Identifier: Apache-2.0
// The option --memory-limit of every command that reads models.
#ifndef NBITS_CLI_MEMORY_LIMIT_H_
#define NBITS_CLI_MEMORY_LIMIT_H_

namespace CLI {
class App;
}

namespace nbits::cli {

// Adds it to all commands of the program that take a model.
void AddMemoryLimits(CLI::App& program);
// Takes the limit that the environment names, such as the one of the program that started this one.
// What stands there may be wrong: it is left out then.
void TakeMemoryLimitOfEnvironment();

}  // namespace nbits::cli

#endif  // NBITS_CLI_MEMORY_LIMIT_H_
