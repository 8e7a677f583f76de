// SPDX-License-Identifier: Apache-2.0
// --target and NBITS_TARGET: which vector instructions a command's kernels use, and where it says
// so.
#include "nbits/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nbits/image.h"
#include "nbits/npy.h"
#include "nbits/report.h"
#include "tests/cli/program.h"
#include "tests/support/left_out.h"
#include "tests/support/made_models.h"

namespace nbits::cli {
namespace {

using ::testing::HasSubstr;

// A variable of the environment that the program inherits, for the duration of a scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

class Target : public ::testing::Test {
 protected:
  Target() {
    WriteFile(model_, nbits::testing::MatteModel().SerializeAsString());
    std::filesystem::create_directory(folder_ / "images");
    WriteFile(picture_, *EncodePng(nbits::testing::DiscPicture(64, 0)));
  }
  // What `nbits bench --json` says.
  std::string Benched(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"bench", model_, "--runs", "1", "--json"});
    const ProgramResult result = RunProgram(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    return nlohmann::json::parse(result.standard_output, nullptr, false).value("target", "");
  }
  // The matte that `nbits run` writes, with rounding errors and all.
  std::vector<float> Output(const std::string& target) {
    const std::string out = folder_ / ("out-" + target);
    const ProgramResult result = RunProgram({"run", model_, "-i", picture_, "-o", out, "--target",
                                             target, "--profile", "--threads", "1"});
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    EXPECT_THAT(result.standard_output, HasSubstr("kernels use " + target + "\n"));
    const auto array = ReadNpy(out + "/output.npy");
    EXPECT_TRUE(array.ok()) << array.status();
    return array.ok() ? array->values : std::vector<float>();
  }
  ProgramResult Compare(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {
        "compare",           model_,   model_, "--images", folder_ / "images", "-o",
        folder_ / "results", "--runs", "1"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    // One takes over what is there, the other writes over it.
    const bool resumes = std::find(all.begin(), all.end(), "--resume") != all.end();
    if (!resumes) all.push_back("--overwrite");
    return RunProgram(all);
  }
  std::string Instructions() {
    const auto results = ResultsFromJson(ReadFile(folder_ / "results/results.json"));
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? results->instructions.value_or("") : "";
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel", picture_ = folder_ / "images/p.png";
  const std::vector<std::string> targets_ = VectorTargets();  // The best first.
};

TEST_F(Target, IsTheBestUnlessChosen) { EXPECT_EQ(Benched({}), targets_.front()); }

TEST_F(Target, IsWhatTheOptionOrElseTheEnvironmentNames) {
  for (const std::string& target : targets_) EXPECT_EQ(Benched({"--target", target}), target);
  const Variable variable("NBITS_TARGET", targets_.back());
  EXPECT_EQ(Benched({}), targets_.back());
  EXPECT_EQ(Benched({"--target", targets_.front()}), targets_.front());
}

TEST_F(Target, IsPrinted) {
  const ProgramResult result = RunProgram({"bench", model_, "--runs", "1"});
  EXPECT_THAT(result.standard_output, HasSubstr(targets_.front() + " vector instructions\n"));
}

// Sets differ in width and in fused additions, and so in the last bits of what they compute.
TEST_F(Target, DecidesWhichKernelsRun) {
  if (targets_.front() == targets_.back()) NBITS_LEAVE_OUT("this machine has one set of vectors");
  const std::vector<float> best = Output(targets_.front()), least = Output(targets_.back());
  ASSERT_EQ(best.size(), 64u * 64u);
  ASSERT_EQ(least.size(), best.size());
  EXPECT_NE(best, least);
  for (size_t i = 0; i < best.size(); ++i) ASSERT_NEAR(best[i], least[i], 0.01) << i;
}

TEST_F(Target, OfAComparisonIsThatOfItsProcesses) {
  ASSERT_EQ(Compare({"--target", targets_.back()}).exit_code, 0);
  EXPECT_EQ(Instructions(), targets_.back());
  const Variable variable("NBITS_TARGET", targets_.back());
  ASSERT_EQ(Compare({"--target", targets_.front()}).exit_code, 0);
  EXPECT_EQ(Instructions(), targets_.front());
  ASSERT_EQ(Compare({}).exit_code, 0);
  EXPECT_EQ(Instructions(), targets_.back());
}

TEST_F(Target, AComparisonIsNotResumedOnAnother) {
  if (targets_.front() == targets_.back()) NBITS_LEAVE_OUT("this machine has one set of vectors");
  ASSERT_EQ(Compare({"--target", targets_.back()}).exit_code, 0);
  EXPECT_EQ(Compare({"--target", targets_.back(), "--resume"}).exit_code, 0);
  const ProgramResult other = Compare({"--target", targets_.front(), "--resume"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.standard_error, HasSubstr("--resume"));
}

TEST_F(Target, UnknownOnesAreWrongUsageAndWhatThereIsIsNamed) {
  for (const std::string name : {"AVX99", "avx2", "AVX2 "}) {
    const ProgramResult result = RunProgram({"bench", model_, "--target", name});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.standard_error, HasSubstr("--target: no vector instructions \"" + name));
    for (const std::string& target : targets_) {
      EXPECT_THAT(result.standard_error, HasSubstr(target));
    }
  }
  const Variable variable("NBITS_TARGET", "AVX99");
  const ProgramResult result = Compare({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.standard_error, HasSubstr("NBITS_TARGET: no vector"));
}

}  // namespace
}  // namespace nbits::cli
