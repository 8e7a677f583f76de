// SPDX-License-Identifier: Apache-2.0
// The pieces of integer convolution against their plain twins, on every instruction set: the same
// bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "engine/kernels/convolution/tail_row.h"
#include "engine/kernels/int8/int8_codes.h"
#include "engine/kernels/int8/int8_product.h"
#include "engine/kernels/int8/int8_quantize.h"
#include "engine/kernels/int8/int8_tail.h"
#include "engine/kernels/int8/int8_weights.h"
#include "nbits/quantize.h"
#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using testing::OnEveryTarget;
using testing::RandomValues;

// Every third value is the smallest or the largest.
template <typename Value>
std::vector<Value> RandomBytes(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Value> values(count);
  for (Value& value : values) {
    const unsigned choice = random() % 6;
    value = choice == 0   ? std::numeric_limits<Value>::min()
            : choice == 1 ? std::numeric_limits<Value>::max()
                          : static_cast<Value>(random());
  }
  return values;
}

struct ProductCase {
  int64_t rows, blocks;
  int steps = 5;
  int weight_bits = 8;
};

void ExpectExact(const ProductCase& c) {
  constexpr int64_t kRoom = 64;  // Rows that a step's input has.
  const auto in = RandomBytes<uint8_t>(c.steps * kRoom * kChannelBlock, 1);
  const int64_t stride = c.steps * kInt8StepBytes;
  auto weights = RandomBytes<int8_t>(c.blocks * stride, 2);
  for (int8_t& weight : weights) weight = static_cast<int8_t>(weight >> (8 - c.weight_bits));
  std::vector<int64_t> offsets;
  for (int i = 0; i < c.steps; ++i) offsets.push_back((c.steps - 1 - i) * kRoom * kChannelBlock);
  std::vector<uint8_t> wide;
  for (int64_t i = 0; i < c.blocks * c.steps; ++i) {
    wide.push_back(HasSaturatingPair(weights.data() + i * kInt8StepBytes) ? 1 : 0);
  }
  EXPECT_EQ(std::ranges::count(wide, 1) > 0, c.weight_bits == 8);
  std::vector<int32_t> expected(c.blocks * kRoom * kChannelBlock), actual(expected.size());
  Int8Product product{.in = in.data(),
                      .offsets = offsets,
                      .rows = c.rows,
                      .weights = weights.data(),
                      .weight_stride = stride,
                      .output_blocks = c.blocks,
                      .out = expected.data(),
                      .out_stride = kRoom * kChannelBlock};
  reference::RunInt8Product(product);
  product.out = actual.data();
  for (const uint8_t* flags : {static_cast<const uint8_t*>(nullptr), std::as_const(wide).data()}) {
    for (const auto run : {&RunInt8Product, &RunInt8ProductWithoutVnni}) {
      product.wide = flags;
      std::ranges::fill(actual, -1);
      run(product);
      for (int64_t i = 0; i < c.blocks * c.rows * kChannelBlock; ++i) {
        const int64_t at =
            i / (c.rows * kChannelBlock) * product.out_stride + i % (c.rows * kChannelBlock);
        ASSERT_EQ(actual[at], expected[at]) << c.rows << " rows, " << c.blocks << " blocks, " << i;
      }
    }
  }
}

TEST(Int8PiecesTest, ProductsAreExact) {
  OnEveryTarget([] {
    for (const ProductCase& c :
         {ProductCase{1, 1}, {4, 2}, {7, 3}, {12, 2}, {16, 1}, {20, 2}, {48, 3}, {48, 2, 1}}) {
      ExpectExact(c);
      ExpectExact({c.rows, c.blocks, c.steps, 7});
    }
  });
}

TEST(Int8PiecesTest, PairsThatSaturate) {
  std::vector<int8_t> step(kInt8StepBytes, 0);
  const auto saturates = [&](int8_t first, int8_t second) {
    step[30] = first;
    step[31] = second;
    return HasSaturatingPair(step.data());
  };
  EXPECT_FALSE(saturates(64, 64));  // 255 * 128 = 32640
  EXPECT_TRUE(saturates(64, 65));   // 255 * 129 = 32895
  EXPECT_FALSE(saturates(-128, 0));
  EXPECT_FALSE(saturates(-64, -64));
  EXPECT_TRUE(saturates(-64, -65));
  EXPECT_FALSE(saturates(127, -128));
}

