// SPDX-License-Identifier: Apache-2.0
// Decoding weights into lanes, and Strassen's sums of them, against their plain twins on every
// instruction set.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "engine/kernels/common/code_lanes.h"
#include "engine/kernels/common/kernel_lanes.h"
#include "engine/kernels/pointwise/strassen_sums.h"
#include "nbits/quantize.h"
#include "tests/engine/convolution_case.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using testing::OnEveryTarget;
using testing::RandomValues;

constexpr int64_t kStride = 53;

template <typename Code>
std::vector<Code> RandomCodes() {
  std::mt19937 random(1);
  std::vector<Code> codes(kChannelBlock * kStride);
  for (Code& code : codes) code = static_cast<Code>(random());
  return codes;
}

template <typename Code>
void ExpectSameLanes() {
  const std::vector<Code> codes = RandomCodes<Code>();
  LaneGrid grid;
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    grid.scale[k] = 0.01f * static_cast<float>(k + 1);
    grid.offset[k] = k % 3 == 0 ? 0.0f : -1.27f * static_cast<float>(k + 1);
    grid.factor[k] = k % 2 == 0 ? 1.0f : -0.7f;
  }
  for (const int64_t count : {0, 1, 15, 16, 48, 53}) {
    std::vector<float> actual(kChannelBlock * kStride, 7), expected = actual;
    DecodeToLanes(codes.data(), kStride, count, grid, actual.data());
    reference::DecodeToLanes(codes.data(), kStride, count, grid, expected.data());
    // A unit in the last place of the larger part, which is 41 at most.
    for (size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 4e-6f) << i;
  }
}

TEST(CodeLanesTest, AgreeWithPlainOnes) {
  OnEveryTarget([] {
    ExpectSameLanes<uint8_t>();
    ExpectSameLanes<int8_t>();
  });
}

// Floats as they lie in a file: at any address.
TEST(KernelLanesTest, FloatsNeedNoAlignment) {
  const std::vector<float> values = RandomValues(kChannelBlock * kStride, 2);
  std::vector<std::byte> bytes(4 * values.size() + 1);
  std::memcpy(bytes.data() + 1, values.data(), 4 * values.size());
  PackedTensor weights;
  weights.shape = {kChannelBlock, kStride, 1, 1};
  weights.bytes = std::span(bytes).subspan(1);
  OnEveryTarget([&] {
    const int64_t channels = 64;  // Beyond the last: zero.
    std::vector<float> rows(KernelLanes::RowFloats(channels, 1)), lanes(rows.size(), 7);
    KernelLanes(weights, kStride, 1).Read(0, 0, channels, rows.data(), lanes.data());
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t k = 0; k < kChannelBlock; ++k) {
        ASSERT_EQ(lanes[c * kChannelBlock + k], c < kStride ? values[k * kStride + c] : 0.0f);
      }
    }
  });
}

// Codes of all widths, whole rows and parts of them, as Dequantize decodes them.
TEST(KernelLanesTest, CodesAreDecodedAsEverywhere) {
  const int64_t outputs = 37, inputs = 21, taps = 3, length = inputs * taps;
  for (const int bits : {8, 5, 4, 1}) {
    const PackedTensor weights =
        testing::RandomWeights({outputs, inputs, 1, taps}, QuantizeOptions{.bits = bits});
    std::vector<float> values(outputs * length);
    ASSERT_TRUE(Dequantize(weights, values).ok());
    for (const int64_t first : {0, 7}) {
      for (const int64_t channels : {5, 21}) {
        std::vector<float> rows(KernelLanes::RowFloats(channels, taps)), lanes(rows.size(), 7);
        for (int64_t block = 0; block < ChannelBlocks(outputs); ++block) {
          KernelLanes(weights, inputs, taps)
              .Read(block, first, channels, rows.data(), lanes.data());
          for (size_t i = 0; i < lanes.size(); ++i) {
            const int64_t output = block * kChannelBlock + i % kChannelBlock;
            const int64_t at = first * taps + i / kChannelBlock;
            const bool is_there = output < outputs && at < length;
            ASSERT_NEAR(lanes[i], is_there ? values[output * length + at] : 0.0f, 1e-6f);
          }
        }
      }
    }
  }
}

TEST(StrassenSumsTest, AreThePlainOnes) {
  constexpr int64_t kCount = 5 * kChannelBlock;
  const std::vector<float> q = RandomValues(4 * kCount, 3);
  const Quarters quarters{q.data(), q.data() + kCount, q.data() + 2 * kCount,
                          q.data() + 3 * kCount};
  OnEveryTarget([&] {
    using Sums = void (*)(const Quarters&, int64_t, float*, int64_t);
    const std::pair<Sums, Sums> twins[] = {{StrassenInputSums, reference::StrassenInputSums},
                                           {StrassenWeightSums, reference::StrassenWeightSums}};
    for (const auto& [fast, plain] : twins) {
      std::vector<float> actual(4 * (kCount + 16), 7), expected = actual;
      fast(quarters, kCount, actual.data(), kCount + 16);
      plain(quarters, kCount, expected.data(), kCount + 16);
      EXPECT_EQ(actual, expected);
    }
  });
}

}  // namespace
}  // namespace nbits
