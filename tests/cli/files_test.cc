// SPDX-License-Identifier: Apache-2.0
// What the program writes and reads besides regular files, and what it leaves when it is ended.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "nbits/image.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/expect.h"
#include "tests/support/made_models.h"

namespace nbits::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

bool IsDevice(const char* path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISCHR(info.st_mode);
}

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() { WriteFile(model_, DenseModel().SerializeAsString()); }
  ProgramResult Quantize(std::vector<std::string> more) {
    more.insert(more.begin(), {"quantize", model_, "--bits", "4"});
    return RunProgram(more);
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel";
};

TEST_F(FilesTest, ReportsGoToStandardOutput) {
  const ProgramResult result = Quantize({"--report", "/dev/stdout", "--save-plan", "/dev/null"});
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_output, StartsWith("weight,layer,"));
  EXPECT_THAT(result.standard_output, ::testing::EndsWith(",\n"));  // No summary behind the table.
  EXPECT_THAT(folder_.Names(), ElementsAre("m-4-linear.mlmodel", "m.mlmodel"));
  ExpectOneLine(Quantize({"--report", "/dev/full"}), "/dev/full");
  EXPECT_TRUE(IsDevice("/dev/full") && IsDevice("/dev/null"));
}

TEST_F(FilesTest, AModelGoesWhereItsNameLeads) {
  EXPECT_EQ(Quantize({"-o", folder_ / "small"}).exit_code, 0);
  EXPECT_EQ(Quantize({"-o", folder_ / "new/v1.2"}).exit_code, 0);
  EXPECT_EQ(Quantize({"-o", folder_ / "made/"}).exit_code, 0);
  EXPECT_EQ(Quantize({"-o", "/dev/null"}).exit_code, 0);
  for (const char* name :
       {"small.mlmodel", "new/v1.2.mlmodel", "made/m-4-linear.mlmodel", "m.mlmodel"}) {
    EXPECT_TRUE(fs::is_regular_file(folder_ / name)) << name;
  }
  EXPECT_EQ(Quantize({"-o", folder_ / "small.onnx"}).exit_code, 2);
  EXPECT_TRUE(IsDevice("/dev/null"));
}

TEST_F(FilesTest, ReadsWhatAnotherProgramWrites) {
  ASSERT_EQ(mkfifo((folder_ / "table").c_str(), 0600), 0);
  std::thread writer([&] { WriteFile(folder_ / "table", "-0.5,0,0.5,1\n"); });
  const ProgramResult result =
      RunProgram({"quantize", model_, "-b", "2", "-m", "custom_lut", "--table", folder_ / "table"});
  writer.join();
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
}

TEST_F(FilesTest, RefusesAModelThatIsAFifo) {
  ASSERT_EQ(mkfifo((folder_ / "f.mlmodel").c_str(), 0600), 0);
  ExpectOneLine(RunProgram({"info", folder_ / "f.mlmodel"}), "f.mlmodel is not a regular file");
}

// A program at work.
class Started {
 public:
  Started(std::vector<std::string> arguments, const std::string& errors) {
    arguments.insert(arguments.begin(), NBITS_BINARY_DIR "/nbits");
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    id_ = fork();
    if (id_ != 0) return;
    // A background process of a shell has them ignored.
    for (const int signal : {SIGINT, SIGHUP, SIGQUIT}) ::signal(signal, SIG_DFL);
    const int nothing = open("/dev/null", O_RDWR);
    const int file = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  void Signal(int signal) const { kill(id_, signal); }
  // As a shell would say it.
  int Wait() const {
    int state = 0;
    waitpid(id_, &state, 0);
    return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
  }

 private:
  pid_t id_ = -1;
};

TEST_F(FilesTest, AnInterruptLeavesNoTemporaryFile) {
  fs::create_directory(folder_ / "out");
  constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  int interrupted = 0;
  for (int i = 0; i < 24; ++i) {
    const Started program({"quantize", kLargeSampleModel, "-b", "8", "-o", folder_ / "out/x"},
                          folder_ / "errors");
    std::this_thread::sleep_for(std::chrono::milliseconds(4 * i));
    program.Signal(kSignals[i % 4]);
    const int code = program.Wait();
    if (code != 0) {
      EXPECT_EQ(code, 128 + kSignals[i % 4]);
      ++interrupted;
    }
    fs::remove(folder_ / "out/x.mlmodel");
    EXPECT_TRUE(fs::is_empty(folder_ / "out")) << "after " << 4 * i << " ms";
  }
  EXPECT_GT(interrupted, 0);
}

TEST_F(FilesTest, AModelCutShortWhileItIsReadIsNamed) {
  fs::copy_file(kLargeSampleModel, folder_ / "large.mlmodel");
  const Started program({"bench", folder_ / "large.mlmodel", "--runs", "10000"},
                        folder_ / "errors");
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  fs::resize_file(folder_ / "large.mlmodel", 4096);
  EXPECT_EQ(program.Wait(), 1);
  EXPECT_THAT(ReadFile(folder_ / "errors"), HasSubstr("large.mlmodel: cannot be read any more"));
}

TEST_F(FilesTest, TheFolderForTemporariesIsNamed) {
  fs::create_directory(folder_ / "images");
  WriteFile(folder_ / "images/a.png", *EncodePng(nbits::testing::DiscPicture(64, 0)));
  WriteFile(folder_ / "matte.mlmodel", nbits::testing::MatteModel().SerializeAsString());
  setenv("TMPDIR", "/nonexistent/place", 1);
  const ProgramResult result =
      RunProgram({"compare", folder_ / "matte.mlmodel", folder_ / "matte.mlmodel", "--images",
                  folder_ / "images", "-o", folder_ / "out"});
  unsetenv("TMPDIR");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.standard_error, HasSubstr("/nonexistent/place"));
}