TEST(Int8PiecesTest, SumsOfRows) {
  const auto in = RandomBytes<uint8_t>(3 * 256, 1);
  const std::vector<int64_t> offsets = {512, 0, 256};
  std::vector<int32_t> expected(13), actual(13);
  reference::SumInt8Rows(in.data(), offsets, 13, expected.data());
  OnEveryTarget([&] {
    SumInt8Rows(in.data(), offsets, 13, actual.data());
    EXPECT_EQ(actual, expected);
  });
}

TEST(Int8PiecesTest, RangesAndGrids) {
  const std::vector<float> values = RandomValues(40 * kChannelBlock, 1);
  for (int64_t count : {0, 1, 2, 5, 20}) {
    const PixelSpan pixels{values.data(), 2 * kChannelBlock, count};
    Int8Range expected;
    reference::ExtendRange(pixels, expected);
    const Int8Grid grid = GridOf(expected);
    std::vector<uint8_t> codes(count * kChannelBlock), actual_codes(codes.size());
    reference::QuantizePixels(pixels, grid, codes.data());
    OnEveryTarget([&] {
      Int8Range actual;
      ExtendRange(pixels, actual);
      EXPECT_EQ(actual.low, expected.low);
      EXPECT_EQ(actual.high, expected.high);
      QuantizePixels(pixels, grid, actual_codes.data());
      EXPECT_EQ(actual_codes, codes);
    });
    for (int64_t i = 0; i < count * kChannelBlock; ++i) {
      const float value = values[i / kChannelBlock * pixels.stride + i % kChannelBlock];
      // Half a step, and half another at the ends, because 0 is a step.
      EXPECT_NEAR(grid.scale * static_cast<float>(codes[i] - grid.zero), value,
                  grid.scale * 1.0001f);
    }
  }
}

TEST(Int8PiecesTest, GridsOfSpecialRanges) {
  EXPECT_EQ(GridOf({0, 0}).scale, 1);
  EXPECT_EQ(GridOf({0, std::numeric_limits<float>::denorm_min()}).scale, 1);
  EXPECT_EQ(GridOf({-128, 127}).zero, 128);
  EXPECT_EQ(GridOf({-255, 0}).zero, 255);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(GridOf({0, infinity}).scale, infinity);
  EXPECT_EQ(GridOf({-infinity, infinity}).zero, 0);
}

TEST(Int8PiecesTest, CentredCodes) {
  const auto codes = RandomBytes<uint8_t>(301, 3);
  std::vector<int8_t> expected(301), actual(301);
  for (int middle : {0, 8, 128}) {
    const int32_t sum = reference::CenterCodes(codes.data(), 301, middle, expected.data());
    OnEveryTarget([&] {
      EXPECT_EQ(CenterCodes(codes.data(), 301, middle, actual.data()), sum);
      EXPECT_EQ(actual, expected);
    });
  }
}

TEST(Int8PiecesTest, TailsGiveTheSameValues) {
  constexpr int64_t kPixels = 7;
  std::mt19937 random(4);
  std::vector<int32_t> products(2 * kPixels * kChannelBlock), row_sums(kPixels);
  for (int32_t& sum : products) sum = static_cast<int32_t>(random());
  for (int32_t& sum : row_sums) sum = static_cast<int32_t>(random() >> 8);
  Int8Sums sums;
  for (Int8Sums::Term& term : sums.terms) {
    std::ranges::copy(RandomValues(kChannelBlock, static_cast<unsigned>(random())), term.factor);
    for (int32_t& sum : term.zero_sums) sum = static_cast<int32_t>(random());
  }
  sums.terms[0].sums = products.data();
  sums.terms[1].sums = products.data() + kPixels * kChannelBlock;
  std::ranges::copy(RandomValues(kChannelBlock, 6), sums.offset);
  sums.row_sums = row_sums.data();
  const AlignedMemory memory = AllocateAligned(4 * kPixels * kChannelBlock);
  auto* values = reinterpret_cast<float*>(memory.get());
  graph::Convolution op;
  op.output_channels = 13;
  op.bias = RandomValues(13, 7);
  const ConvolutionTail tail(op);
  for (int terms : {1, 2}) {
    sums.count = terms;
    reference::Int8Values(sums, kPixels, values);
    OnEveryTarget([&] {
      std::vector<float> expected(kPixels * kChannelBlock), actual(expected.size());
      BlockedOutput output{.tail = &tail, .data = expected.data(), .height = 1, .width = kPixels};
      StoreTailRow(values, kPixels, output, 0, 0, 0);
      output.data = actual.data();
      StoreInt8TailRow(sums, kPixels, output, 0, 0, 0);
      EXPECT_EQ(actual, expected);
    });
  }
}

