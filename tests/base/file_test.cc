#include "base/file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace nbits {
namespace {

std::string TemporaryPath(const std::string& name) { return testing::TempDir() + "/" + name; }

TEST(MappedFile, ShowsTheBytesOfTheFile) {
  const std::string path = TemporaryPath("mapped_file");
  ASSERT_TRUE(WriteFileAtomically(path, "abc").ok());
  auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->bytes().size(), 3u);
  EXPECT_EQ((*file)->bytes()[1], std::byte{'b'});
}

TEST(MappedFile, RefusesFoldersAndMissingFiles) {
  EXPECT_EQ(MappedFile::Open(testing::TempDir()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MappedFile::Open("/nonexistent/file").status().code(), absl::StatusCode::kNotFound);
}

TEST(AtomicFileWriter, LeavesTheOldFileWithoutCommit) {
  const std::string path = TemporaryPath("atomic_file");
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  {
    auto writer = AtomicFileWriter::Create(path);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->Write("half of the new").ok());
  }
  EXPECT_EQ(ReadFile(path).value(), "old");
  for (const auto& entry : std::filesystem::directory_iterator(testing::TempDir())) {
    EXPECT_EQ(entry.path().string().find("atomic_file."), std::string::npos) << entry.path();
  }
}

TEST(AtomicFileWriter, ReplacesTheFileOnCommit) {
  const std::string path = TemporaryPath("atomic_file_replaced");
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "new").ok());
  EXPECT_EQ(ReadFile(path).value(), "new");
}

TEST(AtomicFileWriter, ReservedRoomIsNoPartOfTheFile) {
  const std::string path = TemporaryPath("atomic_file_reserved");
  auto writer = AtomicFileWriter::Create(path);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->Reserve(100000).ok());
  ASSERT_TRUE(writer->Write("short").ok() && writer->Commit().ok());
  EXPECT_EQ(ReadFile(path).value(), "short");
}

}  // namespace
}  // namespace nbits
