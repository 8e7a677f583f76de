// SPDX-License-Identifier: Apache-2.0
// Random layers: reproducible by seed, and distributed as they say. Bounds are six standard errors,
// which a right generator misses once in 5e8 draws of a seed; the seeds are fixed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::Evaluate;
using testing::Set;
using testing::TestNetwork;

constexpr int64_t kCount = 10000;

double Mean(const std::vector<float>& values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double Deviation(const std::vector<float>& values) {
  const double mean = Mean(values);
  double sum = 0;
  for (float value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

// The three forms of a layer give the same values for the same seed and shape.
std::vector<float> Draw(void (*like)(schema::NeuralNetworkLayer&),
                        void (*fixed)(schema::NeuralNetworkLayer&),
                        void (*dynamic)(schema::NeuralNetworkLayer&)) {
  TestNetwork of_like, of_static, of_dynamic;
  like(of_like.Layer());
  const Tensor a = Evaluate(of_like, {{2, kCount / 2}, std::vector<float>(kCount)});
  auto& layer = of_static.Layer({}, {"out"});
  fixed(layer);
  const Tensor b = Evaluate(of_static, {{1}, {0}});
  dynamic(of_dynamic.Layer());
  const Tensor c = Evaluate(of_dynamic, {{2}, {2, kCount / 2}});
  EXPECT_THAT(a.shape, ElementsAre(2, kCount / 2));
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.shape, c.shape);
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.values, c.values);
  return a.values;
}

TEST(RandomTest, Normal) {
  static constexpr auto kSet = [](auto& params) {
    params.set_seed(3);
    params.set_mean(2);
    params.set_stddev(0.5);
  };
  const std::vector<float> values =
      Draw([](auto& layer) { kSet(*layer.mutable_randomnormallike()); },
           [](auto& layer) {
             kSet(*layer.mutable_randomnormalstatic());
             Set(layer.mutable_randomnormalstatic()->mutable_outputshape(), {2, kCount / 2});
           },
           [](auto& layer) { kSet(*layer.mutable_randomnormaldynamic()); });
  EXPECT_NEAR(Mean(values), 2, 6 * 0.5 / std::sqrt(kCount));
  EXPECT_NEAR(Deviation(values), 0.5, 6 * 0.5 / std::sqrt(2.0 * kCount));
  // The share within one standard deviation, and the symmetry.
  const auto within = std::count_if(values.begin(), values.end(),
                                    [](float value) { return std::abs(value - 2) < 0.5f; });
  EXPECT_NEAR(static_cast<double>(within) / kCount, 0.6827, 6 * 0.466 / std::sqrt(kCount));
}

TEST(RandomTest, Uniform) {
  static constexpr auto kSet = [](auto& params) {
    params.set_seed(4);
    params.set_minval(-1);
    params.set_maxval(3);
  };
  const std::vector<float> values =
      Draw([](auto& layer) { kSet(*layer.mutable_randomuniformlike()); },
           [](auto& layer) {
             kSet(*layer.mutable_randomuniformstatic());
             Set(layer.mutable_randomuniformstatic()->mutable_outputshape(), {2, kCount / 2});
           },
           [](auto& layer) { kSet(*layer.mutable_randomuniformdynamic()); });
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -1);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), 3);
  EXPECT_NEAR(Mean(values), 1, 6 * 4 / std::sqrt(12.0 * kCount));
  EXPECT_NEAR(Deviation(values), 4 / std::sqrt(12.0), 0.05);
}

TEST(RandomTest, Bernoulli) {
  static constexpr auto kSet = [](auto& params) {
    params.set_seed(5);
    params.set_prob(0.3f);
  };
  const std::vector<float> values =
      Draw([](auto& layer) { kSet(*layer.mutable_randombernoullilike()); },
           [](auto& layer) {
             kSet(*layer.mutable_randombernoullistatic());
             Set(layer.mutable_randombernoullistatic()->mutable_outputshape(), {2, kCount / 2});
           },
           [](auto& layer) { kSet(*layer.mutable_randombernoullidynamic()); });
  EXPECT_THAT(values, Each(::testing::AnyOf(0.0f, 1.0f)));
  EXPECT_NEAR(Mean(values), 0.3, 6 * std::sqrt(0.3 * 0.7 / kCount));
}

