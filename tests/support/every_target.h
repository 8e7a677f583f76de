// SPDX-License-Identifier: Apache-2.0
// Which instruction sets a check runs on, of those that Highway has compiled for.
#ifndef NBITS_TESTS_SUPPORT_EVERY_TARGET_H_
#define NBITS_TESTS_SUPPORT_EVERY_TARGET_H_

#include <gtest/gtest.h>

#include <functional>

#include "hwy/highway.h"
#include "hwy/targets.h"

namespace nbits::testing {

// All kernels use the best of these targets from now on.
inline void UseTargets(int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

// Runs a check on every target that this machine has and UseTargets has left.
inline void OnEveryTarget(const std::function<void()>& check) {
  const int64_t before = hwy::SupportedTargets();
  int targets = 0;
  for (int64_t rest = before & HWY_TARGETS; rest != 0; rest &= rest - 1) {
    UseTargets(rest & -rest);
    SCOPED_TRACE(hwy::TargetName(rest & -rest));
    check();
    ++targets;
  }
  UseTargets(before);
  EXPECT_GT(targets, 0);
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_SUPPORT_EVERY_TARGET_H_
