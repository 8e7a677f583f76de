// SPDX-License-Identifier: Apache-2.0
// Convolution, deconvolution and pooling against values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using ::testing::ElementsAre;
using testing::Fill;
using ::testing::FloatNear;
using ::testing::Pointwise;
using testing::Set;
using testing::TestNetwork;

// Both the plain kernels and the fast ones.
class WindowTest : public ::testing::TestWithParam<bool> {
 protected:
  Tensor Run(TestNetwork& network, const Tensor& input) {
    network.Input("in", input.shape).Output("out");
    const auto outputs = network.Run({{"in", input}}, {.plain = GetParam()});
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    return outputs.ok() ? outputs->at("out") : Tensor{};
  }
  static schema::ConvolutionLayerParams& Convolution(TestNetwork& network, int64_t outputs,
                                                     int64_t inputs, int64_t kernel) {
    auto& params = *network.Layer().mutable_convolution();
    params.set_outputchannels(outputs);
    params.set_kernelchannels(inputs);
    Set(params.mutable_kernelsize(), {kernel, kernel});
    params.mutable_valid();
    return params;
  }
  static schema::PoolingLayerParams& Pooling(TestNetwork& network,
                                             schema::PoolingLayerParams::PoolingType type,
                                             int64_t kernel, int64_t stride) {
    auto& params = *network.Layer().mutable_pooling();
    params.set_type(type);
    Set(params.mutable_kernelsize(), {kernel, kernel});
    Set(params.mutable_stride(), {stride, stride});
    return params;
  }
};

void AddBorders(schema::BorderAmounts* amounts, int top, int bottom, int left, int right) {
  auto* rows = amounts->add_borderamounts();
  rows->set_startedgesize(top);
  rows->set_endedgesize(bottom);
  auto* columns = amounts->add_borderamounts();
  columns->set_startedgesize(left);
  columns->set_endedgesize(right);
}

TEST_P(WindowTest, ConvolutionIsACorrelation) {
  TestNetwork network;
  auto& params = Convolution(network, 1, 1, 2);
  Fill(params.mutable_weights(), {1, 10, 100, 1000});
  params.set_hasbias(true);
  Fill(params.mutable_bias(), {0.5});
  const Tensor out = Run(network, Counting({1, 1, 2, 3}));
  EXPECT_THAT(out.shape, ElementsAre(1, 1, 1, 2));
  EXPECT_THAT(out.values, ElementsAre(5421.5, 6532.5));
}

TEST_P(WindowTest, DilationSpreadsTheKernel) {
  TestNetwork network;
  auto& params = Convolution(network, 1, 1, 2);
  Set(params.mutable_dilationfactor(), {2, 2});
  Fill(params.mutable_weights(), {1, 10, 100, 1000});
  const Tensor out = Run(network, Counting({1, 1, 3, 3}));
  EXPECT_THAT(out.values, ElementsAre(1 + 30 + 700 + 9000));
}

TEST_P(WindowTest, GroupsSeeTheirOwnChannels) {
  TestNetwork network;
  auto& params = Convolution(network, 4, 1, 1);
  params.set_ngroups(2);
  Fill(params.mutable_weights(), {1, 2, 10, 20});
  const Tensor out = Run(network, Counting({1, 2, 1, 2}));
  EXPECT_THAT(out.values, ElementsAre(1, 2, 2, 4, 30, 40, 60, 80));
}

// Five values in steps of 2: three outputs, of which padding is needed for 1 + 1 values; four
// values need 0 + 1, or 1 + 0 when the top left is to be heavy.
TEST_P(WindowTest, SamePaddingPutsTheOddValueWhereTheFileSays) {
  for (bool top_left : {false, true}) {
    TestNetwork network;
    auto& params = Convolution(network, 1, 1, 3);
    Set(params.mutable_kernelsize(), {1, 3});
    Set(params.mutable_stride(), {1, 2});
    params.mutable_same()->set_asymmetrymode(top_left ? schema::SamePadding::TOP_LEFT_HEAVY
                                                      : schema::SamePadding::BOTTOM_RIGHT_HEAVY);
    Fill(params.mutable_weights(), {1, 10, 100});
    const Tensor out = Run(network, Counting({1, 1, 1, 4}));
    if (top_left) {
      EXPECT_THAT(out.values, ElementsAre(210, 432));
    } else {
      EXPECT_THAT(out.values, ElementsAre(321, 43));
    }
  }
}

