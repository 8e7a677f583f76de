// SPDX-License-Identifier: Apache-2.0
// Networks whose attributes make no sense, or ask for too much: an error that names the layer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using testing::Fill;
using ::testing::HasSubstr;
using testing::Set;
using testing::TestNetwork;

constexpr uint64_t kHuge = uint64_t{1} << 62;
using L = schema::NeuralNetworkLayer;

void MakeConvolution(L& layer, uint64_t kernel, uint64_t stride, uint64_t dilation) {
  auto& params = *layer.mutable_convolution();
  params.set_outputchannels(1);
  params.set_kernelchannels(1);
  for (int i = 0; i < 2; ++i) {
    params.add_kernelsize(kernel);
    params.add_stride(stride);
    params.add_dilationfactor(dilation);
  }
  params.mutable_valid();
  Fill(params.mutable_weights(), std::vector<float>(9, 1.0f));
}

void MakePool(L& layer, uint64_t kernel, uint64_t stride, uint64_t padding) {
  auto& params = *layer.mutable_pooling();
  for (int i = 0; i < 2; ++i) {
    params.add_kernelsize(kernel);
    params.add_stride(stride);
    auto* edge = params.mutable_valid()->mutable_paddingamounts()->add_borderamounts();
    edge->set_startedgesize(padding);
    edge->set_endedgesize(padding);
  }
}

struct HostileCase {
  const char* name;
  void (*add)(L& layer);
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
};

class HostileTest : public ::testing::TestWithParam<HostileCase> {};

