// SPDX-License-Identifier: Apache-2.0
#include "base/files/leftovers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/files/file.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// The name that a process gave which is killed, and waited for unless it is to stay.
std::string NameOfAKilledProcess(const std::string& stem) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string name = TemporaryName(stem);
    if (write(ends[1], name.data(), name.size()) < 0) _exit(1);
    pause();
  }
  char name[1024] = {};
  EXPECT_GT(read(ends[0], name, sizeof name - 1), 0);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return name;
}

void Put(const std::string& path) {
  ASSERT_TRUE(fs::exists(path) || creat(path.c_str(), 0600) >= 0);
}

TEST(TemporaryName, SaysWhoseItIsAndFits) {
  EXPECT_THAT(TemporaryName("a/b."), MatchesRegex("a/b\\.nbits-[0-9]+-[0-9a-f]{8}-[a-z0-9]{6}"));
  EXPECT_NE(TemporaryName("x."), TemporaryName("x."));
  const std::string folder(300, 'f'), name(255, 'n');
  const std::string cut = TemporaryName(folder + "/" + name + ".");
  EXPECT_EQ(cut.size(), 300u + 1 + 255);
  EXPECT_THAT(cut, StartsWith(folder + "/nnn"));
}

TEST(RemoveLeftovers, OfKilledProcessesOnly) {
  const TestFolder folder;
  const std::string killed = NameOfAKilledProcess(folder / "out.mlmodel.");
  const std::string running = TemporaryName(folder / "out.mlmodel.");
  const std::string last = fs::path(killed).filename().string();
  const std::string process = last.substr(0, last.rfind('-'));
  Put(killed);
  fs::create_directories(absl::StrCat(killed, "~/below"));
  Put(absl::StrCat(killed, "~/below/file"));
  // Others' by one sign each: a living process, another machine, other letters, a word before it.
  const std::string others[] = {
      fs::path(running).filename().string(),
      absl::StrCat(process.substr(0, process.size() - 8), "0000000z-abcdef"),
      absl::StrCat(process, "-ABCDEF"),
      absl::StrCat(process, "-abcde"),
      absl::StrCat("x", last.substr(last.find("nbits-"))),
      "out.mlmodel",
  };
  for (const std::string& name : others) Put(folder / name);
  fs::create_symlink("out.mlmodel", absl::StrCat(killed.substr(0, killed.size() - 6), "linked"));
  RemoveLeftovers(folder.path().string());
  EXPECT_FALSE(fs::exists(killed));
  EXPECT_FALSE(fs::exists(killed + "~"));
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(folder / name)) << name;
  EXPECT_EQ(folder.Names().size(), std::size(others) + 1);  // The link, too.
}

// A writer that was killed leaves its file, and the next one into the folder takes it away.
TEST(RemoveLeftovers, AtTheNextWriteIntoTheFolder) {
  const TestFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    auto writer = AtomicFileWriter::Create(folder / "out");
    if (!writer.ok() || !writer->Write("half").ok()) _exit(1);
    kill(getpid(), SIGKILL);
  }
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFSIGNALED(state));
  EXPECT_THAT(folder.Names(), ElementsAre(StartsWith("out.nbits-")));
  ASSERT_TRUE(WriteFileAtomically(folder / "other", "text").ok());
  EXPECT_THAT(folder.Names(), ElementsAre("other"));
}

}  // namespace
}  // namespace nbits
