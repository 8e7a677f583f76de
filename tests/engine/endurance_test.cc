// SPDX-License-Identifier: Apache-2.0
// Networks that run often, beside others and in several threads at once.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/engine/network.h"
#include "tests/engine/node_runner.h"
#include "tests/support/left_out.h"

namespace nbits {
namespace {

using testing::Fill;
using testing::RandomValues;
using testing::Set;
using testing::TestNetwork;

// The sanitizers keep freed memory and books of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsMemory = false;
#else
constexpr bool kCountsMemory = true;
#endif

constexpr int64_t kChannels = 24;

void AddRandomConvolution(TestNetwork& network, const char* from, const char* to, int64_t stride,
                          unsigned seed) {
  auto& params = *network.Layer({from}, {to}).mutable_convolution();
  params.set_outputchannels(kChannels);
  params.set_kernelchannels(kChannels);
  Set(params.mutable_kernelsize(), {3, 3});
  Set(params.mutable_stride(), {stride, stride});
  params.mutable_same();
  Fill(params.mutable_weights(), RandomValues(kChannels * kChannels * 9, seed));
}

// Kernels of our own for blocked tensors, conversions, in-place operations and oneDNN's product.
absl::StatusOr<Model> BuildModel(unsigned seed) {
  TestNetwork network;
  network.Input("in", {1, kChannels, 20, 20});
  AddRandomConvolution(network, "in", "a", 1, seed);
  network.Layer({"a"}, {"b"}).mutable_activation()->mutable_relu();
  network.Layer({"b", "in"}, {"sum"}).mutable_add();
  AddRandomConvolution(network, "sum", "small", 2, seed + 1);
  auto& upsample = *network.Layer({"small"}, {"large"}).mutable_upsample();
  Set(upsample.mutable_scalingfactor(), {2, 2});
  network.Layer({"large", "sum"}, {"joined"}).mutable_concat();
  auto& rows = *network.Layer({"joined"}, {"rows"}).mutable_reshapestatic();
  Set(rows.mutable_targetshape(), {2 * kChannels * 20, 20});
  auto& product = *network.Layer({"rows"}, {"product"}).mutable_innerproduct();
  product.set_inputchannels(20);
  product.set_outputchannels(10);
  Fill(product.mutable_weights(), RandomValues(200, seed + 2));
  network.Layer({"product"}).mutable_softmaxnd()->set_axis(-1);
  return network.Output("out").Build();
}

Tensor RandomInput(unsigned seed) {
  const Shape shape = {1, kChannels, 20, 20};
  return {shape, RandomValues(graph::Product(shape), seed)};
}

Engine MakeEngine(unsigned seed, const EngineOptions& options = {.threads = 2}) {
  const auto model = BuildModel(seed);
  EXPECT_TRUE(model.ok()) << model.status();
  auto engine = Engine::Create(*model, options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  return *std::move(engine);
}

// Empty when the run failed.
std::vector<float> RunOnce(const Engine& engine, const Tensor& input) {
  auto outputs = engine.Run({{"in", input}});
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  return outputs.ok() ? std::move(outputs->at("out").values) : std::vector<float>{};
}

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(EnduranceTest, MemoryStaysFlatOver1000Runs) {
  if (!kCountsMemory) NBITS_LEAVE_OUT("a sanitizer holds memory of its own");
  constexpr int64_t kMostResident = 1 << 20, kMostAllocated = 4096;  // Bytes more at the end.
  for (Memory memory : {Memory::kNormal, Memory::kLean}) {
    // One thread: two would wait for each other wherever something else runs beside the test.
    const Engine engine = MakeEngine(1, {.threads = 1, .memory = memory});
    const Tensor input = RandomInput(1);
    for (int i = 0; i < 50; ++i) RunOnce(engine, input);
    const int64_t resident = ResidentBytes();
    const size_t allocated = mallinfo2().uordblks;
    for (int i = 0; i < 1000; ++i) RunOnce(engine, input);
    EXPECT_LE(ResidentBytes(), resident + kMostResident);
    EXPECT_LE(mallinfo2().uordblks, allocated + kMostAllocated);
  }
}

// Runs each engine on its input 20 times, all at once, and counts the runs whose result is
// expected.
std::vector<int> CountEqual(const std::vector<const Engine*>& engines,
                            const std::vector<Tensor>& inputs,
                            const std::vector<std::vector<float>>& expected) {
  std::vector<int> equal(engines.size(), 0);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < engines.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) equal[t] += RunOnce(*engines[t], inputs[t]) == expected[t];
    });
  }
  for (std::thread& thread : threads) thread.join();
  return equal;
}

TEST(EnduranceTest, TwoModelsAtOnceGiveWhatEachGivesAlone) {
  const Engine first = MakeEngine(1), second = MakeEngine(2);
  const std::vector<Tensor> inputs = {RandomInput(1), RandomInput(1)};
  const std::vector<std::vector<float>> alone = {RunOnce(first, inputs[0]),
                                                 RunOnce(second, inputs[1])};
  EXPECT_NE(alone[0], alone[1]);
  EXPECT_EQ(CountEqual({&first, &second}, inputs, alone), std::vector<int>(2, 20));
}

TEST(EnduranceTest, OneModelInTwoThreadsGivesWhatItGivesInOne) {
  const Engine engine = MakeEngine(1);
  const std::vector<Tensor> inputs = {RandomInput(1), RandomInput(2)};
  const std::vector<std::vector<float>> alone = {RunOnce(engine, inputs[0]),
                                                 RunOnce(engine, inputs[1])};
  EXPECT_NE(alone[0], alone[1]);
  EXPECT_EQ(CountEqual({&engine, &engine}, inputs, alone), std::vector<int>(2, 20));
}

}  // namespace
}  // namespace nbits
