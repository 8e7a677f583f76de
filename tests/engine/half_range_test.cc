// SPDX-License-Identifier: Apache-2.0
// Tensors that leave Float16's range while blocked tensors are stored so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include "engine/half_range.h"
#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Fill;
using testing::Set;
using testing::TestNetwork;

constexpr EngineOptions kHalves = {.threads = 2, .activations = Activations::kFloat16};
constexpr EngineOptions kLean = {.threads = 2, .memory = Memory::kLean};

std::vector<float> Random(int64_t count, float scale, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> values(static_cast<size_t>(count));
  std::ranges::generate(values, [&] { return normal(generator); });
  return values;
}

constexpr int64_t kPictureChannels = 20;

Tensor Picture(float scale = 1, unsigned seed = 1) {
  return {{kPictureChannels, 12, 14}, Random(kPictureChannels * 12 * 14, scale, seed)};
}

// A convolution of kPictureChannels whose values are about `gain` times those it reads.
void Convolve(TestNetwork& network, float gain, const char* from, const char* to, int64_t kernel) {
  auto& params = *network.Layer({from}, {to}).mutable_convolution();
  params.set_outputchannels(kPictureChannels);
  params.set_kernelchannels(kPictureChannels);
  Set(params.mutable_kernelsize(), {kernel, kernel});
  params.mutable_same();
  const float scale = gain / std::sqrt(static_cast<float>(kPictureChannels * kernel * kernel));
  Fill(params.mutable_weights(),
       Random(kPictureChannels * kPictureChannels * kernel * kernel, scale, 3));
}

absl::StatusOr<Engine> MakeEngine(TestNetwork& network, const EngineOptions& options) {
  return Engine::Create(*network.Build(), options);
}

// Within `share` of the largest expected value.
void ExpectNear(const Tensor& actual, const Tensor& expected, float share) {
  ASSERT_EQ(actual.shape, expected.shape);
  float largest = 0;
  for (const float value : expected.values) largest = std::max(largest, std::abs(value));
  ASSERT_TRUE(std::isfinite(largest));
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_LE(std::abs(actual.values[i] - expected.values[i]), share * largest) << i;
  }
}

// The network in halves against itself in Float32; returns how many tensors have become wide.
int64_t ExpectRightValues(TestNetwork& network, const TensorMap& inputs) {
  const auto expected = network.Run(inputs, {.threads = 2});
  EXPECT_TRUE(expected.ok()) << expected.status();
  int64_t wide = -1;
  for (const EngineOptions& options : {kHalves, kLean}) {
    auto engine = MakeEngine(network, options);
    EXPECT_TRUE(engine.ok()) << engine.status();
    std::vector<LayerProfile> profile;
    const auto first = engine->Run(inputs, &profile);
    EXPECT_TRUE(first.ok()) << first.status();
    ExpectNear(first->at("out"), expected->at("out"), 5e-3f);
    const size_t layers = profile.size();
    const auto second = engine->Run(inputs, &profile);
    EXPECT_EQ(second->at("out").values, first->at("out").values);
    EXPECT_EQ(profile.size(), 2 * layers);  // Runs that were given up left no rows.
    wide = engine->wide_tensors();
  }
  return wide;
}

