// SPDX-License-Identifier: Apache-2.0
// Operations that move or resample values, against values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using testing::Evaluate;
using testing::EvaluateAll;
using ::testing::FloatNear;
using ::testing::Pointwise;
using testing::Set;
using testing::TestNetwork;

TEST(RearrangeTest, ConcatAlongChannels) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_concat();
  const Tensor out = Evaluate(network, Counting({2, 1, 1, 1}), Counting({2, 2, 1, 1}));
  EXPECT_THAT(out.values, ElementsAre(1, 1, 2, 2, 3, 4));
}

TEST(RearrangeTest, InterleavedConcatAlternates) {
  TestNetwork network;
  auto& params = *network.Layer({"a", "b"}).mutable_concatnd();
  params.set_axis(0);
  params.set_interleave(true);
  EXPECT_THAT(Evaluate(network, {{2}, {1, 2}}, {{2}, {8, 9}}).values, ElementsAre(1, 8, 2, 9));
}

TEST(RearrangeTest, StackMakesAnAxis) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_stack()->set_axis(-1);
  const Tensor out = Evaluate(network, {{2}, {1, 2}}, {{2}, {8, 9}});
  EXPECT_THAT(out.shape, ElementsAre(2, 2));
  EXPECT_THAT(out.values, ElementsAre(1, 8, 2, 9));
}

TEST(RearrangeTest, SplitIntoUnequalParts) {
  TestNetwork network;
  auto& params = *network.Layer({"in"}, {"x", "y"}).mutable_splitnd();
  params.set_axis(-1);
  Set(params.mutable_splitsizes(), {1, 2});
  const auto out = EvaluateAll(network, {{"in", Counting({2, 3})}}, {"x", "y"});
  EXPECT_THAT(out.at("x").values, ElementsAre(1, 4));
  EXPECT_THAT(out.at("y").values, ElementsAre(2, 3, 5, 6));
}

TEST(RearrangeTest, SliceLikePython) {
  struct Case {
    int64_t begin, end, step;
    std::vector<float> expected;
  };
  for (const Case& c : {Case{1, 4, 2, {2, 4}}, Case{-2, 100, 1, {4, 5}},
                        Case{-1, -100, -2, {5, 3, 1}}, Case{3, 0, -1, {4, 3, 2}}}) {
    TestNetwork network;
    auto& params = *network.Layer().mutable_slicestatic();
    params.add_beginids(c.begin);
    params.add_endids(c.end);
    params.add_strides(c.step);
    params.add_beginmasks(false);
    params.add_endmasks(false);
    EXPECT_THAT(Evaluate(network, Counting({5})).values, ElementsAreArray(c.expected));
  }
}

TEST(RearrangeTest, CropToASecondInput) {
  TestNetwork network;
  Set(network.Layer({"a", "b"}).mutable_crop()->mutable_offset(), {1, 0});
  EXPECT_THAT(Evaluate(network, Counting({1, 1, 3, 3}), Counting({1, 1, 2, 2})).values,
              ElementsAre(4, 5, 7, 8));
}

TEST(RearrangeTest, TileRepeatsEveryAxis) {
  TestNetwork network;
  Set(network.Layer().mutable_tile()->mutable_reps(), {2, 2});
  EXPECT_THAT(Evaluate(network, Counting({1, 2})).values, ElementsAre(1, 2, 1, 2, 1, 2, 1, 2));
}

