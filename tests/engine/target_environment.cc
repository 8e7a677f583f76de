// SPDX-License-Identifier: Apache-2.0
// With NBITS_TARGET=AVX2 (or another of Highway's names) in the environment all tests run on that
// instruction set alone: as on a machine that has no better one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "nbits/target.h"

namespace nbits {
namespace {

class TargetEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    const char* const name = std::getenv("NBITS_TARGET");
    if (name == nullptr) return;
    if (std::ranges::count(VectorTargets(), name) == 0) {
      // Skipping here would not keep the tests from running.
      std::cout << "LEFT OUT: this machine does not have " << name << std::endl;
      std::exit(0);
    }
    const absl::Status status = UseVectorTarget(name);
    ASSERT_TRUE(status.ok()) << status;
  }
};

[[maybe_unused]] ::testing::Environment* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new TargetEnvironment);

}  // namespace
}  // namespace nbits
