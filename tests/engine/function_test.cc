// SPDX-License-Identifier: Apache-2.0
// Functions of one value and of several, against values worked out by hand.
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

struct FunctionCase {
  const char* name;
  void (*add)(schema::NeuralNetworkLayer& layer);
  std::vector<float> expected;  // For -2, -0.5, 0.5, 2.
};

class FunctionTest : public ::testing::TestWithParam<FunctionCase> {};

TEST_P(FunctionTest, GivesTheFormulasValues) {
  TestNetwork network;
  GetParam().add(network.Layer());
  const Tensor out = Evaluate(network, {{4}, {-2, -0.5, 0.5, 2}});
  EXPECT_THAT(out.values, Pointwise(FloatNear(1e-5f), GetParam().expected));
}

using L = schema::NeuralNetworkLayer;
INSTANTIATE_TEST_SUITE_P(
    All, FunctionTest,
    ::testing::Values(
        FunctionCase{"Relu", [](L& l) { l.mutable_activation()->mutable_relu(); }, {0, 0, 0.5, 2}},
        FunctionCase{"LeakyRelu",
                     [](L& l) { l.mutable_activation()->mutable_leakyrelu()->set_alpha(0.1f); },
                     {-0.2f, -0.05f, 0.5, 2}},
        FunctionCase{"ThresholdedRelu",
                     [](L& l) { l.mutable_activation()->mutable_thresholdedrelu()->set_alpha(1); },
                     {0, 0, 0, 2}},
        FunctionCase{"Linear",
                     [](L& l) {
                       l.mutable_activation()->mutable_linear()->set_alpha(3);
                       l.mutable_activation()->mutable_linear()->set_beta(1);
                     },
                     {-5, -0.5, 2.5, 7}},
        FunctionCase{"Sigmoid",
                     [](L& l) { l.mutable_activation()->mutable_sigmoid(); },
                     {0.1192029f, 0.3775407f, 0.6224593f, 0.8807971f}},
        FunctionCase{"HardSigmoid",
                     [](L& l) {
                       l.mutable_activation()->mutable_sigmoidhard()->set_alpha(0.4f);
                       l.mutable_activation()->mutable_sigmoidhard()->set_beta(0.5f);
                     },
                     {0, 0.3f, 0.7f, 1}},
        FunctionCase{"Tanh",
                     [](L& l) { l.mutable_activation()->mutable_tanh(); },
                     {-0.9640276f, -0.4621172f, 0.4621172f, 0.9640276f}},
        FunctionCase{"ScaledTanh",
                     [](L& l) {
                       l.mutable_activation()->mutable_scaledtanh()->set_alpha(2);
                       l.mutable_activation()->mutable_scaledtanh()->set_beta(0.5);
                     },
                     {-1.5231883f, -0.4898374f, 0.4898374f, 1.5231883f}},
        FunctionCase{"Elu",
                     [](L& l) { l.mutable_activation()->mutable_elu()->set_alpha(2); },
                     {-1.7293294f, -0.7869387f, 0.5, 2}},
        FunctionCase{"Softsign",
                     [](L& l) { l.mutable_activation()->mutable_softsign(); },
                     {-2.0f / 3, -1.0f / 3, 1.0f / 3, 2.0f / 3}},
        FunctionCase{"Softplus",
                     [](L& l) { l.mutable_activation()->mutable_softplus(); },
                     {0.1269280f, 0.4740770f, 0.9740770f, 2.1269280f}},
        FunctionCase{"ClampedRelu",
                     [](L& l) {
                       l.mutable_clampedrelu()->set_alpha(0.5);
                       l.mutable_clampedrelu()->set_beta(1);
                     },
                     {-1, -0.25, 0.5, 1}},
        FunctionCase{"Gelu",
                     [](L& l) { l.mutable_gelu(); },
                     {-0.0455003f, -0.1542688f, 0.3457312f, 1.9544997f}},
        FunctionCase{"ThresholdOfScaledAndShifted",
                     [](L& l) {
                       l.mutable_unary()->set_type(schema::UnaryFunctionLayerParams::THRESHOLD);
                       l.mutable_unary()->set_alpha(1);
                       l.mutable_unary()->set_scale(2);
                       l.mutable_unary()->set_shift(0.5);
                     },
                     {1, 1, 1.5, 4.5}},
        FunctionCase{"InverseWithEpsilon",
                     [](L& l) {
                       l.mutable_unary()->set_type(schema::UnaryFunctionLayerParams::INVERSE);
                       l.mutable_unary()->set_epsilon(0.5);
                     },
                     {-2.0f / 3, INFINITY, 1, 0.4f}},
        FunctionCase{"Power",
                     [](L& l) {
                       l.mutable_unary()->set_type(schema::UnaryFunctionLayerParams::POWER);
                       l.mutable_unary()->set_alpha(2);
                     },
                     {4, 0.25, 0.25, 4}},
        FunctionCase{
            "Abs",
            [](L& l) { l.mutable_unary()->set_type(schema::UnaryFunctionLayerParams::ABS); },
            {2, 0.5, 0.5, 2}},
        FunctionCase{"Clip",
                     [](L& l) {
                       l.mutable_clip()->set_minval(-1);
                       l.mutable_clip()->set_maxval(1);
                     },
                     {-1, -0.5, 0.5, 1}},
        FunctionCase{"RoundHalfToEven", [](L& l) { l.mutable_round(); }, {-2, 0, 0, 2}},
        FunctionCase{"Ceil", [](L& l) { l.mutable_ceil(); }, {-2, 0, 1, 2}},
        FunctionCase{"Sign", [](L& l) { l.mutable_sign(); }, {-1, -1, 1, 1}},
        FunctionCase{"Exp2", [](L& l) { l.mutable_exp2(); }, {0.25, 0.7071068f, 1.4142136f, 4}},
        FunctionCase{"AddAlpha", [](L& l) { l.mutable_add()->set_alpha(3); }, {1, 2.5, 3.5, 5}},
        FunctionCase{
            "MultiplyAlpha", [](L& l) { l.mutable_multiply()->set_alpha(-2); }, {4, 1, -1, -4}},
        FunctionCase{"GreaterThanAlpha",
                     [](L& l) { l.mutable_greaterthan()->set_alpha(0.5); },
                     {0, 0, 0, 1}},
        FunctionCase{"CumulativeSum", [](L& l) { l.mutable_cumsum(); }, {-2, -2.5, -2, 0}}),
    [](const ::testing::TestParamInfo<FunctionCase>& function) { return function.param.name; });

