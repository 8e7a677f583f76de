#include "compare/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace nbits {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kLabels = {"tench, Tinca tinca", "goldfish", "hen"};

// A file of the running test's own: tests run beside each other.
std::string Table(const std::string& text) {
  const std::string path = absl::StrCat(testing::TempDir(), "/nbits_labels_", getpid(), ".csv");
  EXPECT_TRUE(WriteFileAtomically(path, text).ok());
  return path;
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
  const auto labels = TrueLabels::Read(
      Table("picture,class\r\na.jpg,goldfish\nb,2\nc.png,\"tench, Tinca tinca\"\n"), kLabels);
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ(labels->Of("a.jpg"), 1);
  EXPECT_EQ(labels->Of("b.png"), 2);
  EXPECT_EQ(labels->Of("folder/c.png"), 0);
  EXPECT_EQ(labels->Of("hen.jpg"), -1);  // Not in the table.
  EXPECT_EQ(labels->source(), "table");
}

TEST(TrueLabels, WrongLinesAreNamed) {
  const auto labels = TrueLabels::Read(Table("a.jpg,hen\nb.jpg,whale\n"), kLabels);
  EXPECT_THAT(std::string(labels.status().message()), HasSubstr("b.jpg,whale"));
  EXPECT_FALSE(TrueLabels::Read(Table("a.jpg,3\n"), kLabels).ok());
  EXPECT_FALSE(TrueLabels::Read(Table(""), kLabels).ok());
  EXPECT_FALSE(TrueLabels::Read("/no/such/file", kLabels).ok());
}

}  // namespace
}  // namespace nbits
