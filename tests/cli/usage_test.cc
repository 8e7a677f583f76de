// SPDX-License-Identifier: Apache-2.0
// Help, version and wrong usage: exit codes 0 and 2, and where the text goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/cli/expect.h"

namespace nbits::cli {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

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

// Exit code 2, nothing on standard output, and one line on standard error, which may be followed by
// one more that says how to go on.
void ExpectWrongUsage(const std::vector<std::string>& arguments, const std::string& text) {
  const ProgramResult result = RunProgram(arguments);
  const std::string shown = absl::StrJoin(arguments, " ") + "\n" + result.standard_error;
  EXPECT_EQ(result.exit_code, 2) << shown;
  EXPECT_THAT(result.standard_output, IsEmpty()) << shown;
  const std::vector<std::string> lines =
      absl::StrSplit(absl::StripSuffix(result.standard_error, "\n"), '\n');
  EXPECT_THAT(lines, Each(StartsWith("nbits: "))) << shown;
  EXPECT_LE(lines.size(), 2u) << shown;
  EXPECT_THAT(lines[0], HasSubstr(text)) << shown;
}

TEST(Usage, AMistypedCommandGetsTheNearest) {
  ExpectWrongUsage({"quantise"},
                   "nbits: unknown command 'quantise' (did you mean quantize? info, quantize, run, "
                   "bench, compare, sweep, report)");
  ExpectWrongUsage({"compress", "M.mlmodel"}, "'compress' (did you mean quantize?");
  ExpectWrongUsage({"Info"}, "did you mean info?");
  ExpectWrongUsage({"predict"}, "did you mean run?");
  ExpectWrongUsage({"frobnicate"}, "unknown command 'frobnicate' (info, quantize");
  ExpectWrongUsage({"help", "qantize"}, "did you mean quantize?");
  ExpectWrongUsage({}, "a command is missing");
}

TEST(Usage, AModelInPlaceOfACommandIsTold) {
  ExpectWrongUsage({kSampleModel}, "is no command; one comes first, as in: nbits info ");
  ExpectWrongUsage({"--bits", "4", "quantize", kSampleModel}, "stands behind its command");
}

TEST(Usage, AMistypedOptionGetsTheNearest) {
  ExpectWrongUsage({"quantize", kSampleModel, "--bit", "4"},
                   "nbits: quantize has no option '--bit' (did you mean --bits?)");
  ExpectWrongUsage({"quantize", kSampleModel, "--nbits=4"}, "did you mean --bits?");
  ExpectWrongUsage({"quantize", kSampleModel, "-bits", "4"}, "did you mean --bits?");
  ExpectWrongUsage({"quantize", kSampleModel, "\u2014bits", "4"}, "did you mean --bits?");
  ExpectWrongUsage({"quantize", kSampleModel, "--Mode", "linear"}, "did you mean --mode?");
  ExpectWrongUsage({"compare", kSampleModel, kSampleModel, "--bits", "4"}, "sweep have it");
  ExpectWrongUsage({"sweep", kSampleModel, "--mode", "linear"}, "did you mean --modes?");
  ExpectWrongUsage({"sweep", kSampleModel, "--image", "x", "-o", "y"}, "did you mean --images?");
  // Before what the slip makes missing.
  ExpectWrongUsage({"sweep", kSampleModel, "--images", "x", "--outptu", "y"},
                   "did you mean --output?");
}

TEST(Usage, WrongValuesAreToldFromRightOnes) {
  ExpectWrongUsage({"quantize", kSampleModel, "-b", "4bit"},
                   "nbits: --bits: '4bit' is not 1 to 8, or 16 (did you mean 4?)");
  ExpectWrongUsage({"quantize", kSampleModel, "-b", "8,4"}, "several widths at once: nbits sweep");
  ExpectWrongUsage({"quantize", kSampleModel, "-b", "9"}, "'9' is not 1 to 8, or 16");
  ExpectWrongUsage({"quantize", kSampleModel, "-b", "4", "-m", "kmeens"},
                   "(did you mean kmeans_lut?)");
  ExpectWrongUsage({"quantize", kSampleModel, "-b", "4", "-m", "linear_"},
                   "'linear_' may be linear_symmetric or linear_lut");
  ExpectWrongUsage({"quantize", kSampleModel, "--layer", "a=4:kmens"}, "did you mean kmeans_lut?");
  ExpectWrongUsage({"bench", kSampleModel, "--memory", "tiny"}, "'tiny' is none of normal, lean");
  ExpectWrongUsage({"bench", kSampleModel, "--compute", "int4"},
                   "'int4' is none of float32, int8 (did you mean int8?)");
  ExpectWrongUsage({"bench", kSampleModel, "--activations", "bf16"},
                   "'bf16' is none of auto, float32, float16");
  ExpectWrongUsage({"bench", kSampleModel, "--runs", "many"},
                   "'many' is no whole number from 1 to 1000000");
  ExpectWrongUsage({"bench", kSampleModel, "--memory-budget", "-1"}, "is no number of bytes");
  ExpectWrongUsage({"sweep", kSampleModel, "--bits", "8,9", "--images", "x", "-o", "y"},
                   "'9' is none of 16, 8, 7, 6, 5, 4, 3, 2, 1");
  ExpectWrongUsage({"sweep", kSampleModel, "--images", "x", "-o", "y", "--max-seconds", "long"},
                   "'long' is no number of 0 or more");
}

TEST(Usage, MissingAndSurplusPartsAreNamed) {
  ExpectWrongUsage({"quantize"}, "quantize: MODEL is missing");
  ExpectWrongUsage({"quantize", kSampleModel}, "--bits is required");
  ExpectWrongUsage({"quantize", kSampleModel, "-b"}, "--bits needs a value: --bits N");
  ExpectWrongUsage({"quantize", kSampleModel, "-m", "linear", "-m", "linear_lut"},
                   "--mode is given twice");
  ExpectWrongUsage({"quantize", kSampleModel, "small.mlmodel", "-b", "8"}, "-o small.mlmodel");
  ExpectWrongUsage({"info", kSampleModel, "--memory", "lean"}, "did you mean --memory=lean?");
  ExpectWrongUsage({"info", kSampleModel, "other"}, "info: 'other' is one operand too many");
  ExpectWrongUsage({"sweep", kSampleModel, "--images", "x", "-o", "y", "--bits", "8", "4"},
                   "'4' is one operand too many (did you mean --bits 8,4?)");
  ExpectWrongUsage({"compare", kSampleModel}, "compare: VARIANT is missing");
  ExpectWrongUsage({"sweep", kSampleModel, "-o", "y"}, "--images FOLDER or --inputs FOLDER");
  ExpectWrongUsage({"sweep", kSampleModel, "-o", "y", "--images", "x", "--inputs", "z"},
                   "exclude each other");
  ExpectWrongUsage({"report", "x", "--json", "--csv"}, "exclude each other");
}

// The flags in a help text: options without a word behind their names.
std::vector<std::string> FlagsOf(const std::string& help) {
  std::vector<std::string> flags;
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    if (!absl::StartsWith(line, "  -")) continue;
    const std::vector<std::string> columns = absl::StrSplit(line.substr(2), "  ");
    for (const std::string& name : std::vector<std::string>(absl::StrSplit(columns[0], ", "))) {
      if (absl::StartsWith(name, "--")) flags.push_back(name);
    }
  }
  std::erase_if(flags, [](const std::string& flag) { return absl::StrContains(flag, ' '); });
  return flags;
}

