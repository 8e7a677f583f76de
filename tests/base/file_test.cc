// SPDX-License-Identifier: Apache-2.0
#include "base/files/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

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

TEST(AtomicFileWriter, RefusesAFileThatNobodyMayWriteAsRootToo) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "old").ok());
  ASSERT_EQ(chmod((folder / "file").c_str(), 0444), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(WriteFileAtomically(folder / "file", "new")));
  EXPECT_EQ(ReadFile(folder / "file").value(), "old");
}

TEST(AtomicFileWriter, FollowsLinksToWhatIsThereOrWillBe) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "old").ok());
  ASSERT_EQ(symlink("file", (folder / "link").c_str()), 0);
  ASSERT_EQ(symlink((folder / "link").c_str(), (folder / "chain").c_str()), 0);
  ASSERT_EQ(symlink("later", (folder / "dangling").c_str()), 0);
  ASSERT_EQ(symlink("round", (folder / "round").c_str()), 0);
  EXPECT_TRUE(WriteFileAtomically(folder / "chain", "new").ok());
  EXPECT_TRUE(WriteFileAtomically(folder / "dangling", "first").ok());
  EXPECT_FALSE(WriteFileAtomically(folder / "round", "never").ok());
  EXPECT_EQ(ReadFile(folder / "file").value(), "new");
  EXPECT_EQ(ReadFile(folder / "later").value(), "first");
  for (const char* name : {"link", "chain", "dangling"}) {
    EXPECT_TRUE(std::filesystem::is_symlink(folder / name)) << name;
  }
}

bool IsDevice(const char* path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISCHR(info.st_mode);
}

TEST(AtomicFileWriter, WritesToDevicesAndLeavesThem) {
  const TestFolder folder;
  ASSERT_EQ(symlink("/dev/null", (folder / "null").c_str()), 0);
  EXPECT_TRUE(WriteFileAtomically("/dev/null", "text").ok());
  EXPECT_TRUE(WriteFileAtomically(folder / "null", "text").ok());
  const absl::Status full = WriteFileAtomically("/dev/full", "text");
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_TRUE(IsDevice("/dev/null") && IsDevice("/dev/full"));
}

TEST(AtomicFileWriter, WritesIntoAFifo) {
  const TestFolder folder;
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  std::string text;
  std::thread reader([&] { text = ReadFile(folder / "fifo").value_or("nothing"); });
  EXPECT_TRUE(WriteFileAtomically(folder / "fifo", "through").ok());
  reader.join();
  EXPECT_EQ(text, "through");
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "fifo"));
}

// As `command > file` leaves it: what is written goes on from there, and the file stays the same.
TEST(AtomicFileWriter, WritesOnWhereADescriptorStands) {
  const TestFolder folder;
  const int descriptor = open((folder / "file").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(write(descriptor, "before ", 7), 7);
  const std::string name = "/dev/fd/" + std::to_string(descriptor);
  EXPECT_TRUE(WriteFileAtomically(name, "now ").ok());
  ASSERT_EQ(write(descriptor, "after", 5), 5);
  close(descriptor);
  EXPECT_EQ(ReadFile(folder / "file").value(), "before now after");
  EXPECT_THAT(folder.Names(), ::testing::ElementsAre("file"));
}

TEST(MakeFolder, MakesThoseAroundItAndNamesWhatItCannotMake) {
  const TestFolder folder;
  EXPECT_TRUE(MakeFolder(folder / "a/b").ok());
  EXPECT_TRUE(MakeFolder(folder / "a/b").ok());  // It is there.
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b"));
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "x").ok());
  for (const std::string& path : {folder / "file", folder / "file/below"}) {
    EXPECT_EQ(std::string(MakeFolder(path).message()),
              "cannot make the folder " + path + ": Not a directory");
  }
  EXPECT_TRUE(MakeFolderFor("file").ok());  // Here, where there is one.
}

TEST(CheckWritable, MakesTheFolderAndNothingElse) {
  const TestFolder folder;
  EXPECT_TRUE(CheckWritable(folder / "a/b/file").ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder / "a/b"));
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "old").ok());
  EXPECT_FALSE(CheckWritable(folder / "file/below").ok());
  EXPECT_TRUE(CheckWritable(folder / "file").ok());
  EXPECT_EQ(ReadFile(folder / "file").value(), "old");
}

TEST(ReadFile, EndsWhereNobodyWritesOrNothingEnds) {
  const TestFolder folder;
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsUnavailable(ReadFile(folder / "fifo").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MappedFile::Open(folder / "fifo").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile("/dev/zero").status()));
  EXPECT_EQ(ReadFile("/dev/null").value(), "");
}

TEST(MappedFile, KnowsWhichFileAnAddressIsOf) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "abc").ok());
  const pid_t child = fork();  // No mapping can be made or go afterwards.
  if (child == 0) {
    const auto file = MappedFile::Open(folder / "file");
    const char* path = MappedFile::PathAt((*file)->bytes().data() + 2);
    _exit(path != nullptr && path == folder / "file" ? 0 : 1);
  }
  int state = 0;
  EXPECT_TRUE(waitpid(child, &state, 0) == child && WIFEXITED(state) && WEXITSTATUS(state) == 0);
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
