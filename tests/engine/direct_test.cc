// SPDX-License-Identifier: Apache-2.0
// The direct convolutions against the plain one: kernels, strides, dilations and paddings of all
// kinds, planar pictures, few output channels, every instruction set.
#include <gtest/gtest.h>

#include "engine/kernels/direct/dot_rows.h"
#include "tests/engine/convolution_case.h"

namespace nbits {
namespace {

using graph::Window;
using testing::ConvolutionCase;
using testing::ExpectConvolution;
using testing::kFloatTolerance;
using testing::kHalfTolerance;
using testing::MakeRunner;
using testing::NodeRunner;

TEST(DirectTest, KernelsAndStrides) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{20, 35, 11, 53, {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}},
          ConvolutionCase{33, 16, 9, 12, {{5, 5}, {1, 1}, {1, 1}, {2, 2}, {2, 2}}},
          ConvolutionCase{16, 40, 12, 9, {{1, 7}, {1, 1}, {1, 1}, {0, 3}, {0, 3}}},
          ConvolutionCase{17, 18, 12, 9, {{7, 1}, {1, 2}, {1, 1}, {3, 0}, {3, 0}}},
          ConvolutionCase{16, 16, 30, 31, {{3, 3}, {3, 4}, {2, 1}, {0, 1}, {5, 2}}},
          ConvolutionCase{16, 16, 21, 20, {{3, 3}, {1, 2}, {3, 4}, {3, 4}, {3, 4}}},
          ConvolutionCase{16, 16, 1, 1, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}}}) {
      NodeRunner runner = MakeRunner(c, 2);
      ExpectConvolution(runner, kBlockedFormat, "direct", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "direct", kHalfTolerance);
    }
  });
}

TEST(DirectTest, PlanarPictures) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{3, 20, 17, 50, {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}},
          ConvolutionCase{1, 64, 9, 14, {{5, 3}, {1, 1}, {1, 2}, {2, 2}, {2, 2}}},
          ConvolutionCase{4, 9, 30, 31, {{7, 7}, {3, 4}, {1, 1}, {0, 3}, {3, 0}}}}) {
      NodeRunner runner = MakeRunner(c, 2);
      ExpectConvolution(runner, kPlanarFormat, "direct", kFloatTolerance);
    }
  });
}

TEST(DirectTest, FewOutputs) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{64, 1, 9, 70, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}},
          ConvolutionCase{21, 8, 13, 14, {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}},
          ConvolutionCase{8, 3, 13, 14, {{5, 1}, {1, 1}, {2, 1}, {4, 0}, {4, 0}}}}) {
      NodeRunner runner = MakeRunner(c, 2);
      ExpectConvolution(runner, kBlockedFormat, "few outputs", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "few outputs", kFloatTolerance);
    }
  });
}

}  // namespace
}  // namespace nbits
