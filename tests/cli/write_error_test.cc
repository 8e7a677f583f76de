// SPDX-License-Identifier: Apache-2.0
// What can go wrong when a command writes: the target is named, and what was there stays whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/cli/crafted_model.h"
#include "tests/cli/expect.h"

namespace nbits::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A sound DenseModel in a folder, and what the tests of single commands share.
class WriteError : public ::testing::Test {
 protected:
  WriteError() { WriteFile(model_, DenseModel().SerializeAsString()); }
  ProgramResult Run(const std::string& out, const ProgramLimits& limits = {}) {
    return RunProgram({"quantize", model_, "--bits", "4", "-o", out}, limits);
  }
  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel";
};

TEST_F(WriteError, IsQuantized) {
  const ProgramResult result = Run(folder_ / "out.mlmodel");
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_error, IsEmpty());
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel", "out.mlmodel"));
}

TEST_F(WriteError, FullDiskLeavesTheOldOutputWhole) {
  WriteFile(folder_ / "out.mlmodel", "the old file");
  const ProgramResult result = Run(folder_ / "out.mlmodel", {.file_bytes = 64});
  ExpectOneLine(result, "out.mlmodel");
  EXPECT_EQ(ReadFile(folder_ / "out.mlmodel"), "the old file");
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel", "out.mlmodel"));
}

TEST_F(WriteError, FullDiskHalfWayThroughALargeFile) {
  const ProgramResult result =
      RunProgram({"quantize", kLargeSampleModel, "--bits", "4", "-o", folder_ / "out.mlmodel"},
                 {.file_bytes = 500'000});
  ExpectOneLine(result, "out.mlmodel");
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

// Permission bits do not stop root, these do.
TEST_F(WriteError, TargetThatCannotBeWrittenIsNamed) {
  ExpectOneLine(Run(model_ + "/out.mlmodel"), "cannot make the folder " + model_);
  ExpectOneLine(Run("/proc/out.mlmodel"), "/proc/out.mlmodel");
  std::filesystem::create_directory(folder_ / "taken.mlmodel");
  EXPECT_EQ(Run(folder_ / "taken.mlmodel").exit_code, 0);  // It goes into the folder.
  EXPECT_TRUE(std::filesystem::exists(folder_ / "taken.mlmodel/m-4-linear.mlmodel"));
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel", "taken.mlmodel"));
}

TEST_F(WriteError, FoldersThatCannotBeMadeAreNamedAlike) {
  const std::string below = model_ + "/below";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", kSampleModel, kSamplePicture},
        {"compare", kSampleModel, kSampleModel, "--images", kSamplePicture},
        {"sweep", kSampleModel, "--images", kSamplePicture},
        {"quantize", kSampleModel, "-b", "8", "--report", below + "/r.csv"}}) {
    std::vector<std::string> all = arguments;
    if (arguments[0] != "quantize") all.insert(all.end(), {"-o", below});
    ExpectOneLine(RunProgram(all), "cannot make the folder " + below + ": Not a directory");
  }
}

TEST_F(WriteError, ReadOnlyFolder) {
  std::filesystem::permissions(folder_ / "", std::filesystem::perms(0755));
  std::filesystem::create_directory(folder_ / "locked");
  std::filesystem::permissions(folder_ / "locked", std::filesystem::perms(0555));
  ExpectOneLine(Run(folder_ / "locked/out.mlmodel", {.as_nobody = true}), "out.mlmodel");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "locked"));
}

}  // namespace
}  // namespace nbits::cli
