// SPDX-License-Identifier: Apache-2.0
// Runs the built program as its user would and catches what it says.
#ifndef NBITS_TESTS_CLI_PROGRAM_H_
#define NBITS_TESTS_CLI_PROGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/test_folder.h"

namespace nbits::cli {

struct ProgramResult {
  int exit_code = -1;  // -1: killed by a signal, or not started.
  int signal = 0;
  std::string standard_output, standard_error;
};

struct ProgramLimits {
  // Largest file the program may write, in bytes; beyond it writes fail with EFBIG, which stands in
  // for a full disk (ENOSPC) where no file system can be mounted. 0: no limit.
  int64_t file_bytes = 0;
  // Gives up root's rights, which permission bits do not stop.
  bool as_nobody = false;
};

// Runs `nbits ARGUMENTS...` and waits for its end; standard input is empty.
ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const ProgramLimits& limits = {});

void WriteFile(const std::string& path, const std::string& bytes);
std::string ReadFile(const std::string& path);

}  // namespace nbits::cli

#endif  // NBITS_TESTS_CLI_PROGRAM_H_
