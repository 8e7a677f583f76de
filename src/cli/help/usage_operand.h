// SPDX-License-Identifier: Apache-2.0
#ifndef NBITS_CLI_HELP_USAGE_OPERAND_H_
#define NBITS_CLI_HELP_USAGE_OPERAND_H_

#include <string>
#include <vector>

#include "cli/help/usage.h"

namespace nbits::cli {

// One operand too many among `arguments`: which one stands in CLI11's `message`.
UsageProblem UnexpectedOperand(const CLI::App& command, const std::string& message,
                               const std::vector<std::string>& arguments);

}  // namespace nbits::cli

#endif  // NBITS_CLI_HELP_USAGE_OPERAND_H_
