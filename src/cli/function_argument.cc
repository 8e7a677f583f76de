// SPDX-License-Identifier: Apache-2.0
#include "cli/function_argument.h"

#include <CLI/CLI.hpp>

#include "base/status_macros.h"

namespace nbits::cli {

void AddFunctionArgument(CLI::App& command, std::string& function) {
  command
      .add_option("--function", function,
                  "The function of an ML Program (default: its default function, or main)")
      ->type_name("NAME");
}

absl::StatusOr<Model> OpenFunction(const std::string& path, const std::string& function) {
  NBITS_ASSIGN_OR_RETURN(Model model, Model::Open(path));
  if (!function.empty()) NBITS_RETURN_IF_ERROR(model.UseFunction(function));
  return model;
}

}  // namespace nbits::cli
