// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