TEST_P(WindowTest, BorderAmountsMayDifferOnEverySide) {
  TestNetwork network;
  auto& params = Convolution(network, 1, 1, 1);
  Fill(params.mutable_weights(), {2});
  AddBorders(params.mutable_valid()->mutable_paddingamounts(), 1, 0, 0, 2);
  const Tensor out = Run(network, Counting({1, 1, 1, 2}));
  EXPECT_THAT(out.shape, ElementsAre(1, 1, 2, 4));
  EXPECT_THAT(out.values, ElementsAre(0, 0, 0, 0, 2, 4, 0, 0));
}

TEST_P(WindowTest, DeconvolutionScattersTheKernel) {
  TestNetwork network;
  auto& params = Convolution(network, 1, 1, 3);
  params.set_isdeconvolution(true);
  Set(params.mutable_kernelsize(), {1, 3});
  Set(params.mutable_stride(), {1, 2});
  Fill(params.mutable_weights(), {1, 10, 100});
  const Tensor out = Run(network, Counting({1, 1, 1, 2}));
  EXPECT_THAT(out.values, ElementsAre(1, 10, 102, 20, 200));
}

TEST_P(WindowTest, DeconvolutionCropsWhatItsPaddingSays) {
  TestNetwork network;
  auto& params = Convolution(network, 1, 1, 3);
  params.set_isdeconvolution(true);
  Set(params.mutable_kernelsize(), {1, 3});
  Set(params.mutable_stride(), {1, 2});
  AddBorders(params.mutable_valid()->mutable_paddingamounts(), 0, 0, 1, 0);
  Fill(params.mutable_weights(), {1, 10, 100});
  EXPECT_THAT(Run(network, Counting({1, 1, 1, 2})).values, ElementsAre(10, 102, 20, 200));
}

TEST_P(WindowTest, SameDeconvolutionMultipliesTheExtent) {
  TestNetwork network;
  auto& params = Convolution(network, 1, 1, 3);
  params.set_isdeconvolution(true);
  Set(params.mutable_kernelsize(), {1, 3});
  Set(params.mutable_stride(), {1, 2});
  params.mutable_same();
  Fill(params.mutable_weights(), {1, 10, 100});
  EXPECT_THAT(Run(network, Counting({1, 1, 1, 2})).values, ElementsAre(1, 10, 102, 20));
}

// Weights of a deconvolution are [inputs, outputs of the group, height, width].
TEST_P(WindowTest, DeconvolutionInGroups) {
  TestNetwork network;
  auto& params = Convolution(network, 4, 2, 1);
  params.set_isdeconvolution(true);
  params.set_ngroups(2);
  Fill(params.mutable_weights(), {1, 2, 10, 20});
  const Tensor out = Run(network, Counting({1, 2, 1, 2}));
  EXPECT_THAT(out.values, ElementsAre(1, 2, 2, 4, 30, 40, 60, 80));
}

TEST_P(WindowTest, BatchnormAndActivationBehindAConvolution) {
  TestNetwork network;
  auto& convolution = *network.Layer({"in"}, {"a"}).mutable_convolution();
  convolution.set_outputchannels(2);
  convolution.set_kernelchannels(1);
  Set(convolution.mutable_kernelsize(), {1, 1});
  convolution.mutable_valid();
  Fill(convolution.mutable_weights(), {1, -1});
  auto& norm = *network.Layer({"a"}, {"b"}).mutable_batchnorm();
  norm.set_channels(2);
  norm.set_epsilon(1);
  Fill(norm.mutable_gamma(), {2, 4});
  Fill(norm.mutable_beta(), {1, 10});
  Fill(norm.mutable_mean(), {1, 0});
  Fill(norm.mutable_variance(), {3, 0});
  network.Layer({"b"}).mutable_activation()->mutable_relu();
  const Tensor out = Run(network, Counting({1, 1, 1, 3}));
  EXPECT_THAT(out.values, Pointwise(FloatNear(1e-5f), {1, 2, 3, 6, 2, 0}));
}

