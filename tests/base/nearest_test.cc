// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kCommands = {"info",    "quantize", "run",   "bench",
                                            "compare", "sweep",    "report"};
const std::vector<std::string> kModes = {"linear", "linear_symmetric", "linear_lut", "kmeans_lut"};

TEST(LetterDistance, CountsSlips) {
  EXPECT_EQ(LetterDistance("quantize", "quantize"), 0);
  EXPECT_EQ(LetterDistance("quantise", "quantize"), 1);  // Another letter.
  EXPECT_EQ(LetterDistance("bits", "bit"), 1);           // One too few.
  EXPECT_EQ(LetterDistance("imges", "images"), 1);       // One too many.
  EXPECT_EQ(LetterDistance("sweep", "swepe"), 1);        // Two swapped.
  EXPECT_EQ(LetterDistance("", "run"), 3);
  EXPECT_EQ(LetterDistance("Max-Runs", "max_runs"), 0);
}

TEST(LetterDistance, StopsAtLongNames) {
  EXPECT_EQ(LetterDistance(std::string(1000, 'a'), std::string(100000, 'a')), 0);
  EXPECT_EQ(LetterDistance(std::string(1000, 'a'), std::string(1000, 'b')), 64);
}

TEST(LikelyMeant, FindsWhatWasMistyped) {
  EXPECT_THAT(LikelyMeant("quantise", kCommands, 1), ElementsAre("quantize"));
  EXPECT_THAT(LikelyMeant("rum", kCommands, 2), ElementsAre("run"));
  EXPECT_THAT(LikelyMeant("benchmark", kCommands, 1), ElementsAre("bench"));
  EXPECT_THAT(LikelyMeant("KMEANS", kModes, 1), ElementsAre("kmeans_lut"));
  EXPECT_THAT(LikelyMeant("symmetric", kModes, 1), ElementsAre("linear_symmetric"));
  EXPECT_THAT(LikelyMeant("kmens", kModes, 1), ElementsAre("kmeans_lut"));
  EXPECT_THAT(LikelyMeant("--bit", {"--bits", "--mode"}, 1), ElementsAre("--bits"));
}

TEST(LikelyMeant, IsSilentAboutOtherWords) {
  EXPECT_THAT(LikelyMeant("frobnicate", kCommands, 1), IsEmpty());
  EXPECT_THAT(LikelyMeant("model.mlmodel", kCommands, 1), IsEmpty());
  EXPECT_THAT(LikelyMeant("", kCommands, 1), IsEmpty());
  EXPECT_THAT(LikelyMeant("9", {"8", "16"}, 1), IsEmpty());
}

TEST(NearestNames, AreThere) {
  const std::vector<std::string> layers = {"MobilenetV2/Conv/Conv2D", "concat_projection", "conv2",
                                           "logits"};
  EXPECT_THAT(NearestNames("conv1", layers, 2), ElementsAre("conv2", "logits"));
  EXPECT_THAT(NearestNames("Conv2D", layers, 2), ElementsAre("conv2", "MobilenetV2/Conv/Conv2D"));
  EXPECT_THAT(NearestNames("conv1", {}, 3), IsEmpty());
}

}  // namespace
}  // namespace nbits
