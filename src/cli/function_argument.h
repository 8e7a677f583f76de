// SPDX-License-Identifier: Apache-2.0
// --function: which function of an ML Program is meant.
#ifndef NBITS_CLI_FUNCTION_ARGUMENT_H_
#define NBITS_CLI_FUNCTION_ARGUMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "nbits/model.h"

namespace CLI {
class App;
}  // namespace CLI

namespace nbits::cli {

void AddFunctionArgument(CLI::App& command, std::string& function);

// The model at `path`, with that function chosen; "": its usual one.
absl::StatusOr<Model> OpenFunction(const std::string& path, const std::string& function);

}  // namespace nbits::cli

#endif  // NBITS_CLI_FUNCTION_ARGUMENT_H_