// The input is [1, 1, 4, 4].
TEST_P(HostileTest, IsRefused) {
  TestNetwork network;
  GetParam().add(network.Layer());
  network.Input("in", {1, 1, 4, 4}).Output("out");
  for (bool plain : {false, true}) {
    const auto outputs = network.Run({{"in", Counting({1, 1, 4, 4})}}, {.plain = plain});
    ASSERT_FALSE(outputs.ok());
    EXPECT_EQ(outputs.status().code(), GetParam().code) << outputs.status();
    EXPECT_THAT(std::string(outputs.status().message()), HasSubstr("layer1"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileTest,
    ::testing::Values(
        HostileCase{"ConvolutionStride0", [](L& l) { MakeConvolution(l, 3, 0, 1); }},
        HostileCase{"ConvolutionKernel0", [](L& l) { MakeConvolution(l, 0, 1, 1); }},
        HostileCase{"ConvolutionDilation0", [](L& l) { MakeConvolution(l, 3, 1, 0); }},
        HostileCase{"ConvolutionHugeKernel", [](L& l) { MakeConvolution(l, kHuge, 1, 1); }},
        HostileCase{"ConvolutionHugeStride", [](L& l) { MakeConvolution(l, 3, kHuge, 1); }},
        HostileCase{"ConvolutionHugeDilation",
                    [](L& l) { MakeConvolution(l, 3, 1, uint64_t{1} << 30); }},
        HostileCase{"ConvolutionKernelBeyondInput", [](L& l) { MakeConvolution(l, 3, 1, 2); }},
        HostileCase{"ConvolutionWrongWeightCount", [](L& l) { MakeConvolution(l, 2, 1, 1); }},
        HostileCase{"ConvolutionNoWeights",
                    [](L& l) {
                      MakeConvolution(l, 3, 1, 1);
                      l.mutable_convolution()->clear_weights();
                    }},
        HostileCase{"ConvolutionGroupsDoNotDivide",
                    [](L& l) {
                      MakeConvolution(l, 3, 1, 1);
                      l.mutable_convolution()->set_ngroups(3);
                    }},
        HostileCase{"ConvolutionWrongChannels",
                    [](L& l) {
                      MakeConvolution(l, 3, 1, 1);
                      l.mutable_convolution()->set_kernelchannels(9);
                      Set(l.mutable_convolution()->mutable_kernelsize(), {1, 1});
                    }},
        HostileCase{"ConvolutionMissingBias",
                    [](L& l) {
                      MakeConvolution(l, 3, 1, 1);
                      l.mutable_convolution()->set_hasbias(true);
                    }},
        HostileCase{"DeconvolutionGiantOutput",
                    [](L& l) {
                      MakeConvolution(l, 3, uint64_t{1} << 29, 1);
                      l.mutable_convolution()->set_isdeconvolution(true);
                    }},
        HostileCase{"DeconvolutionCroppedAway",
                    [](L& l) {
                      MakeConvolution(l, 3, 1, 1);
                      l.mutable_convolution()->set_isdeconvolution(true);
                      Set(l.mutable_convolution()->mutable_outputshape(), {0, 0});
                    }},
        HostileCase{"PoolStride0", [](L& l) { MakePool(l, 2, 0, 0); }},
        HostileCase{"PoolKernel0", [](L& l) { MakePool(l, 0, 1, 0); }},
        HostileCase{"PoolHugePadding", [](L& l) { MakePool(l, 2, 1, kHuge); }},
        HostileCase{"PoolGiantOutput", [](L& l) { MakePool(l, 2, 1, uint64_t{1} << 29); }},
        HostileCase{"PoolUnknownType",
                    [](L& l) {
                      MakePool(l, 2, 1, 0);
                      l.mutable_pooling()->set_type(
                          static_cast<schema::PoolingLayerParams::PoolingType>(77));
                    }},
        HostileCase{"UpsampleGiant",
                    [](L& l) {
                      Set(l.mutable_upsample()->mutable_scalingfactor(), {65536, 65536});
                    }},
        HostileCase{"UpsampleNotANumber",
                    [](L& l) {
                      l.mutable_upsample()->add_fractionalscalingfactor(NAN);
                      l.mutable_upsample()->add_fractionalscalingfactor(1);
                    }},
        HostileCase{"ResizeTo0",
                    [](L& l) { Set(l.mutable_resizebilinear()->mutable_targetsize(), {0, 1}); }},
        HostileCase{"ClipToNotANumber", [](L& l) { l.mutable_clip()->set_maxval(NAN); }},
        HostileCase{"TileGiant",
                    [](L& l) {
                      Set(l.mutable_tile()->mutable_reps(), {1 << 20, 1 << 20, 1, 1});
                    }},
        HostileCase{"TileOverflow",
                    [](L& l) {
                      for (int i = 0; i < 4; ++i) l.mutable_tile()->add_reps(kHuge);
                    }},
        HostileCase{"ReshapeToAnotherCount",
                    [](L& l) { Set(l.mutable_reshapestatic()->mutable_targetshape(), {5, -1}); }},
        HostileCase{"ReshapeOverflow",
                    [](L& l) {
                      Set(l.mutable_reshapestatic()->mutable_targetshape(),
                          {int64_t{1} << 31, int64_t{1} << 31, int64_t{1} << 31, -1});
                    }},
        HostileCase{"ReshapeNegative",
                    [](L& l) { Set(l.mutable_reshapestatic()->mutable_targetshape(), {-2, -8}); }},
        HostileCase{"TransposeRepeats",
                    [](L& l) { Set(l.mutable_transpose()->mutable_axes(), {0, 0, 1, 2}); }},
        HostileCase{"TransposeOutside",
                    [](L& l) {
                      for (uint64_t axis : {uint64_t{0}, uint64_t{1}, uint64_t{2}, kHuge}) {
                        l.mutable_transpose()->add_axes(axis);
                      }
                    }},
        HostileCase{"SoftmaxAxisOutside",
                    [](L& l) { l.mutable_softmaxnd()->set_axis(INT64_MIN); }},
        HostileCase{"ReduceAxesRepeat",
                    [](L& l) { Set(l.mutable_reducesum()->mutable_axes(), {1, -3}); }},
        HostileCase{"SliceStep0",
                    [](L& l) {
                      Set(l.mutable_slicestatic()->mutable_beginids(), {0, 0, 0, 0});
                      Set(l.mutable_slicestatic()->mutable_endids(), {1, 1, 1, 1});
                      Set(l.mutable_slicestatic()->mutable_strides(), {1, 1, 1, 0});
                    }},
        HostileCase{"SliceStepMinimum",
                    [](L& l) {
                      Set(l.mutable_slicestatic()->mutable_beginids(), {0, 0, 0, 0});
                      Set(l.mutable_slicestatic()->mutable_endids(), {1, 1, 1, 1});
                      Set(l.mutable_slicestatic()->mutable_strides(), {1, 1, 1, INT64_MIN});
                    }},
        HostileCase{"SliceEmpty",
                    [](L& l) {
                      l.mutable_slice()->set_startindex(INT64_MAX);
                      l.mutable_slice()->set_endindex(INT64_MIN);
                      l.mutable_slice()->set_stride(1);
                    }},
        HostileCase{"CropMoreThanThereIs",
                    [](L& l) {
                      auto* edge = l.mutable_crop()->mutable_cropamounts()->add_borderamounts();
                      edge->set_startedgesize(kHuge);
                      edge->set_endedgesize(kHuge);
                    }},
        HostileCase{"PadGiant",
                    [](L& l) {
                      auto* edge = l.mutable_padding()->mutable_paddingamounts()->add_borderamounts();
                      edge->set_startedgesize(UINT64_MAX);
                    }},
        HostileCase{"ReflectBeyondTheInput",
                    [](L& l) {
                      l.mutable_padding()->mutable_reflection();
                      auto* edge = l.mutable_padding()->mutable_paddingamounts()->add_borderamounts();
                      edge->set_startedgesize(4);
                    }},
        HostileCase{"SplitDoesNotDivide", [](L& l) { l.mutable_split()->set_noutputs(3); }},
        HostileCase{"TopKOfMore", [](L& l) { l.mutable_topk()->set_k(5); }},
        HostileCase{"RangeWithoutStep",
                    [](L& l) {
                      l.clear_input();
                      l.mutable_rangestatic()->set_endvalue(1);
                    }},
        HostileCase{"FillGiant",
                    [](L& l) {
                      l.clear_input();
                      l.mutable_fillstatic()->add_targetshape(kHuge);
                    }},
        HostileCase{"ConstantOfAnotherShape",
                    [](L& l) {
                      l.clear_input();
                      l.mutable_loadconstantnd()->add_shape(uint64_t{1} << 31);
                      Fill(l.mutable_loadconstantnd()->mutable_data(), {1});
                    }},
        HostileCase{"ReorganizeHugeBlock",
                    [](L& l) { l.mutable_reorganizedata()->set_blocksize(uint64_t{1} << 31); }},
        HostileCase{"InnerProductOfAnotherSize",
                    [](L& l) {
                      l.mutable_innerproduct()->set_inputchannels(3);
                      l.mutable_innerproduct()->set_outputchannels(1);
                      Fill(l.mutable_innerproduct()->mutable_weights(), {1, 2, 3});
                    }},
        HostileCase{"LstmWithoutWeights",
                    [](L& l) {
                      l.mutable_unidirectionallstm()->set_inputvectorsize(16);
                      l.mutable_unidirectionallstm()->set_outputvectorsize(kHuge);
                    }},
        HostileCase{"PreluOfAnotherLength",
                    [](L& l) {
                      Fill(l.mutable_activation()->mutable_prelu()->mutable_alpha(), {1, 2, 3});
                    }},
        HostileCase{"ActivationOfNoType", [](L& l) { l.mutable_activation(); }},
        HostileCase{"InputOfNobody", [](L& l) {
                      l.mutable_copy();
                      l.set_input(0, "nobody");
                    }},
        HostileCase{"TooManyOutputs", [](L& l) {
                      l.mutable_copy();
                      l.add_output("second");
                    }},
        HostileCase{"WithoutInputs", [](L& l) {
                      l.mutable_softmax();
                      l.clear_input();
                    }},
        HostileCase{"NoLayerAtAll", [](L&) {}, absl::StatusCode::kUnimplemented},
        HostileCase{"Custom",
                    [](L& l) { l.mutable_custom()->set_classname("Swirl"); },
                    absl::StatusCode::kUnimplemented},
        HostileCase{"ScatterOfOneInput", [](L& l) { l.mutable_scatter(); }},
        HostileCase{"ReverseSequenceAxis",
                    [](L& l) { l.mutable_reverseseq()->set_sequenceaxis(INT64_MAX); }},
        HostileCase{"RandomOfHugeShape",
                    [](L& l) {
                      l.clear_input();
                      l.mutable_randomuniformstatic()->add_outputshape(kHuge);
                    }},
        HostileCase{"CategoricalWithoutSamples",
                    [](L& l) { l.mutable_categoricaldistribution()->set_numsamples(-1); }},
        HostileCase{"CategoricalTemperature",
                    [](L& l) {
                      l.mutable_categoricaldistribution()->set_numsamples(1);
                      l.mutable_categoricaldistribution()->set_temperature(-1);
                    }},
        HostileCase{"FillDynamicOfManyExtents", [](L& l) { l.mutable_filldynamic(); }},
        HostileCase{"RangeDynamicOfATensor", [](L& l) { l.mutable_rangedynamic(); }},
        HostileCase{"SliceBySizeBeyondTheEnd",
                    [](L& l) {
                      l.add_input("in");
                      l.mutable_slicebysize()->set_size(INT64_MAX);
                    }},
        HostileCase{"Pooling3dOfRank4", [](L& l) { l.mutable_pooling3d(); }},
        HostileCase{"Convolution3dOfRank4", [](L& l) { l.mutable_convolution3d(); }},
        HostileCase{"BranchWithoutInput",
                    [](L& l) {
                      l.clear_input();
                      l.mutable_branch();
                    }},
        HostileCase{"BranchOnATensor", [](L& l) { l.mutable_branch(); }},
        HostileCase{"LoopOverATensor", [](L& l) { l.mutable_loop(); }},
        HostileCase{"LoopWithoutItsCondition",
                    [](L& l) {
                      l.clear_input();
                      l.mutable_loop()->set_conditionvar("nowhere");
                    }},
        HostileCase{"NonMaximumSuppressionOfOneInput",
                    [](L& l) { l.mutable_nonmaximumsuppression()->set_maxboxes(1); }}),
    [](const ::testing::TestParamInfo<HostileCase>& hostile) { return hostile.param.name; });

}  // namespace
}  // namespace nbits
