// SPDX-License-Identifier: Apache-2.0
// How a test leaves itself out, and the only way: what it prints is what scripts/left-out counts
// when the suite ends, so that nothing is left out in silence (tests/scripts/left_out_test looks
// for others).
#ifndef NBITS_TESTS_SUPPORT_LEFT_OUT_H_
#define NBITS_TESTS_SUPPORT_LEFT_OUT_H_

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/corpus.h"

// Ends the test. `reason` completes "3 tests were left out: " and may be a chain of <<.
#define NBITS_LEAVE_OUT(reason) GTEST_SKIP() << "LEFT OUT: " << reason

// Ends the test where the corpus of real models is not there.
#define NBITS_NEEDS_CORPUS()                           \
  if (!std::filesystem::exists(nbits::CorpusModels())) \
  NBITS_LEAVE_OUT("they need the corpus in ../shared, which is not here")

#endif  // NBITS_TESTS_SUPPORT_LEFT_OUT_H_
