// SPDX-License-Identifier: Apache-2.0
// What nbits/target.h refuses; tests/cli/target_test.cc has what it does.
#include "nbits/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/onednn/limit.h"
#include "tests/support/left_out.h"

namespace nbits {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(VectorTargetTest, IsOneOfThoseThatThereAre) {
  EXPECT_THAT(VectorTargets(), Contains(VectorTarget()));
}

TEST(VectorTargetTest, UnknownNamesAreErrorsThatNameTheOthers) {
  const std::string before = VectorTarget();
  for (const char* name : {"", "AVX99", "avx2"}) {
    const absl::Status status = UseVectorTarget(name);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    for (const std::string& target : VectorTargets()) {
      EXPECT_THAT(std::string(status.message()), HasSubstr(target));
    }
  }
  EXPECT_EQ(VectorTarget(), before);
}

TEST(VectorTargetTest, TheOneInUseMayBeChosenAgain) {
  EXPECT_TRUE(UseVectorTarget(VectorTarget()).ok());
  EXPECT_TRUE(UseVectorTarget(VectorTarget()).ok());
}

// oneDNN takes one limit in a process: what it had stays, and so do our kernels.
TEST(VectorTargetTest, IsChosenOnce) {
  const std::string before = VectorTarget();
#if !defined(__x86_64__)
  NBITS_LEAVE_OUT("oneDNN has no vector instructions to choose from on this processor");
#endif
  onednn::LimitTo(before).IgnoreError();
  for (const std::string& target : VectorTargets()) {
    if (target == before) continue;
    EXPECT_EQ(UseVectorTarget(target).code(), absl::StatusCode::kFailedPrecondition) << target;
    EXPECT_EQ(VectorTarget(), before);
  }
}

}  // namespace
}  // namespace nbits