// What Read gives, put together again, is what the tensor decodes to: within `tolerance` of the
// channel's largest weight.
void ExpectSameWeights(const QuantizeOptions& options, int64_t taps, float tolerance) {
  constexpr int64_t kOutputs = 21, kInputs = 37;
  const std::vector<float> factors = RandomValues(kOutputs, 9);
  const Shape shape = {kOutputs, kInputs, taps};
  const auto packed = Quantize(RandomValues(kOutputs * kInputs * taps, 8), shape, options);
  ASSERT_TRUE(packed.ok()) << packed.status();
  ASSERT_TRUE(Int8Weights::CanRead(*packed));
  std::vector<float> expected(kOutputs * kInputs * taps);
  ASSERT_TRUE(Dequantize(*packed, expected).ok());
  const Int8Weights weights(*packed, factors, kInputs, taps);
  const AlignedMemory scratch = AllocateAligned(weights.scratch_bytes());
  const int64_t terms = weights.terms(), term_bytes = weights.block_bytes();
  const AlignedMemory memory = AllocateAligned(terms * term_bytes);
  auto* values = reinterpret_cast<int8_t*>(memory.get());
  std::vector<float> largest(kOutputs, 0.0f);
  for (size_t i = 0; i < expected.size(); ++i) {
    float& channel = largest[i / (kInputs * taps)];
    channel = std::max(channel, std::abs(expected[i]));
  }
  for (int64_t block = 0; block < 2; ++block) {
    const Int8WeightLanes lanes = weights.Read(block, scratch.get(), values);
    for (int64_t i = 0; i < weights.block_bytes(); ++i) {
      const int64_t k = i / 4 % kChannelBlock, step = i / kInt8StepBytes;
      const int64_t c = step / taps * kChannelBlock + i / 64 % 4 * 4 + i % 4;
      const int64_t channel = block * kChannelBlock + k;
      if (channel >= kOutputs || c >= kInputs) {
        for (int64_t t = 0; t < terms; ++t) ASSERT_EQ(values[t * term_bytes + i], 0);
        continue;
      }
      float value = lanes.offset[k];
      for (int64_t t = 0; t < terms; ++t) {
        value += lanes.terms[t].scale[k] * static_cast<float>(values[t * term_bytes + i]);
      }
      const float want = expected[(channel * kInputs + c) * taps + step % taps];
      ASSERT_NEAR(value, want * factors[channel],
                  largest[channel] * std::abs(factors[channel]) * tolerance);
    }
    for (int64_t t = 0; t < terms; ++t) {
      std::vector<int32_t> sums(kChannelBlock, 0);
      for (int64_t i = 0; i < term_bytes; ++i) {
        sums[i / 4 % kChannelBlock] += values[t * term_bytes + i];
      }
      EXPECT_TRUE(std::ranges::equal(lanes.terms[t].sums, sums));
    }
  }
}

TEST(Int8PiecesTest, WeightsOfEveryStorage) {
  OnEveryTarget([] {
    for (int64_t taps : {1, 9}) {
      for (int bits : {1, 3, 4, 7, 8}) ExpectSameWeights({.bits = bits}, taps, 1e-6f);
      ExpectSameWeights({.mode = Mode::kLinearSymmetric}, taps, 1e-6f);
      // 1 / 510 and 1 / 131070 of a range of twice the largest weight, and rounding.
      for (int bits : {2, 6}) {
        ExpectSameWeights({.mode = Mode::kLinearLut, .bits = bits}, taps, 0.00393f);
      }
      ExpectSameWeights({.mode = Mode::kLinearLut, .bits = 8}, taps, 1.6e-5f);
    }
  });
}

TEST(Int8PiecesTest, OtherWeightsAreNotRead) {
  const std::vector<float> values = RandomValues(16 * 16, 8);
  const Shape shape = {16, 16, 1};
  EXPECT_FALSE(
      Int8Weights::CanRead(*Quantize(values, shape, {.mode = Mode::kFloat16, .bits = 16})));
  EXPECT_FALSE(
      Int8Weights::CanRead(*Quantize(values, shape, {.mode = Mode::kFloat32, .bits = 32})));
  EXPECT_FALSE(Int8Weights::CanRead(*Quantize(values, shape, {.channel_axis = 1})));
}

}  // namespace
}  // namespace nbits