TEST_P(WindowTest, MaximumPooling) {
  TestNetwork network;
  Pooling(network, schema::PoolingLayerParams::MAX, 2, 2).mutable_valid();
  EXPECT_THAT(Run(network, Counting({1, 1, 3, 5})).values, ElementsAre(7, 9));
}

TEST_P(WindowTest, AverageCountsPaddingUnlessTold) {
  for (bool exclude : {false, true}) {
    TestNetwork network;
    auto& params = Pooling(network, schema::PoolingLayerParams::AVERAGE, 2, 2);
    params.set_avgpoolexcludepadding(exclude);
    AddBorders(params.mutable_valid()->mutable_paddingamounts(), 1, 1, 1, 1);
    const Tensor out = Run(network, Counting({1, 1, 2, 2}));
    if (exclude) {
      EXPECT_THAT(out.values, ElementsAre(1, 2, 3, 4));
    } else {
      EXPECT_THAT(out.values, ElementsAre(0.25, 0.5, 0.75, 1));
    }
  }
}

// Rounded up, the windows of a row of 5 end at 2, 4 and 6: the last sees one value. The average
// divides by what the input and its padding have.
TEST_P(WindowTest, IncludeLastPixelRoundsUp) {
  TestNetwork network;
  auto& params = Pooling(network, schema::PoolingLayerParams::AVERAGE, 2, 2);
  Set(params.mutable_kernelsize(), {1, 2});
  Set(params.mutable_stride(), {1, 2});
  params.mutable_includelastpixel();
  EXPECT_THAT(Run(network, Counting({1, 1, 1, 5})).values, ElementsAre(1.5, 3.5, 5));
}

// With padding, a window that would begin behind the input is dropped.
TEST_P(WindowTest, IncludeLastPixelDropsWindowsInThePadding) {
  TestNetwork network;
  auto& params = Pooling(network, schema::PoolingLayerParams::MAX, 2, 2);
  Set(params.mutable_kernelsize(), {1, 2});
  Set(params.mutable_stride(), {1, 2});
  Set(params.mutable_includelastpixel()->mutable_paddingamounts(), {0, 1});
  // Windows begin at -1, 1, 3 and 5; the last would begin behind the four values and the padding.
  EXPECT_THAT(Run(network, Counting({1, 1, 1, 4})).values, ElementsAre(1, 3, 4));
}

TEST_P(WindowTest, L2PoolingIsTheRootOfTheSumOfSquares) {
  TestNetwork network;
  Pooling(network, schema::PoolingLayerParams::L2, 1, 1).set_globalpooling(true);
  EXPECT_THAT(Run(network, {{1, 2, 1, 2}, {3, 4, 5, 12}}).values, ElementsAre(5, 13));
}

TEST_P(WindowTest, SamePooling) {
  TestNetwork network;
  auto& params = Pooling(network, schema::PoolingLayerParams::MAX, 3, 2);
  Set(params.mutable_kernelsize(), {1, 3});
  Set(params.mutable_stride(), {1, 2});
  params.mutable_same();
  EXPECT_THAT(Run(network, {{1, 1, 1, 5}, {-1, -2, -3, -4, -5}}).values, ElementsAre(-1, -2, -4));
}

INSTANTIATE_TEST_SUITE_P(Kernels, WindowTest, ::testing::Bool(),
                         [](const ::testing::TestParamInfo<bool>& kernels) {
                           return kernels.param ? "Plain" : "Fast";
                         });

}  // namespace
}  // namespace nbits