TEST(Usage, AFlagTakesNoValue) {
  std::map<std::string, size_t> counts;
  for (const std::string command :
       {"", "info", "quantize", "run", "bench", "compare", "sweep", "report", "help"}) {
    const std::vector<std::string> flags = FlagsOf(RunProgram({"help", command}).standard_output);
    for (const std::string& flag : flags) {
      if (flag == "--memory") continue;  // --memory=lean has a value.
      for (const char* value : {"5", "true"}) {
        std::vector<std::string> arguments = {absl::StrCat(flag, "=", value)};
        if (!command.empty()) arguments.insert(arguments.begin(), command);
        ExpectWrongUsage(arguments, absl::StrCat("nbits: ", flag, " takes no value, and is given '",
                                                 value, "'"));
      }
      ++counts[command];
    }
  }
  // So that the texts were read rightly: --help, and for three the others by hand.
  EXPECT_EQ(counts[""], 2u);
  EXPECT_EQ(counts["run"], 3u);
  EXPECT_EQ(counts["quantize"], 5u);
  EXPECT_EQ(counts["compare"], 6u);
}

TEST(Usage, WhatOnlyLooksLikeAFlagsValueIsNone) {
  ExpectOneLine(RunProgram({"info", "--", "--json=5"}), "--json=5");  // A model of that name.
  EXPECT_EQ(RunProgram({"info", kSampleModel, "--memory=lean"}).exit_code, 0);
}

// Capitals and unique beginnings do, in lists and in rules too.
TEST(Usage, WordsMayBeCutShort) {
  for (const char* mode : {"kmeans", "KMEANS_LUT", "k"}) {
    const ProgramResult result =
        RunProgram({"quantize", kSampleModel, "-b", "4", "-m", mode, "--dry-run"});
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    EXPECT_THAT(result.standard_output, HasSubstr("4:kmeans_lut"));
  }
  const ProgramResult rule =
      RunProgram({"quantize", kSampleModel, "--layer", "*=4:KMeans", "--dry-run"});
  EXPECT_THAT(rule.standard_output, HasSubstr("4:kmeans_lut")) << rule.standard_error;
}

TEST(Usage, HelpIsACommandToo) {
  EXPECT_EQ(RunProgram({"help"}).standard_output, RunProgram({"--help"}).standard_output);
  EXPECT_EQ(RunProgram({"help", "sweep"}).standard_output,
            RunProgram({"sweep", "--help"}).standard_output);
  EXPECT_EQ(RunProgram({"-v"}).standard_output, RunProgram({"--version"}).standard_output);
}

// As wide as COLUMNS says where there is no terminal.
class HelpWidth : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { setenv("COLUMNS", absl::StrCat(GetParam()).c_str(), 1); }
  void TearDown() override { unsetenv("COLUMNS"); }
};

TEST_P(HelpWidth, NoLineIsWiderAndNoInnerTypeShows) {
  for (const char* command :
       {"info", "quantize", "run", "bench", "compare", "sweep", "report", "help", ""}) {
    const std::string help =
        RunProgram({"help", command}).standard_output + RunProgram({"help"}).standard_output;
    for (const absl::string_view line : absl::StrSplit(help, '\n')) {
      EXPECT_LE(line.size(), static_cast<size_t>(GetParam())) << command << ": " << line;
    }
    for (const char* type : {"TEXT", "INT", "FLOAT", ":{", "NONNEGATIVE", "ENUM", "Excludes"}) {
      EXPECT_THAT(help, Not(HasSubstr(type))) << command;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, HelpWidth, ::testing::Values(60, 80, 120),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace nbits::cli
