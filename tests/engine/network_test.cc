// SPDX-License-Identifier: Apache-2.0
// What concerns networks as a whole: shapes at their borders, preprocessing, shared memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using ::testing::ElementsAre;
using testing::Evaluate;
using testing::EvaluateAll;
using ::testing::FloatNear;
using ::testing::Pointwise;
using testing::Set;
using testing::TestNetwork;

TEST(NetworkTest, OlderArraysAreChannelsHeightWidth) {
  TestNetwork network;
  network.UseRank5();
  network.Layer().mutable_softmax();
  const Tensor out = Evaluate(network, {{2}, {0, 0}});
  EXPECT_THAT(out.shape, ElementsAre(2, 1, 1));
  EXPECT_THAT(out.values, ElementsAre(0.5, 0.5));
}

TEST(NetworkTest, PreprocessingFollowsTheChannelOrder) {
  for (bool bgr : {false, true}) {
    TestNetwork network;
    auto* feature = network.model().mutable_description()->add_input();
    feature->set_name("in");
    auto* image = feature->mutable_type()->mutable_imagetype();
    image->set_width(1);
    image->set_height(1);
    image->set_colorspace(bgr ? schema::ImageFeatureType::BGR : schema::ImageFeatureType::RGB);
    auto* step = network.network().add_preprocessing();
    step->set_featurename("in");
    step->mutable_scaler()->set_channelscale(2);
    step->mutable_scaler()->set_redbias(1);
    step->mutable_scaler()->set_greenbias(2);
    step->mutable_scaler()->set_bluebias(3);
    network.Layer().mutable_activation()->mutable_relu();
    network.Output("out");
    const auto out = network.Run({{"in", {{3, 1, 1}, {10, 20, 30}}}});
    ASSERT_TRUE(out.ok()) << out.status();
    if (bgr) {
      EXPECT_THAT(out->at("out").values, ElementsAre(23, 42, 61));
    } else {
      EXPECT_THAT(out->at("out").values, ElementsAre(21, 42, 63));
    }
  }
}

TEST(NetworkTest, AnInputMayBeAnOutput) {
  TestNetwork network;
  network.Layer().mutable_copy();
  EXPECT_THAT(Evaluate(network, Counting({2})).values, ElementsAre(1, 2));
}

// A value that is read later survives operations that could run in place.
TEST(NetworkTest, InPlaceOperationsSpareValuesThatAreReadLater) {
  TestNetwork network;
  network.Layer({"in"}, {"a"}).mutable_activation()->mutable_sigmoid();
  network.Layer({"a"}, {"b"}).mutable_activation()->mutable_tanh();
  network.Layer({"a"}, {"c"}).mutable_activation()->mutable_softsign();
  Set(network.Layer({"a"}, {"d"}).mutable_reshapestatic()->mutable_targetshape(), {2, 1});
  network.Layer({"d"}, {"e"}).mutable_sin();
  auto& add = network.Layer({"b", "c", "a"}, {"out"});
  add.mutable_addbroadcastable();
  const auto out = EvaluateAll(network, {{"in", {{2}, {0, 0}}}}, {"out", "e"});
  const float expected = std::tanh(0.5f) + 0.5f / 1.5f + 0.5f;
  EXPECT_THAT(out.at("out").values, Pointwise(FloatNear(1e-6f), {expected, expected}));
  EXPECT_THAT(out.at("e").values, Pointwise(FloatNear(1e-6f), {std::sin(0.5f), std::sin(0.5f)}));
}

}  // namespace
}  // namespace nbits
