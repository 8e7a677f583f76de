// SPDX-License-Identifier: Apache-2.0
// Recurrent layers against their formulas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using testing::Evaluate;
using testing::EvaluateAll;
using testing::Fill;
using ::testing::FloatNear;
using ::testing::Pointwise;
using testing::TestNetwork;

void AddActivation(schema::ActivationParams* params, bool tanh) {
  if (tanh) {
    params->mutable_tanh();
  } else {
    params->mutable_sigmoid();
  }
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void FillLstm(schema::LSTMWeightParams& weights, float input, float recursion) {
  for (auto* matrix :
       {weights.mutable_inputgateweightmatrix(), weights.mutable_forgetgateweightmatrix(),
        weights.mutable_blockinputweightmatrix(), weights.mutable_outputgateweightmatrix()}) {
    Fill(matrix, {input});
    input += 0.25f;
  }
  for (auto* matrix :
       {weights.mutable_inputgaterecursionmatrix(), weights.mutable_forgetgaterecursionmatrix(),
        weights.mutable_blockinputrecursionmatrix(), weights.mutable_outputgaterecursionmatrix()}) {
    Fill(matrix, {recursion});
    recursion -= 0.5f;
  }
}

// One cell with the weights of FillLstm(1, 0.5), step by step.
std::vector<float> LstmByHand(const std::vector<float>& xs, bool coupled) {
  std::vector<float> outputs;
  double h = 0, c = 0;
  for (float x : xs) {
    const double i = Sigmoid(1.00 * x + 0.5 * h), f = Sigmoid(1.25 * x + 0.0 * h);
    const double z = std::tanh(1.50 * x - 0.5 * h), o = Sigmoid(1.75 * x - 1.0 * h);
    c = (coupled ? 1 - i : f) * c + i * z;
    h = o * std::tanh(c);
    outputs.push_back(static_cast<float>(h));
  }
  return outputs;
}

TEST(RecurrentTest, LstmOverASequence) {
  for (bool coupled : {false, true}) {
    TestNetwork network;
    auto& params = *network.Layer().mutable_unidirectionallstm();
    params.set_inputvectorsize(1);
    params.set_outputvectorsize(1);
    params.mutable_params()->set_sequenceoutput(true);
    params.mutable_params()->set_coupledinputandforgetgate(coupled);
    for (bool tanh : {false, true, true}) AddActivation(params.add_activations(), tanh);
    FillLstm(*params.mutable_weightparams(), 1, 0.5);
    const std::vector<float> xs = {0.5, -1, 2};
    EXPECT_THAT(Evaluate(network, {{3, 1, 1, 1, 1}, xs}).values,
                Pointwise(FloatNear(1e-6f), LstmByHand(xs, coupled)));
  }
}

// "cellClipThreshold ... If not set, 50 is used" (Core ML's LSTMParams). All activations are
// linear: the input gate and the block input are 10 x, so that a cell's state would be 100 x^2.
TEST(RecurrentTest, LstmClipsItsCellsAtFiftyUnlessTold) {
  for (float threshold : {0.0f, 70.0f}) {
    TestNetwork network;
    auto& params =
        *network.Layer({"in", "h", "c"}, {"out", "h1", "c1"}).mutable_unidirectionallstm();
    params.set_inputvectorsize(1);
    params.set_outputvectorsize(1);
    params.mutable_params()->set_cellclipthreshold(threshold);
    for (int i = 0; i < 3; ++i) params.add_activations()->mutable_linear()->set_alpha(1);
    FillLstm(*params.mutable_weightparams(), 0, 0);
    Fill(params.mutable_weightparams()->mutable_inputgateweightmatrix(), {10});
    Fill(params.mutable_weightparams()->mutable_blockinputweightmatrix(), {10});
    const Tensor zero{{1, 1, 1, 1, 1}, {0}};
    const auto out = EvaluateAll(
        network, {{"in", {{1, 1, 1, 1, 1}, {2}}}, {"h", zero}, {"c", zero}}, {"out", "h1", "c1"});
    EXPECT_THAT(out.at("c1").values, ElementsAre(threshold == 0 ? 50 : threshold));
  }
}

TEST(RecurrentTest, BackwardDirectionReadsFromTheEnd) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_bidirectionallstm();
  params.set_inputvectorsize(1);
  params.set_outputvectorsize(1);
  params.mutable_params()->set_sequenceoutput(true);
  for (bool tanh : {false, true, true}) AddActivation(params.add_activationsforwardlstm(), tanh);
  for (bool tanh : {false, true, true}) AddActivation(params.add_activationsbackwardlstm(), tanh);
  FillLstm(*params.add_weightparams(), 1, 0.5);
  FillLstm(*params.add_weightparams(), 1, 0.5);
  const std::vector<float> forward = LstmByHand({0.5, -1}, false);
  const std::vector<float> backward = LstmByHand({-1, 0.5}, false);
  EXPECT_THAT(Evaluate(network, {{2, 1, 1, 1, 1}, {0.5, -1}}).values,
              Pointwise(FloatNear(1e-6f), {forward[0], backward[1], forward[1], backward[0]}));
}

TEST(RecurrentTest, GruKeepsWhatItsUpdateGateSays) {
  TestNetwork network;
  auto& params = *network.Layer({"in", "state"}, {"out", "last"}).mutable_gru();
  params.set_inputvectorsize(1);
  params.set_outputvectorsize(1);
  for (bool tanh : {false, true}) AddActivation(params.add_activations(), tanh);
  Fill(params.mutable_updategateweightmatrix(), {1});
  Fill(params.mutable_resetgateweightmatrix(), {2});
  Fill(params.mutable_outputgateweightmatrix(), {3});
  Fill(params.mutable_updategaterecursionmatrix(), {0.5});
  Fill(params.mutable_resetgaterecursionmatrix(), {-0.5});
  Fill(params.mutable_outputgaterecursionmatrix(), {1.5});
  const double x = 0.25, h = 0.75;
  const double z = Sigmoid(x + 0.5 * h), r = Sigmoid(2 * x - 0.5 * h);
  const double o = std::tanh(3 * x + 1.5 * r * h);
  const auto out = EvaluateAll(
      network, {{"in", {{1, 1, 1, 1, 1}, {0.25}}}, {"state", {{1, 1, 1, 1, 1}, {0.75}}}},
      {"out", "last"});
  const auto expected = FloatNear(1e-6f);
  EXPECT_THAT(out.at("out").values, Pointwise(expected, {static_cast<float>((1 - z) * o + z * h)}));
  EXPECT_EQ(out.at("last").values, out.at("out").values);
}

TEST(RecurrentTest, SimpleRecurrentGivesTheLastStep) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_simplerecurrent();
  params.set_inputvectorsize(1);
  params.set_outputvectorsize(1);
  params.mutable_activation()->mutable_relu();
  Fill(params.mutable_weightmatrix(), {2});
  Fill(params.mutable_recursionmatrix(), {3});
  EXPECT_THAT(Evaluate(network, {{2, 1, 1, 1, 1}, {1, 4}}).values, ElementsAre(3 * 2 + 2 * 4));
}

}  // namespace
}  // namespace nbits
