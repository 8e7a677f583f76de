// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/left_out.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

TEST(MappedFile, ShowsTheBytesOfTheFile) {
  const TestFolder folder;
  const std::string path = folder / "file";
  ASSERT_TRUE(WriteFileAtomically(path, "abc").ok());
  auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->bytes().size(), 3u);
  EXPECT_EQ((*file)->bytes()[1], std::byte{'b'});
}

TEST(MappedFile, RefusesFoldersAndMissingFiles) {
  EXPECT_EQ(MappedFile::Open(TestFolder().path().string()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MappedFile::Open("/nonexistent/file").status().code(), absl::StatusCode::kNotFound);
}

TEST(AtomicFileWriter, LeavesTheOldFileWithoutCommit) {
  const TestFolder folder;
  const std::string path = folder / "file";
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  {
    auto writer = AtomicFileWriter::Create(path);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->Write("half of the new").ok());
  }
  EXPECT_EQ(ReadFile(path).value(), "old");
  EXPECT_THAT(folder.Names(), ::testing::ElementsAre("file"));
}

TEST(AtomicFileWriter, ReplacesTheFileOnCommit) {
  const TestFolder folder;
  const std::string path = folder / "file";
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "new").ok());
  EXPECT_EQ(ReadFile(path).value(), "new");
}

// Nothing is protected from root: another user tries, in a process of its own. 0: refused for that
// reason; 1: not refused; 2: it cannot be another user.
int WriteAsNobody(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(2);
    _exit(absl::IsPermissionDenied(WriteFileAtomically(path, "new")) ? 0 : 1);
  }
  int state = 0;
  return waitpid(child, &state, 0) == child && WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

TEST(AtomicFileWriter, LeavesAProtectedFileThoughItsFolderIsOpen) {
  const TestFolder folder;
  const std::string path = folder / "file";
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  ASSERT_EQ(chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  const int outcome = WriteAsNobody(path);
  if (outcome == 2) NBITS_LEAVE_OUT("root may not become another user here");
  EXPECT_EQ(outcome, 0);
  EXPECT_EQ(ReadFile(path).value(), "old");
  EXPECT_THAT(folder.Names(), ::testing::ElementsAre("file"));
  // It is the protection that counts.
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  EXPECT_EQ(WriteAsNobody(path), 1);
  EXPECT_EQ(ReadFile(path).value(), "new");
}

TEST(AtomicFileWriter, ReservedRoomIsNoPartOfTheFile) {
  const TestFolder folder;
  const std::string path = folder / "file";
  auto writer = AtomicFileWriter::Create(path);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->Reserve(100000).ok());
  ASSERT_TRUE(writer->Write("short").ok() && writer->Commit().ok());
  EXPECT_EQ(ReadFile(path).value(), "short");
}

}  // namespace
}  // namespace nbits
