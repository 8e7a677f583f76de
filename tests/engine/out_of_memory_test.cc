// SPDX-License-Identifier: Apache-2.0
// Networks that need more memory than there is: an error, no exception.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using testing::Set;
using testing::TestNetwork;

// What this process has mapped so far, and no more than `bytes` on top of it.
void AllowMemory(rlim_t bytes) {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * 4096 + bytes;
  const rlimit limits = {limit, limit};
  if (setrlimit(RLIMIT_AS, &limits) != 0) std::exit(2);
}

// Prints how the run ends, in a process of its own.
[[noreturn]] void RunWithLittleMemory(TestNetwork& network, const Tensor& input, int threads = 1,
                                      rlim_t bytes = rlim_t{256} << 20) {
  network.Input("in", input.shape).Output("out");
  const TensorMap inputs = {{"in", input}};
  AllowMemory(bytes);
  std::cerr << network.Run(inputs, {.threads = threads}).status();
  std::exit(0);
}

TEST(OutOfMemoryTest, OfALoopThatDoublesItsTensor) {
  TestNetwork network;
  network.Layer({"in"}, {"out"}).mutable_copy();
  auto& loop = *network.Layer({}, {}).mutable_loop();
  loop.set_maxloopiterations(20);
  auto& twice = *loop.mutable_bodynetwork()->add_layers();
  twice.set_name("twice");
  for (int i = 0; i < 2; ++i) twice.add_input("out");
  twice.add_output("out");
  twice.mutable_concatnd();
  EXPECT_EXIT(RunWithLittleMemory(network, Counting({1 << 16})), ::testing::ExitedWithCode(0),
              "RESOURCE_EXHAUSTED: layer 'twice'.* needs [0-9]+ MB");
}

TEST(OutOfMemoryTest, OfAnOutput) {
  TestNetwork network;
  Set(network.Layer().mutable_tile()->mutable_reps(), {1 << 12});
  EXPECT_EXIT(RunWithLittleMemory(network, Counting({1 << 16})), ::testing::ExitedWithCode(0),
              "RESOURCE_EXHAUSTED: layer 'layer1'.* needs 1.07 GB");
}

// Positions of 8 bytes for the longest rows, beside outputs of 4: in a helper as in the caller.
TEST(OutOfMemoryTest, OfWhatAKernelComputesWith) {
  TestNetwork network;
  network.Layer().mutable_argsort()->set_axis(1);
  EXPECT_EXIT(RunWithLittleMemory(network, Counting({2, 1 << 24}), 2, rlim_t{200} << 20),
              ::testing::ExitedWithCode(0), "RESOURCE_EXHAUSTED: layer 'layer1': no memory");
}

}  // namespace
}  // namespace nbits