// The chain that converters write for ReLU6 is one clip to the engine.
TEST(ActivationTest, Relu6WrittenAsFourLayers) {
  TestNetwork network;
  network.Layer({"in"}, {"a"}).mutable_activation()->mutable_relu();
  network.Layer({"a"}, {"b"}).mutable_activation()->mutable_linear()->set_alpha(-1);
  auto& threshold = *network.Layer({"b"}, {"c"}).mutable_unary();
  threshold.set_type(schema::UnaryFunctionLayerParams::THRESHOLD);
  threshold.set_alpha(-6);
  network.Layer({"c"}).mutable_activation()->mutable_linear()->set_alpha(-1);
  EXPECT_THAT(Evaluate(network, {{4}, {-1, 2, 6, 9}}).values, ElementsAre(0, 2, 6, 6));
}

TEST(ActivationTest, ParametricReluHasASlopePerChannel) {
  TestNetwork network;
  Fill(network.Layer().mutable_activation()->mutable_prelu()->mutable_alpha(), {0.5, 2});
  EXPECT_THAT(Evaluate(network, {{1, 2, 1, 2}, {-2, 2, -2, 2}}).values, ElementsAre(-1, 2, -4, 2));
}

TEST(BinaryTest, BroadcastsFromTheLastAxis) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_addbroadcastable();
  const Tensor out = Evaluate(network, Counting({2, 1, 3}), Counting({2, 1}));
  EXPECT_THAT(out.shape, ElementsAre(2, 2, 3));
  EXPECT_THAT(out.values, ElementsAre(2, 3, 4, 3, 4, 5, 5, 6, 7, 6, 7, 8));
}

TEST(BinaryTest, SubtractsTheBroadcastFirstOperandInOrder) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_subtractbroadcastable();
  EXPECT_THAT(Evaluate(network, Counting({1}), Counting({3})).values, ElementsAre(0, -1, -2));
}

TEST(BinaryTest, ModuloTakesTheSignOfTheDivisor) {
  TestNetwork network;
  network.Layer({"a", "b"}).mutable_modbroadcastable();
  EXPECT_THAT(Evaluate(network, {{4}, {5, -5, 5, -5}}, {{4}, {3, 3, -3, -3}}).values,
              ElementsAre(2, 1, -1, -2));
}

TEST(BinaryTest, AverageOfThree) {
  TestNetwork network;
  network.Layer({"a", "b", "a"}).mutable_average();
  EXPECT_THAT(Evaluate(network, {{1}, {3}}, {{1}, {6}}).values, ElementsAre(4));
}

TEST(BinaryTest, WhereChooses) {
  TestNetwork network;
  network.Layer({"c", "a", "b"}).mutable_wherebroadcastable();
  const auto out =
      EvaluateAll(network, {{"c", {{2}, {1, 0}}}, {"a", {{2, 1}, {1, 2}}}, {"b", {{1}, {9}}}});
  EXPECT_THAT(out.at("out").values, ElementsAre(1, 9, 2, 9));
}

TEST(ScaleTest, ShapesOfOneAxisAreChannels) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_scale();
  Set(params.mutable_shapescale(), {2});
  Fill(params.mutable_scale(), {2, 3});
  params.set_hasbias(true);
  Set(params.mutable_shapebias(), {1, 1, 2});
  Fill(params.mutable_bias(), {10, 20});
  EXPECT_THAT(Evaluate(network, Counting({1, 2, 1, 2})).values, ElementsAre(12, 24, 19, 32));
}

}  // namespace
}  // namespace nbits