// A comparison of a network and its 8 bits on one picture, for as long as one likes.
class ComparisonFiles : public ::testing::Test {
 protected:
  ComparisonFiles() {
    fs::create_directory(folder_ / "images");
    fs::create_directory(folder_ / "temporary");
    WriteFile(folder_ / "images/a.png", *EncodePng(nbits::testing::DiscPicture(64, 0)));
    WriteFile(model_, nbits::testing::MatteModel().SerializeAsString());
    setenv("TMPDIR", (folder_ / "temporary").c_str(), 1);
  }
  ~ComparisonFiles() override { unsetenv("TMPDIR"); }
  std::vector<std::string> Sweep(const std::string& runs, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "sweep", model_, "--bits", "8",  "--modes",    "linear", "--images", folder_ / "images",
        "-o",    out_,   "--runs", runs, "--max-runs", "100000"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "matte.mlmodel", out_ = folder_ / "out";
};

TEST_F(ComparisonFiles, EndsWellByAnySignalThatAsksForIt) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Started program(Sweep("10000", {"--overwrite"}), folder_ / "errors");
    while (!fs::exists(folder_ / "out/pictures/0/image.jpg")) usleep(10'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    program.Signal(signal);
    EXPECT_EQ(program.Wait(), 128 + signal);
    EXPECT_THAT(ReadFile(folder_ / "errors"), HasSubstr("--resume goes on"));
    EXPECT_TRUE(fs::exists(folder_ / "out/report.html"));
    EXPECT_TRUE(fs::is_empty(folder_ / "temporary"));
    fs::remove_all(out_);
  }
}

TEST_F(ComparisonFiles, ASecondInterruptLeavesNoTemporaryFolder) {
  const Started program(Sweep("10000"), folder_ / "errors");
  while (fs::is_empty(folder_ / "temporary")) usleep(10'000);
  program.Signal(SIGINT);
  program.Signal(SIGTERM);
  program.Signal(SIGINT);
  EXPECT_GE(program.Wait(), 128);
  EXPECT_TRUE(fs::is_empty(folder_ / "temporary"));
}

TEST_F(ComparisonFiles, ResultsAreNotWrittenOverUnasked) {
  ASSERT_EQ(RunProgram(Sweep("1")).exit_code, 0);
  const std::string results = ReadFile(folder_ / "out/results.json");
  const ProgramResult again = RunProgram(Sweep("1"));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.standard_error, HasSubstr("matte.mlmodel"));
  EXPECT_THAT(again.standard_error, HasSubstr("--overwrite"));
  EXPECT_EQ(ReadFile(folder_ / "out/results.json"), results);
  EXPECT_EQ(RunProgram(Sweep("1", {"--overwrite"})).exit_code, 0);
  EXPECT_EQ(RunProgram(Sweep("1", {"--overwrite", "--resume"})).exit_code, 2);
}

TEST_F(ComparisonFiles, ResumingMakesOnlyTheModelsThatAreNew) {
  ASSERT_EQ(RunProgram(Sweep("1")).exit_code, 0);
  const std::string made = folder_ / "out/models/matte-8-linear.mlmodel";
  const auto time = fs::last_write_time(made);
  std::vector<std::string> more = Sweep("1", {"--resume"});
  more[3] = "8,4";
  const ProgramResult result = RunProgram(more);
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(result.standard_error, HasSubstr("new or changed: 1 of 2 variants, 0 of 1"));
  EXPECT_EQ(fs::last_write_time(made), time);
  WriteFile(made, "damaged");
  EXPECT_EQ(RunProgram(more).exit_code, 0);
  EXPECT_GT(fs::file_size(made), 1000u);
}

TEST_F(ComparisonFiles, TheTableNamesFilesFromItsFolder) {
  ASSERT_EQ(RunProgram(Sweep("1")).exit_code, 0);
  EXPECT_THAT(ReadFile(folder_ / "out/results.csv"), HasSubstr(",models/matte-8-linear.mlmodel,"));
}

}  // namespace
}  // namespace nbits::cli
