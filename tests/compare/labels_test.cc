// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/file.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kLabels = {"tench, Tinca tinca", "goldfish", "hen"};

absl::StatusOr<TrueLabels> ReadTable(const std::string& text) {
  const TestFolder folder;
  const std::string path = folder / "labels.csv";
  EXPECT_TRUE(WriteFileAtomically(path, text).ok());
  return TrueLabels::Read(path, kLabels);
}

TEST(TrueLabels, WithoutATableFoldersAndNamesSpeak) {
  const auto labels = TrueLabels::Read("", kLabels);
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ(labels->Of("n01440764_tench.JPEG"), 0);
  EXPECT_EQ(labels->source(), "file names");
  EXPECT_EQ(labels->Of("hen/0001.jpg"), 2);
  EXPECT_EQ(labels->source(), "folders");
  EXPECT_EQ(labels->Of("1/0001.jpg"), 1);
  EXPECT_EQ(labels->Of("0001.jpg"), -1);
}

TEST(TrueLabels, TheTableDecides) {
  const auto labels =
      ReadTable("picture,class\r\na.jpg,goldfish\nb,2\nc.png,\"tench, Tinca tinca\"\n");
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ(labels->Of("a.jpg"), 1);
  EXPECT_EQ(labels->Of("b.png"), 2);
  EXPECT_EQ(labels->Of("folder/c.png"), 0);
  EXPECT_EQ(labels->Of("hen.jpg"), -1);  // Not in the table.
  EXPECT_EQ(labels->source(), "table");
}

TEST(TrueLabels, WrongLinesAreNamed) {
  const auto labels = ReadTable("a.jpg,hen\nb.jpg,whale\n");
  EXPECT_THAT(std::string(labels.status().message()), HasSubstr("b.jpg,whale"));
  EXPECT_FALSE(ReadTable("a.jpg,3\n").ok());
  EXPECT_FALSE(ReadTable("").ok());
  EXPECT_FALSE(TrueLabels::Read("/no/such/file", kLabels).ok());
}

}  // namespace
}  // namespace nbits