TEST(HalfRangeTest, ValuesInRangeAreStoredInHalves) {
  TestNetwork network;
  Convolve(network, 1000, "in", "a", 3);
  Convolve(network, 1e-3f, "a", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  EXPECT_EQ(ExpectRightValues(network, {{"in", Picture()}}), 0);
}

TEST(HalfRangeTest, ATensorThatLeavesItKeepsFloat32) {
  for (const int64_t kernel : {1, 3}) {
    TestNetwork network;
    Convolve(network, 1, "in", "a", kernel);
    Convolve(network, 1e5f, "a", "b", kernel);
    Convolve(network, 1e-5f, "b", "c", kernel);
    Convolve(network, 1, "c", "out", kernel);
    network.Input("in", Picture().shape).Output("out");
    EXPECT_EQ(ExpectRightValues(network, {{"in", Picture()}}), 1);
  }
}

TEST(HalfRangeTest, OnlyThatTensorGrows) {
  TestNetwork network;
  Convolve(network, 1e5f, "in", "a", 3);
  Convolve(network, 1e-5f, "a", "b", 3);
  Convolve(network, 1, "b", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  auto engine = MakeEngine(network, kLean);
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_TRUE(engine->Run({{"in", Picture()}}).ok());
  const MemoryReport report = engine->memory();
  const auto format_of = [&](const std::string& name) {
    for (const PlannedMemory& block : report.blocks) {
      if (block.name == name && block.format.starts_with("blocked")) return block.format;
    }
    return std::string("none");
  };
  EXPECT_EQ(format_of("layer1"), "blocked Float32");
  EXPECT_EQ(format_of("layer2"), "blocked Float16");
}

// Infinity is hidden by what comes after it.
TEST(HalfRangeTest, ActivationsThatHideIt) {
  TestNetwork network;
  Convolve(network, 1e5f, "in", "a", 3);
  Convolve(network, 1e-5f, "a", "b", 1);
  network.Layer({"b"}, {"c"}).mutable_activation()->mutable_tanh();
  Convolve(network, 1, "c", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  EXPECT_EQ(ExpectRightValues(network, {{"in", Picture()}}), 1);
}

// All the operations that know blocked tensors, behind and before a wide one.
TEST(HalfRangeTest, OperationsOnWideTensors) {
  TestNetwork network;
  Convolve(network, 1e5f, "in", "a", 3);
  Convolve(network, 1, "in", "b", 3);
  network.Layer({"a", "b"}, {"sum"}).mutable_addbroadcastable();
  auto& pool = *network.Layer({"sum"}, {"pool"}).mutable_pooling();
  Set(pool.mutable_kernelsize(), {2, 2});
  Set(pool.mutable_stride(), {2, 2});
  pool.mutable_valid();
  Set(network.Layer({"pool"}, {"large"}).mutable_upsample()->mutable_scalingfactor(), {2, 2});
  network.Layer({"large", "b"}, {"joined"}).mutable_concatnd()->set_axis(0);
  network.Layer({"joined"}, {"ranged"}).mutable_activation()->mutable_leakyrelu()->set_alpha(0.1f);
  auto& scaled = *network.Layer({"ranged"}, {"out"}).mutable_activation()->mutable_linear();
  scaled.set_alpha(1e-5f);
  network.Input("in", Picture().shape).Output("out");
  EXPECT_GT(ExpectRightValues(network, {{"in", Picture()}}), 0);
}

TEST(HalfRangeTest, ResidualsOfEitherKind) {
  TestNetwork network;
  Convolve(network, 1e5f, "in", "a", 3);
  Convolve(network, 1, "a", "b", 3);
  network.Layer({"a", "b"}, {"sum"}).mutable_addbroadcastable();
  network.Layer({"sum"}, {"c"}).mutable_activation()->mutable_relu();
  Convolve(network, 1e-5f, "c", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  EXPECT_GT(ExpectRightValues(network, {{"in", Picture()}}), 0);
}

// The values of a later input decide as well.
TEST(HalfRangeTest, ALaterRunLeavesIt) {
  TestNetwork network;
  Convolve(network, 1, "in", "a", 3);
  Convolve(network, 1, "a", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  auto engine = MakeEngine(network, kHalves);
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_TRUE(engine->Run({{"in", Picture()}}).ok());
  EXPECT_EQ(engine->wide_tensors(), 0);
  const int64_t before = engine->activation_bytes();
  const TensorMap large = {{"in", Picture(40000)}};
  const auto actual = engine->Run(large);
  ASSERT_TRUE(actual.ok()) << actual.status();
  EXPECT_GT(engine->wide_tensors(), 0);
  EXPECT_GE(engine->activation_bytes(), before);
  ExpectNear(actual->at("out"), network.Run(large, {.threads = 2})->at("out"), 5e-3f);
}

// An input beyond the range, read by a kernel that wants it blocked.
TEST(HalfRangeTest, InputsThatLeaveIt) {
  TestNetwork network;
  Convolve(network, 1e-5f, "in", "a", 3);
  Convolve(network, 1, "a", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  EXPECT_EQ(ExpectRightValues(network, {{"in", Picture(1e6f)}}), 1);
}

TEST(HalfRangeTest, SeveralThreadsMayFindIt) {
  TestNetwork network;
  Convolve(network, 1e5f, "in", "a", 3);
  Convolve(network, 1e-5f, "a", "out", 3);
  network.Input("in", Picture().shape).Output("out");
  const TensorMap inputs = {{"in", Picture()}};
  const Tensor expected = network.Run(inputs, {.threads = 2})->at("out");
  auto engine = MakeEngine(network, kLean);
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::vector<std::thread> threads;
  std::vector<absl::StatusOr<TensorMap>> outputs(4);
  for (auto& output : outputs) {
    threads.emplace_back([&] { output = engine->Run(inputs); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& output : outputs) {
    ASSERT_TRUE(output.ok()) << output.status();
    ExpectNear(output->at("out"), expected, 5e-3f);
  }
  EXPECT_EQ(engine->wide_tensors(), 1);
}

// What is no number in Float32 either stays so, and the run ends.
TEST(HalfRangeTest, ValuesThatAreNoNumbers) {
  for (const float odd :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    TestNetwork network;
    Convolve(network, 1, "in", "a", 1);
    Convolve(network, 1, "a", "out", 1);
    network.Input("in", Picture().shape).Output("out");
    Tensor picture = Picture();
    picture.values[5] = odd;
    const auto plain = network.Run({{"in", picture}}, {.threads = 2});
    auto engine = MakeEngine(network, kLean);
    for (int i = 0; i < 2; ++i) {
      const auto lean = engine->Run({{"in", picture}});
      ASSERT_TRUE(lean.ok()) << lean.status();
      for (size_t k = 0; k < plain->at("out").values.size(); ++k) {
        ASSERT_EQ(std::isfinite(lean->at("out").values[k]),
                  std::isfinite(plain->at("out").values[k]));
      }
    }
  }
}

TEST(HalfRangeTest, FindsTheFirstAndTheLastValue) {
  const Shape shape = {16, 5, 7};
  for (const size_t place : {size_t{0}, size_t{16 * 35 - 1}}) {
    std::vector<float> values(16 * 35, 100.0f);
    const Operand tensor{shape, values.data(), kBlockedFormat};
    EXPECT_FALSE(LeavesHalfRange(tensor, 1));
    for (const float odd : {40000.0f, -70000.0f, std::nanf("")}) {
      values[place] = odd;
      EXPECT_TRUE(LeavesHalfRange(tensor, 1)) << odd;
    }
  }
  for (const size_t place : {size_t{0}, size_t{16 * 35 - 1}}) {
    std::vector<uint16_t> halves(16 * 35, 0x7bff);  // 65504.
    const Operand tensor{shape, reinterpret_cast<float*>(halves.data()), kBlockedHalfFormat};
    EXPECT_FALSE(LeavesHalfRange(tensor, 1));
    for (const uint16_t odd : {0x7c00, 0xfc00, 0x7e00}) {
      halves[place] = odd;
      EXPECT_TRUE(LeavesHalfRange(tensor, 1)) << odd;
    }
  }
}

}  // namespace
}  // namespace nbits
