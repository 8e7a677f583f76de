// SPDX-License-Identifier: Apache-2.0
// With NBITS_TARGET=AVX2 (or another of Highway's names) in the environment all tests run on that
// instruction set alone: as on a machine that has no better one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/every_target.h"
#include "tests/support/left_out.h"

namespace nbits {
namespace {

// 0: this machine has none of that name.
int64_t TargetOf(const std::string& name) {
  for (int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
    if (name == hwy::TargetName(rest & -rest)) return rest & -rest;
  }
  return 0;
}

class TargetEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    const char* name = std::getenv("NBITS_TARGET");
    if (name == nullptr) return;
    const int64_t target = TargetOf(name);
    if (target == 0) NBITS_LEAVE_OUT("this machine does not have " << name);
    testing::UseTargets(target);
  }
};

[[maybe_unused]] ::testing::Environment* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new TargetEnvironment);

}  // namespace
}  // namespace nbits
