// SPDX-License-Identifier: Apache-2.0
// Reductions, normalisation, products and lookups against values worked out by hand.
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
using testing::Fill;
using ::testing::FloatNear;
using ::testing::Pointwise;
using testing::Set;
using testing::TestNetwork;

TEST(ReduceTest, SumsAxesThatAreNotNeighbours) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_reducesum();
  Set(params.mutable_axes(), {0, -1});
  EXPECT_THAT(Evaluate(network, Counting({2, 2, 2})).values,
              ElementsAre(1 + 2 + 5 + 6, 3 + 4 + 7 + 8));
}

TEST(ReduceTest, OldLayersNameTheirAxes) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_reduce();
  params.set_mode(schema::ReduceLayerParams::AVG);
  params.set_axis(schema::ReduceLayerParams::HW);
  const Tensor out = Evaluate(network, Counting({1, 2, 2, 2}));
  EXPECT_THAT(out.shape, ElementsAre(1, 2, 1, 1));
  EXPECT_THAT(out.values, ElementsAre(2.5, 6.5));
}

TEST(ReduceTest, LogSumExpDoesNotOverflow) {
  TestNetwork network;
  network.Layer().mutable_reducelogsumexp()->set_reduceall(true);
  EXPECT_THAT(Evaluate(network, {{2}, {1000, 1000}}).values,
              Pointwise(FloatNear(1e-3f), {1000.6931f}));
}

TEST(ReduceTest, ArgmaxTakesTheFirstOfEqualValues) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_argmax();
  params.set_axis(0);
  params.set_removedim(true);
  EXPECT_THAT(Evaluate(network, {{3, 2}, {1, 5, 4, 5, 4, 2}}).values, ElementsAre(1, 0));
}

TEST(ReduceTest, TopKGivesValuesAndPositions) {
  TestNetwork network;
  auto& params = *network.Layer({"in"}, {"values", "positions"}).mutable_topk();
  params.set_axis(-1);
  params.set_k(2);
  const auto out = EvaluateAll(network, {{"in", {{4}, {3, 9, 1, 9}}}}, {"values", "positions"});
  EXPECT_THAT(out.at("values").values, ElementsAre(9, 9));
  EXPECT_THAT(out.at("positions").values, ElementsAre(1, 3));
}

TEST(SoftmaxTest, OverChannels) {
  TestNetwork network;
  network.Layer().mutable_softmax();
  const float e = std::exp(1.0f);
  EXPECT_THAT(Evaluate(network, {{1, 2, 1, 2}, {0, 1000, 1, 1000}}).values,
              Pointwise(FloatNear(1e-6f), {1 / (1 + e), 0.5f, e / (1 + e), 0.5f}));
}

TEST(NormalizeTest, InstanceNormalizationByChannel) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_batchnorm();
  params.set_channels(2);
  params.set_computemeanvar(true);
  params.set_instancenormalization(true);
  params.set_epsilon(3);
  Fill(params.mutable_gamma(), {2, 4});
  Fill(params.mutable_beta(), {0, 1});
  EXPECT_THAT(Evaluate(network, {{1, 2, 1, 2}, {1, 3, 5, 7}}).values, ElementsAre(-1, 1, -1, 3));
}

TEST(NormalizeTest, MeanOnlyAcrossChannels) {
  TestNetwork network;
  network.Layer().mutable_mvn()->set_acrosschannels(true);
  EXPECT_THAT(Evaluate(network, Counting({1, 2, 1, 2})).values, ElementsAre(-1.5, -0.5, 0.5, 1.5));
}

TEST(NormalizeTest, LayerNormalizationScalesEveryElement) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_layernormalization();
  params.add_normalizedshape(2);
  params.set_eps(0);
  Fill(params.mutable_gamma(), {1, 10});
  Fill(params.mutable_beta(), {0, 5});
  EXPECT_THAT(Evaluate(network, {{2, 2}, {1, 3, 4, 8}}).values, ElementsAre(-1, 15, -1, 15));
}

TEST(NormalizeTest, LocalResponse) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_lrn();
  params.set_alpha(3);
  params.set_beta(1);
  params.set_localsize(3);
  EXPECT_THAT(Evaluate(network, {{1, 3, 1, 1}, {1, 2, 3}}).values,
              Pointwise(FloatNear(1e-6f), {1.0f / 6, 2.0f / 15, 3.0f / 14}));
}

TEST(NormalizeTest, L2) {
  TestNetwork network;
  network.Layer().mutable_l2normalize();
  EXPECT_THAT(Evaluate(network, {{1, 2, 1, 1}, {3, 4}}).values,
              Pointwise(FloatNear(1e-6f), {0.6f, 0.8f}));
}

TEST(InnerProductTest, OfRankFourFlattens) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_innerproduct();
  params.set_inputchannels(4);
  params.set_outputchannels(2);
  params.set_hasbias(true);
  Fill(params.mutable_weights(), {1, 0, 0, 0, 1, 1, 1, 1});
  Fill(params.mutable_bias(), {10, 20});
  const Tensor out = Evaluate(network, Counting({1, 2, 1, 2}));
  EXPECT_THAT(out.shape, ElementsAre(1, 2, 1, 1));
  EXPECT_THAT(out.values, ElementsAre(11, 30));
}

// The file stores the matrix column by column.
TEST(MatrixProductTest, OneInputTimesTheFilesMatrix) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_batchedmatmul();
  params.set_weightmatrixfirstdimension(2);
  params.set_weightmatrixseconddimension(3);
  Fill(params.mutable_weights(), {1, 2, 3, 4, 5, 6});  // Columns (1, 2), (3, 4), (5, 6).
  EXPECT_THAT(Evaluate(network, {{1, 2}, {1, 10}}).values, ElementsAre(21, 43, 65));
}

TEST(LookupTest, EmbeddingReadsAColumn) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_embeddingnd();
  params.set_vocabsize(3);
  params.set_embeddingsize(2);
  Fill(params.mutable_weights(), {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Evaluate(network, {{2, 1}, {2, 0}}).values, ElementsAre(3, 6, 1, 4));
}

TEST(LookupTest, GatherCountsNegativeIndicesFromTheEnd) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_gather()->set_axis(1);
  EXPECT_THAT(Evaluate(network, Counting({2, 3}), {{2}, {-1, 0}}).values, ElementsAre(3, 1, 6, 4));
}

TEST(LookupTest, IndicesOutsideTheTableReadItsEnds) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_gather();
  EXPECT_THAT(Evaluate(network, Counting({3}), {{4}, {1e30f, -1e30f, NAN, 1}}).values,
              ElementsAre(3, 1, 1, 2));
}

TEST(LookupTest, OneHotOnANewAxis) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_onehot();
  params.set_onehotvectorsize(3);
  params.set_axis(-1);
  params.set_onvalue(5);
  params.set_offvalue(1);
  EXPECT_THAT(Evaluate(network, {{2}, {2, 7}}).values, ElementsAre(1, 1, 5, 1, 1, 1));
}

}  // namespace
}  // namespace nbits
