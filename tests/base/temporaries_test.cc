// SPDX-License-Identifier: Apache-2.0
#include "base/files/temporaries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/files/file.h"
#include "base/system.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

// In a process of its own, which ends there: so it is meant.
TEST(Temporaries, AreRemovedWithTheFoldersFiles) {
  const TestFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    const TemporaryNote first(folder / "first"), second(folder / "second");
    TemporaryNote kept(folder / "kept");
    const TemporaryNote whole(folder / "whole", /*is_folder=*/true);
    std::filesystem::create_directory(folder / "whole");
    for (const char* name : {"first", "second", "kept", "other", "whole/a", "whole/b"}) {
      if (!WriteFileAtomically(folder / name, "text").ok()) _exit(1);
    }
    kept = {};
    RemoveTemporaries();
    _exit(0);
  }
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0);
  EXPECT_THAT(folder.Names(), ::testing::ElementsAre("kept", "other"));
}

TEST(RemoveFolderTree, RemovesManyFilesAndFoldersBelow) {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "many");
  for (int i = 0; i < 300; ++i) {
    const std::string name = "a rather long name, so that several lists are needed ";
    ASSERT_TRUE(WriteFileAtomically(folder / ("many/" + name + std::to_string(i)), "").ok());
  }
  RemoveFolderTree((folder / "many").c_str());
  std::filesystem::create_directories(folder / "deep/below");
  std::filesystem::create_directories(folder / "kept");
  std::filesystem::create_symlink(folder / "kept", folder / "deep/below/link");
  RemoveFolderTree((folder / "deep").c_str());
  EXPECT_THAT(folder.Names(), ::testing::ElementsAre("kept"));
}

TEST(FolderForTemporaries, IsNamedWhenItIsNotThere) {
  const char* before = std::getenv("TMPDIR");
  const std::string old = before == nullptr ? "" : before;
  setenv("TMPDIR", "/nonexistent/place", 1);
  EXPECT_THAT(std::string(FolderForTemporaries().status().message()),
              ::testing::HasSubstr("/nonexistent/place"));
  if (before == nullptr) {
    unsetenv("TMPDIR");
  } else {
    setenv("TMPDIR", old.c_str(), 1);
  }
}

}  // namespace
}  // namespace nbits
