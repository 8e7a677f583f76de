// SPDX-License-Identifier: Apache-2.0
// What the program knows of itself.
#ifndef NBITS_CLI_BUILD_FACTS_H_
#define NBITS_CLI_BUILD_FACTS_H_

#include <string>

namespace nbits::cli {

// The commit that the program was configured from; empty outside of a checkout.
std::string BuildCommit();

// An argument as a shell reads it.
std::string ShellQuoted(const std::string& argument);

// How this process was called, arguments quoted for a shell; empty when the system does not say.
std::string CommandLine();

}  // namespace nbits::cli

#endif  // NBITS_CLI_BUILD_FACTS_H_
