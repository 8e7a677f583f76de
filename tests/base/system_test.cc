// SPDX-License-Identifier: Apache-2.0
#include "base/system.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

namespace nbits {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::Not;

std::string NameIn(const char* text) {
  std::istringstream cpuinfo(text);
  return ProcessorNameIn(cpuinfo);
}

TEST(System, NamesTheProcessor) {
  EXPECT_EQ(NameIn("processor\t: 0\nmodel\t\t: 85\nmodel name\t: Xeon @ 2 GHz\nmodel name\t: B\n"),
            "Xeon @ 2 GHz");
  EXPECT_EQ(NameIn("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n"),
            "Arm, implementer 0x41, part 0xd08");
  EXPECT_EQ(NameIn("processor\t: 0\n"), "");
  EXPECT_THAT(ProcessorName(), Not(IsEmpty()));
}

TEST(System, KnowsItsMemory) {
  EXPECT_GT(PeakMemoryBytes(), 1 << 20);
  EXPECT_GT(MachineMemoryBytes(), PeakMemoryBytes());
  EXPECT_GT(AvailableMemoryBytes(), 0);
  EXPECT_LE(AvailableMemoryBytes(), MachineMemoryBytes());
}

TEST(System, KnowsItsProgram) {
  const auto path = ProgramPath();
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_TRUE(std::filesystem::path(*path).is_absolute());
  EXPECT_THAT(*path, EndsWith("base_test"));
  const std::vector<std::string> arguments = ProcessArguments();
  ASSERT_FALSE(arguments.empty());
  EXPECT_THAT(arguments[0], EndsWith("base_test"));
}

TEST(System, SocketsAreConnectedAndRaiseNoSignal) {
  const auto sockets = ConnectedSockets();
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  const auto [ours, theirs] = *sockets;
  EXPECT_EQ(WriteWithoutSignal(ours, "abc", 3), 3);
  char text[4] = {};
  EXPECT_EQ(read(theirs, text, sizeof(text)), 3);
  EXPECT_STREQ(text, "abc");
  close(theirs);
  EXPECT_EQ(WriteWithoutSignal(ours, "abc", 3), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ours);
}

}  // namespace
}  // namespace nbits
