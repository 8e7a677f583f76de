// SPDX-License-Identifier: Apache-2.0
#include "base/memory_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "base/cgroup.h"
#include "base/files/file.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;

TEST(ParseByteCount, TakesUnitsAndNothingElse) {
  EXPECT_EQ(ParseByteCount("100000").value(), 100000);
  EXPECT_EQ(ParseByteCount("2G").value(), 2'000'000'000);
  EXPECT_EQ(ParseByteCount("1.5k").value(), 1500);
  EXPECT_EQ(ParseByteCount(" 512MiB").value(), 512 << 20);
  EXPECT_EQ(ParseByteCount("64 MB").value(), 64'000'000);
  EXPECT_EQ(ParseByteCount("1Ki").value(), 1024);
  EXPECT_EQ(ParseByteCount("3 b").value(), 3);
  EXPECT_EQ(ParseByteCount("7B").value(), 7);
  for (const char* text :
       {"", "G", "2X", "2GG", "-1", "I", "1iB", "1e9", "nan", "99999999T", "2 G 3"}) {
    EXPECT_FALSE(ParseByteCount(text).ok()) << text;
  }
}

TEST(CheckMemory, ComparesWithTheLimitAndTheMachine) {
  EXPECT_TRUE(CheckMemory(1000, "little").ok());
  const absl::Status much = CheckMemory(int64_t{1} << 60, "layer 'big'");
  EXPECT_TRUE(absl::IsResourceExhausted(much));
  EXPECT_THAT(std::string(much.message()), HasSubstr("layer 'big' needs 1152921505 GB of memory"));
  SetMemoryLimit(int64_t{64} << 20);
  EXPECT_FALSE(CheckMemory(int64_t{65} << 20, "more").ok());
  SetMemoryLimit(0);
  EXPECT_TRUE(CheckMemory(int64_t{65} << 20, "more").ok());
}

// What is held already counts.
TEST(CheckMemory, SeesManySmallPieces) {
  SetMemoryLimit(int64_t{160} << 20);
  std::vector<std::vector<char>> held;
  absl::Status status;
  while (held.size() < 1000 && status.ok()) {
    status = CheckMemory(1 << 20, "a piece");
    held.emplace_back(1 << 20, 'x');
  }
  SetMemoryLimit(0);
  EXPECT_FALSE(status.ok());
  EXPECT_LT(held.size(), 200u);
}

TEST(WithoutThrowing, MakesAStatusOfThrownMemory) {
  const auto status = WithoutThrowing("the file", []() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the file"));
}

class CgroupTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    const auto path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    ASSERT_TRUE(WriteFileAtomically(path.string(), text).ok());
  }
  std::optional<int64_t> Left(const std::string& groups) {
    return MemoryLeftInGroups(groups, folder_.path().string());
  }
  TestFolder folder_;
};

TEST_F(CgroupTest, Version2CountsEveryGroupAround) {
  Write("a/memory.max", "1000\n");
  Write("a/memory.current", "900\n");
  Write("a/memory.stat", "anon 5\ninactive_file 40\n");
  Write("a/b/memory.max", "max\n");
  Write("a/b/memory.current", "10\n");
  EXPECT_EQ(Left("0::/a/b\n"), 140);
  EXPECT_EQ(Left("0::/\n"), std::nullopt);
  Write("memory.max", "500\n");
  Write("memory.current", "600\n");
  EXPECT_EQ(Left("0::/a/b\n"), 0);
}

TEST_F(CgroupTest, Version1IsFoundAtTheRootOfAContainer) {
  Write("memory/memory.limit_in_bytes", "2000\n");
  Write("memory/memory.usage_in_bytes", "500\n");
  Write("memory/memory.stat", "total_inactive_file 100\n");
  EXPECT_EQ(Left("5:cpu,cpuacct:/x\n4:memory:/docker/0123\n"), 1600);
  Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Left("4:memory:/docker/0123\n"), std::nullopt);
  EXPECT_EQ(Left("nonsense\n:::\n"), std::nullopt);
}

}  // namespace
}  // namespace nbits
