// Runs a check on every instruction set of this machine that Highway has compiled for.
#ifndef NBITS_TESTS_SUPPORT_EVERY_TARGET_H_
#define NBITS_TESTS_SUPPORT_EVERY_TARGET_H_

#include <gtest/gtest.h>

#include <functional>

#include "hwy/highway.h"
#include "hwy/targets.h"

namespace nbits::testing {

inline void OnEveryTarget(const std::function<void()>& check) {
  const auto choose = [](int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  };
  int targets = 0;
  for (int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
    choose(rest & -rest);
    SCOPED_TRACE(hwy::TargetName(rest & -rest));
    check();
    ++targets;
    hwy::SetSupportedTargetsForTest(0);
  }
  choose(0);
  EXPECT_GT(targets, 0);
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_SUPPORT_EVERY_TARGET_H_