TEST(RandomTest, SeedsGiveDifferentValues) {
  std::vector<std::vector<float>> drawn;
  for (int64_t seed : {0, 1, 2}) {
    TestNetwork network;
    network.Layer().mutable_randomuniformlike()->set_seed(seed);
    network.network().mutable_layers(0)->mutable_randomuniformlike()->set_maxval(1);
    drawn.push_back(Evaluate(network, {{4}, {0, 0, 0, 0}}).values);
  }
  EXPECT_NE(drawn[0], drawn[1]);
  EXPECT_NE(drawn[1], drawn[2]);
}

TEST(RandomTest, WithoutASeedLayersDifferAndRunsDoNot) {
  std::vector<std::vector<float>> drawn;
  for (const char* name : {"first", "second", "first"}) {
    TestNetwork network;
    auto& layer = network.Layer();
    layer.set_name(name);
    layer.mutable_randomuniformlike()->set_seed(-1);
    layer.mutable_randomuniformlike()->set_maxval(1);
    drawn.push_back(Evaluate(network, {{4}, {0, 0, 0, 0}}).values);
  }
  EXPECT_NE(drawn[0], drawn[1]);
  EXPECT_EQ(drawn[0], drawn[2]);
}

// Shares of the classes that `kCount` draws give.
std::vector<double> Shares(const std::vector<float>& weights, bool logits, float temperature) {
  TestNetwork network;
  auto& params = *network.Layer().mutable_categoricaldistribution();
  params.set_seed(6);
  params.set_numsamples(kCount);
  params.set_islogits(logits);
  params.set_temperature(temperature);
  const Tensor drawn = Evaluate(network, {{1, static_cast<int64_t>(weights.size())}, weights});
  EXPECT_THAT(drawn.shape, ElementsAre(1, kCount));
  std::vector<double> shares(weights.size());
  for (float value : drawn.values) shares.at(static_cast<size_t>(value)) += 1.0 / kCount;
  return shares;
}

TEST(CategoricalTest, DrawsByProbability) {
  const double error = 6 * 0.5 / std::sqrt(kCount);
  const std::vector<double> shares = Shares({0.5, 0.0, 0.2, 0.3}, false, 1);
  EXPECT_NEAR(shares[0], 0.5, error);
  EXPECT_EQ(shares[1], 0);
  EXPECT_NEAR(shares[2], 0.2, error);
  EXPECT_NEAR(shares[3], 0.3, error);
}

TEST(CategoricalTest, DrawsByLogit) {
  // exp(log 6) : exp(log 3) : exp(log 1)
  const std::vector<double> shares = Shares({std::log(6.0f), std::log(3.0f), 0}, true, 1);
  EXPECT_NEAR(shares[0], 0.6, 6 * 0.5 / std::sqrt(kCount));
  EXPECT_NEAR(shares[1], 0.3, 6 * 0.5 / std::sqrt(kCount));
}

TEST(CategoricalTest, TemperatureSharpensOrFlattens) {
  // At temperature 1/2 the weights 2 : 1 become 4 : 1, at 2 the weights 4 : 1 become 2 : 1.
  EXPECT_NEAR(Shares({std::log(2.0f), 0}, true, 0.5f)[0], 0.8, 6 * 0.4 / std::sqrt(kCount));
  EXPECT_NEAR(Shares({std::log(4.0f), 0}, true, 2)[0], 2.0 / 3, 6 * 0.5 / std::sqrt(kCount));
}

}  // namespace
}  // namespace nbits