TEST(RearrangeTest, TransposeOutputAxisIsInputAxis) {
  TestNetwork network;
  Set(network.Layer().mutable_transpose()->mutable_axes(), {1, 2, 0});
  const Tensor out = Evaluate(network, Counting({2, 1, 3}));
  EXPECT_THAT(out.shape, ElementsAre(1, 3, 2));
  EXPECT_THAT(out.values, ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(RearrangeTest, ReshapesChainWithoutCopies) {
  TestNetwork network;
  Set(network.Layer({"in"}, {"a"}).mutable_reshapestatic()->mutable_targetshape(), {3, -1});
  network.Layer({"a"}, {"b"}).mutable_flattento2d()->set_axis(0);
  network.Layer({"b"}, {"c"}).mutable_squeeze()->set_squeezeall(true);
  Set(network.Layer({"c"}).mutable_expanddims()->mutable_axes(), {0, -1});
  const Tensor out = Evaluate(network, Counting({2, 3}));
  EXPECT_THAT(out.shape, ElementsAre(1, 6, 1));
  EXPECT_THAT(out.values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(RearrangeTest, FlattenWithChannelsFastest) {
  TestNetwork network;
  network.Layer().mutable_flatten()->set_mode(schema::FlattenLayerParams::CHANNEL_LAST);
  EXPECT_THAT(Evaluate(network, Counting({1, 2, 1, 3})).values, ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(RearrangeTest, DepthAndSpace) {
  using Params = schema::ReorganizeDataLayerParams;
  const auto reorganize = [](Params::ReorganizationType mode, const Tensor& input) {
    TestNetwork network;
    auto& params = *network.Layer().mutable_reorganizedata();
    params.set_mode(mode);
    params.set_blocksize(2);
    return Evaluate(network, input).values;
  };
  // Channels 4 b + c with c the pixel's channel, or 4 c + b: block position first or last.
  EXPECT_THAT(reorganize(Params::DEPTH_TO_SPACE, Counting({1, 8, 1, 1})),
              ElementsAre(1, 3, 5, 7, 2, 4, 6, 8));
  EXPECT_THAT(reorganize(Params::PIXEL_SHUFFLE, Counting({1, 8, 1, 1})),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(reorganize(Params::SPACE_TO_DEPTH, Counting({1, 2, 2, 2})),
              ElementsAre(1, 5, 2, 6, 3, 7, 4, 8));
}

TEST(RearrangeTest, SlidingWindowsOverlap) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_slidingwindows();
  params.set_windowsize(3);
  params.set_step(2);
  const Tensor out = Evaluate(network, Counting({6}));
  EXPECT_THAT(out.shape, ElementsAre(2, 3));
  EXPECT_THAT(out.values, ElementsAre(1, 2, 3, 3, 4, 5));
}

TEST(RearrangeTest, TrianglesOfAMatrix) {
  TestNetwork network;
  network.Layer().mutable_lowertriangular()->set_k(-1);
  EXPECT_THAT(Evaluate(network, Counting({2, 2})).values, ElementsAre(0, 0, 3, 0));
}

TEST(SpatialTest, PaddingModes) {
  const auto pad = [](void (*mode)(schema::PaddingLayerParams&)) {
    TestNetwork network;
    auto& params = *network.Layer().mutable_padding();
    mode(params);
    params.mutable_paddingamounts()->add_borderamounts();
    auto* columns = params.mutable_paddingamounts()->add_borderamounts();
    columns->set_startedgesize(2);
    columns->set_endedgesize(1);
    return Evaluate(network, Counting({1, 1, 1, 3})).values;
  };
  EXPECT_THAT(pad([](auto& p) { p.mutable_constant()->set_value(9); }),
              ElementsAre(9, 9, 1, 2, 3, 9));
  EXPECT_THAT(pad([](auto& p) { p.mutable_reflection(); }), ElementsAre(3, 2, 1, 2, 3, 2));
  EXPECT_THAT(pad([](auto& p) { p.mutable_replication(); }), ElementsAre(1, 1, 1, 2, 3, 3));
}

TEST(SpatialTest, UpsamplingNearestRepeats) {
  TestNetwork network;
  Set(network.Layer().mutable_upsample()->mutable_scalingfactor(), {1, 3});
  EXPECT_THAT(Evaluate(network, Counting({1, 1, 1, 2})).values, ElementsAre(1, 1, 1, 2, 2, 2));
}

std::vector<float> UpsampleBilinear(schema::UpsampleLayerParams::LinearUpsampleMode mode) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_upsample();
  params.set_mode(schema::UpsampleLayerParams::BILINEAR);
  params.set_linearupsamplemode(mode);
  Set(params.mutable_scalingfactor(), {1, 2});
  return Evaluate(network, {{1, 1, 1, 2}, {0, 12}}).values;
}

TEST(SpatialTest, UpsamplingBilinearModes) {
  using Params = schema::UpsampleLayerParams;
  // Two values to four: grids of 0, 0.5, 1, (1.5); of thirds; and of half-pixel centres.
  EXPECT_THAT(UpsampleBilinear(Params::DEFAULT), ElementsAre(0, 6, 12, 12));
  EXPECT_THAT(UpsampleBilinear(Params::ALIGN_CORNERS_TRUE),
              Pointwise(FloatNear(1e-5f), {0, 4, 8, 12}));
  EXPECT_THAT(UpsampleBilinear(Params::ALIGN_CORNERS_FALSE), ElementsAre(0, 3, 9, 12));
}

TEST(SpatialTest, ResizeBilinearModes) {
  using Mode = schema::SamplingMode;
  const auto resize = [](Mode::Method method, int64_t target) {
    TestNetwork network;
    auto& params = *network.Layer().mutable_resizebilinear();
    Set(params.mutable_targetsize(), {1, target});
    params.mutable_mode()->set_samplingmethod(method);
    return Evaluate(network, {{1, 1, 1, 3}, {0, 10, 20}}).values;
  };
  EXPECT_THAT(resize(Mode::STRICT_ALIGN_ENDPOINTS_MODE, 5), ElementsAre(0, 5, 10, 15, 20));
  EXPECT_THAT(resize(Mode::STRICT_ALIGN_ENDPOINTS_MODE, 1), ElementsAre(0));
  EXPECT_THAT(resize(Mode::ALIGN_ENDPOINTS_MODE, 1), ElementsAre(10));
  EXPECT_THAT(resize(Mode::UPSAMPLE_MODE, 6), Pointwise(FloatNear(1e-5f), {0, 5, 10, 15, 20, 20}));
  EXPECT_THAT(resize(Mode::ROI_ALIGN_MODE, 2), ElementsAre(5, 15));
}

// Which has neither batch nor channels.
TEST(SpatialTest, ResamplesAMatrix) {
  const Tensor matrix{{1, 3}, {0, 10, 20}};
  TestNetwork enlarged;
  Set(enlarged.Layer().mutable_upsample()->mutable_scalingfactor(), {2, 1});
  const Tensor rows = Evaluate(enlarged, matrix);
  EXPECT_EQ(rows.shape, (Shape{2, 3}));
  EXPECT_THAT(rows.values, ElementsAre(0, 10, 20, 0, 10, 20));
  TestNetwork resized;
  Set(resized.Layer().mutable_resizebilinear()->mutable_targetsize(), {1, 5});
  const Tensor columns = Evaluate(resized, matrix);
  EXPECT_EQ(columns.shape, (Shape{1, 5}));
  EXPECT_THAT(columns.values, ElementsAre(0, 5, 10, 15, 20));
}

TEST(SpatialTest, CropResizeOfOneBox) {
  TestNetwork network;
  auto& params = *network.Layer({"a", "b"}).mutable_cropresize();
  Set(params.mutable_targetsize(), {2, 2});
  params.mutable_boxindicesmode()->set_boxmode(schema::BoxCoordinatesMode::CORNERS_HEIGHT_FIRST);
  const Tensor out = Evaluate(network, Counting({1, 1, 3, 3}), {{1, 4}, {1, 1, 2, 2}});
  EXPECT_THAT(out.shape, ElementsAre(1, 1, 1, 2, 2));
  EXPECT_THAT(out.values, ElementsAre(5, 6, 8, 9));
}

}  // namespace
}  // namespace nbits
