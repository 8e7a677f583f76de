// SPDX-License-Identifier: Apache-2.0
// Help, version and wrong usage: exit codes 0 and 2, and where the text goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Usage, HelpOfTheProgramNamesEveryCommand) {
  const ProgramResult result = RunProgram({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_error, IsEmpty());
  for (const char* command : {"info", "quantize", "run", "bench", "compare", "sweep", "report"}) {
    EXPECT_THAT(result.standard_output, HasSubstr(command));
  }
}

TEST(Usage, VersionIsPrinted) {
  const ProgramResult result = RunProgram({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_output, ::testing::StartsWith("nbits "));
}

class CommandUsage : public ::testing::TestWithParam<const char*> {};

TEST_P(CommandUsage, HelpNamesItsModelArgument) {
  const ProgramResult result = RunProgram({GetParam(), "--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_output, ::testing::AnyOf(HasSubstr("MODEL"), HasSubstr("ORIGINAL")));
  EXPECT_THAT(result.standard_error, IsEmpty());
}

TEST_P(CommandUsage, WithoutArgumentsIsWrongUsage) {
  const ProgramResult result = RunProgram({GetParam()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.standard_output, IsEmpty());
  EXPECT_THAT(result.standard_error, Not(IsEmpty()));
}

TEST_P(CommandUsage, UnknownOptionIsWrongUsage) {
  const ProgramResult result = RunProgram({GetParam(), "--no-such-option"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.standard_error, Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(All, CommandUsage,
                         ::testing::Values("info", "quantize", "run", "bench", "compare", "sweep"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(Usage, NoCommandIsWrongUsage) { EXPECT_EQ(RunProgram({}).exit_code, 2); }

TEST(Usage, UnknownCommandIsWrongUsage) {
  const ProgramResult result = RunProgram({"shrink"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.standard_error, Not(IsEmpty()));
}

}  // namespace
}  // namespace nbits::cli
