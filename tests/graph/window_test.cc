// SPDX-License-Identifier: Apache-2.0
#include "graph/window.h"

#include <gtest/gtest.h>

namespace nbits::graph {
namespace {

TEST(WindowTest, SamePaddingKeepsCeilOfInputOverStride) {
  for (int64_t input = 1; input < 20; ++input) {
    for (int64_t kernel = 1; kernel < 8; ++kernel) {
      for (int64_t stride = 1; stride < 5; ++stride) {
        Window window{.kernel = {kernel, kernel}, .stride = {stride, stride}};
        PadToSame(window, {input, input}, false);
        EXPECT_LE(window.pad_begin[0], window.pad_end[0]);
        EXPECT_LE(window.pad_end[0] - window.pad_begin[0], 1);
        const auto output = ValidOutput(window, {input, input});
        ASSERT_TRUE(output.ok()) << output.status();
        EXPECT_EQ((*output)[0], (input + stride - 1) / stride);
      }
    }
  }
}

TEST(WindowTest, TopLeftHeavyPutsTheOddValueFirst) {
  Window window{.kernel = {2, 2}};
  PadToSame(window, {5, 5}, true);
  EXPECT_EQ(window.pad_begin[0], 1);
  EXPECT_EQ(window.pad_end[0], 0);
}

TEST(WindowTest, TransposedOutputUndoesValidOutput) {
  const Window window{.kernel = {3, 5}, .stride = {2, 3}, .pad_begin = {1, 0}, .pad_end = {0, 2}};
  const auto large = TransposedOutput(window, {7, 4});
  ASSERT_TRUE(large.ok()) << large.status();
  EXPECT_EQ(*large, (Pair{6 * 2 + 3 - 1, 3 * 3 + 5 - 2}));
  EXPECT_EQ(*ValidOutput(window, *large), (Pair{7, 4}));
}

TEST(WindowTest, CompleteOutputCoversEveryPixel) {
  for (int64_t input = 1; input < 20; ++input) {
    const Window window{.kernel = {2, 2}, .stride = {2, 2}};
    const auto output = CompleteOutput(window, {input, input});
    ASSERT_TRUE(output.ok()) << output.status();
    EXPECT_EQ((*output)[0], (input + 1) / 2);
  }
}

TEST(WindowTest, RefusesWhatIsOutOfRange) {
  const Pair input = {8, 8};
  EXPECT_FALSE(ValidOutput({.stride = {0, 1}}, input).ok());
  EXPECT_FALSE(ValidOutput({.kernel = {9, 1}}, input).ok());
  EXPECT_FALSE(ValidOutput({.pad_begin = {-1, 0}}, input).ok());
  EXPECT_FALSE(TransposedOutput({.pad_begin = {9, 0}}, input).ok());
  EXPECT_FALSE(CheckWindow({.kernel = {1 << 20, 1}, .dilation = {1 << 20, 1}}).ok());
}

}  // namespace
}  // namespace nbits::graph
