// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbits {
namespace {

using ::testing::HasSubstr;

TEST(Process, AnswersLinesWithLines) {
  auto cat = Process::Start({"/bin/cat"});
  ASSERT_TRUE(cat.ok()) << cat.status();
  for (const std::string line : {"one", "", "three"}) {
    ASSERT_TRUE(cat->Send(line).ok());
    EXPECT_EQ(cat->Receive().value(), line);
  }
}

TEST(Process, LinesMayBeLongerThanAPipe) {
  auto cat = Process::Start({"/bin/cat"});
  ASSERT_TRUE(cat.ok()) << cat.status();
  const std::string line(100000, 'x');
  ASSERT_TRUE(cat->Send(line).ok());
  EXPECT_EQ(cat->Receive().value(), line);
}

TEST(Process, SaysHowTheChildEnded) {
  auto failed = Process::Start({"/bin/sh", "-c", "exit 3"});
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_THAT(std::string(failed->Receive().status().message()), HasSubstr("exit code 3"));
  auto killed = Process::Start({"/bin/sh", "-c", "kill -9 $$"});
  ASSERT_TRUE(killed.ok()) << killed.status();
  EXPECT_THAT(std::string(killed->Receive().status().message()), HasSubstr("signal 9"));
}

TEST(Process, WritingToADeadChildIsAnErrorNotASignal) {
  auto failed = Process::Start({"/bin/sh", "-c", "exit 0"});
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_FALSE(failed->Receive().ok());
  EXPECT_FALSE(failed->Send("hello").ok());
}

TEST(Process, AChildThatDiedBetweenTwoLinesIsNamedAsSuch) {
  auto killed = Process::Start({"/bin/sh", "-c", "kill -9 $$"});
  ASSERT_TRUE(killed.ok()) << killed.status();
  absl::Status status;
  while (status.ok()) status = killed->Send(std::string(1 << 16, 'x'));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the model's process was ended by signal 9"));
}

TEST(Process, MissingProgramIsNamed) {
  const auto process = Process::Start({"/nonexistent/program"});
  EXPECT_THAT(std::string(process.status().message()), HasSubstr("/nonexistent/program"));
}

}  // namespace
}  // namespace nbits
