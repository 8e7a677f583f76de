// SPDX-License-Identifier: Apache-2.0
// The manual page and the completions say what the help texts say. tests/install/check_manual reads
// them with the programs that they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "absl/strings/str_replace.h"
#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

std::string Generated(const std::string& form) {
  const ProgramResult result = RunProgram({"internal-generate", form});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.standard_error, "");
  return result.standard_output;
}

// The names of the options that the help text lists, without "--".
std::set<std::string> OptionsInHelp(const std::string& command) {
  const std::string help = RunProgram({command, "--help"}).standard_output;
  static const std::regex pattern(R"(\n  (?:-\w, )?--([a-z][a-z0-9-]*))");
  std::set<std::string> names;
  for (std::sregex_iterator match(help.begin(), help.end(), pattern), end; match != end; ++match) {
    names.insert((*match)[1]);
  }
  return names;
}

class Manual : public ::testing::TestWithParam<const char*> {};

TEST_P(Manual, HasEveryOptionOfTheHelpText) {
  const std::set<std::string> names = OptionsInHelp(GetParam());
  ASSERT_GE(names.size(), 4u);
  const std::string man = absl::StrReplaceAll(Generated("man"), {{"\\-", "-"}});
  const std::string bash = Generated("bash"), zsh = Generated("zsh"), fish = Generated("fish");
  for (const std::string& name : names) {
    EXPECT_THAT(man, HasSubstr("\\fB--" + name + "\\fR"));
    EXPECT_THAT(bash, HasSubstr("--" + name));
    EXPECT_THAT(zsh, AnyOf(HasSubstr("--" + name + "["), HasSubstr("--" + name + "=[")));
    EXPECT_THAT(fish, HasSubstr(std::string("from ") + GetParam() + "'")) << name;
    EXPECT_THAT(fish, HasSubstr(" -l " + name + " "));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Manual,
                         ::testing::Values("info", "quantize", "run", "bench", "compare", "sweep",
                                           "report"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(ManualPage, OffersTheWordsThatAnOptionTakes) {
  EXPECT_THAT(Generated("bash"), HasSubstr("--task) words='segmentation classification"));
  EXPECT_THAT(Generated("bash"), HasSubstr("kmeans_lut"));
  EXPECT_THAT(Generated("fish"), HasSubstr("-l memory -x -a 'normal lean'"));
  EXPECT_THAT(Generated("zsh"), HasSubstr(":(segmentation classification"));
}

TEST(ManualPage, CompletesTheCommandsThatHelpExplains) {
  EXPECT_THAT(Generated("bash"), HasSubstr("words='info quantize run bench compare sweep report'"));
  EXPECT_THAT(Generated("zsh"), HasSubstr(":COMMAND:(info quantize run"));
  EXPECT_THAT(Generated("fish"), HasSubstr("from help' -f -a 'info quantize"));
}

TEST(ManualPage, LeavesOutWhatTheHelpTextHides) {
  for (const char* form : {"man", "bash", "zsh", "fish"}) {
    EXPECT_THAT(Generated(form), ::testing::Not(HasSubstr("internal-measure"))) << form;
  }
}

TEST(ManualPage, AnotherFormIsWrongUsage) {
  EXPECT_EQ(RunProgram({"internal-generate", "html"}).exit_code, 2);
}

}  // namespace
}  // namespace nbits::cli
