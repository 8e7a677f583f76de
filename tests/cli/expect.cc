// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/expect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace nbits::cli {

void ExpectOneLine(const ProgramResult& result, const std::string& text) {
  EXPECT_EQ(result.exit_code, 1) << "signal " << result.signal << "\n" << result.standard_error;
  EXPECT_THAT(result.standard_error, ::testing::StartsWith("nbits: "));
  EXPECT_THAT(result.standard_error, ::testing::EndsWith("\n"));
  EXPECT_EQ(std::count(result.standard_error.begin(), result.standard_error.end(), '\n'), 1)
      << result.standard_error;
  EXPECT_THAT(result.standard_error, ::testing::HasSubstr(text));
}

}  // namespace nbits::cli
