// SPDX-License-Identifier: Apache-2.0
// The fast kernels against the plain ones, on every instruction set of this machine.
#include "tensor/kernels.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "quantize/grid_moments.h"
#include "quantize/nearest_encoder.h"
#include "tensor/compare_values.h"
#include "tests/quantize/test_values.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using testing::OnEveryTarget;

TEST(Kernels, Extremes) {
  const std::vector<float> values = NormalValues(2100);
  OnEveryTarget([&] {
    for (size_t length : kLengths) {
      const std::span<const float> span(values.data() + length, length);
      const Extremes fast = FindExtremes(span), slow = reference::FindExtremes(span);
      EXPECT_EQ(fast.minimum, slow.minimum) << length;
      EXPECT_EQ(fast.maximum, slow.maximum) << length;
      EXPECT_TRUE(fast.finite);
    }
  });
}

TEST(Kernels, ExtremesSeeEveryValueThatIsNotFinite) {
  OnEveryTarget([&] {
    for (float bad : {std::nanf(""), -std::nanf(""), INFINITY, -INFINITY}) {
      for (size_t i = 0; i < 67; ++i) {
        std::vector<float> values(67, 1.0f);
        values[i] = bad;
        EXPECT_FALSE(FindExtremes(values).finite) << i;
      }
    }
  });
}

TEST(Kernels, EncodeGrid) {
  std::vector<float> values = NormalValues(2100);
  for (size_t i = 0; i < 600; ++i) values[i] = static_cast<float>(i) / 2;  // Ties.
  const CodeGrid grids[] = {{0, 1, false, 255}, {-3.1, 41.3, false, 255}, {-3.1, 0.0243, true, 255},
                            {0, 1, true, 7},    {-1, 0, false, 15},       {2, 1e9, false, 255}};
  OnEveryTarget([&] {
    for (const CodeGrid& grid : grids) {
      for (size_t length : kLengths) {
        const std::span<const float> span(values.data() + length, length);
        std::vector<uint8_t> fast(length + 1, 0xee), slow(length + 1, 0xee);
        EncodeGrid(span, grid, fast.data());
        reference::EncodeGrid(span, grid, slow.data());
        EXPECT_EQ(fast, slow) << length << " " << grid.offset;
      }
    }
  });
}

template <typename Code>
void CheckDecodeLinear() {
  std::vector<Code> codes(2100);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<Code>(i * 37);
  for (size_t length : kLengths) {
    std::vector<float> fast(length + 1, -9), slow(length + 1, -9);
    DecodeLinear(codes.data() + length, 0.0123456f, -1.57f, {fast.data(), length});
    reference::DecodeLinear(codes.data() + length, 0.0123456f, -1.57f, {slow.data(), length});
    EXPECT_EQ(fast, slow) << length;
  }
}

TEST(Kernels, DecodeLinear) {
  OnEveryTarget([] {
    CheckDecodeLinear<uint8_t>();
    CheckDecodeLinear<int8_t>();
  });
}

TEST(Kernels, CompareValues) {
  std::vector<float> original = NormalValues(2100), stored = NormalValues(2100, 2);
  for (size_t i = 0; i < original.size(); i += 5) original[i] = 0;
  for (size_t i = 0; i < stored.size(); i += 7) stored[i] = -0.0f;
  OnEveryTarget([&] {
    for (size_t length : kLengths) {
      const std::span<const float> a(original.data() + length, length), b(stored.data(), length);
      const ValueErrors fast = CompareValues(a, b), slow = reference::CompareValues(a, b);
      EXPECT_EQ(fast.signal, slow.signal) << length;
      EXPECT_EQ(fast.squared_error, slow.squared_error) << length;
      EXPECT_EQ(fast.max_absolute_error, slow.max_absolute_error) << length;
      EXPECT_EQ(fast.zeros_flipped, slow.zeros_flipped) << length;
    }
  });
}

TEST(Kernels, MeasureSteps) {
  const std::vector<float> values = NormalValues(2100);
  OnEveryTarget([&] {
    for (const StepGrid& grid : {StepGrid{-3, 2.5f, 15}, StepGrid{-1, 170, 255}}) {
      for (size_t length : kLengths) {
        const std::span<const float> span(values.data() + length, length);
        const StepMoments fast = MeasureSteps(span, grid);
        const StepMoments slow = reference::MeasureSteps(span, grid);
        EXPECT_EQ(fast.q, slow.q) << length;
        EXPECT_EQ(fast.qq, slow.qq) << length;
        EXPECT_EQ(fast.m, slow.m) << length;
        EXPECT_EQ(fast.mq, slow.mq) << length;
        EXPECT_EQ(fast.mm, slow.mm) << length;
        EXPECT_EQ(MeasureMisses(span, grid), slow.mm) << length;
      }
    }
  });
}

TEST(Kernels, MeasureStepsByHand) {
  // Positions -1, 0.5 (a tie: code 0), 1.25, 5 (the last code is 3).
  const std::vector<float> values = {0, 3, 4.5f, 12};
  const StepMoments sums = MeasureSteps(values, {2, 0.5f, 3});
  EXPECT_EQ(sums.q, 0 + 0 + 1 + 3);
  EXPECT_EQ(sums.qq, 1 + 9);
  EXPECT_EQ(sums.m, -1 + 0.5 + 0.25 + 2);
  EXPECT_EQ(sums.mq, 0.25 + 6);
  EXPECT_EQ(sums.mm, 1 + 0.25 + 0.0625 + 4);
}

TEST(Kernels, SquaredError) {
  const std::vector<float> values = NormalValues(2100);
  OnEveryTarget([&] {
    for (const LinearGrid& grid : {MinMaxGrid(-3, 3, 4), SymmetricGrid(-1, 2, 8)}) {
      for (size_t length : kLengths) {
        const std::span<const float> span(values.data() + length, length);
        EXPECT_EQ(SquaredError(span, grid), reference::SquaredError(span, grid)) << length;
      }
    }
  });
}

TEST(Kernels, CompareValuesByHand) {
  const std::vector<float> original = {1, 0, -2, 0, 3, 0.5f, 0, 1, 4};
  const std::vector<float> stored = {1, 0.5f, -2.5f, -0.0f, 0, 0.5f, 0, 2, 3};
  const ValueErrors errors = CompareValues(original, stored);
  EXPECT_EQ(errors.signal, 1 + 4 + 9 + 0.25 + 1 + 16);
  EXPECT_EQ(errors.squared_error, 0.25 + 0.25 + 9 + 1 + 1);
  EXPECT_EQ(errors.max_absolute_error, 3);
  EXPECT_EQ(errors.zeros_flipped, 2);
}

TEST(Kernels, CompareValuesIgnoresNanForTheLargest) {
  std::vector<float> original(19, 1.0f), stored(19, 0.75f);
  original[3] = std::nanf("");
  OnEveryTarget([&] {
    const ValueErrors errors = CompareValues(original, stored);
    EXPECT_EQ(errors.max_absolute_error, 0.25);
    EXPECT_TRUE(std::isnan(errors.squared_error));
  });
}

void CheckNearest(const std::vector<float>& values, const std::vector<float>& table) {
  for (int64_t expected : {int64_t{1}, int64_t{1} << 20}) {  // Without and with the index.
    const NearestEncoder encoder(table, expected);
    std::vector<uint8_t> codes(values.size() + 1, 0xee);
    encoder.Encode(values, codes.data());
    EXPECT_EQ(codes.back(), 0xee);
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(codes[i], encoder.Encode(values[i]));
      ASSERT_LT(codes[i], table.size());
      ASSERT_EQ(std::abs(double{values[i]} - table[codes[i]]), DistanceToNearest(values[i], table));
    }
  }
}

TEST(Kernels, NearestEncoder) {
  OnEveryTarget([] {
    for (const Distribution& distribution : Distributions(1021)) {
      for (size_t entries : {1, 2, 16, 256}) {
        CheckNearest(distribution.values,
                     {distribution.values.begin(),
                      distribution.values.begin() + static_cast<long>(entries)});
      }
    }
  });
}

// Halfway goes to the smaller entry, of equal entries the first is used.
TEST(Kernels, NearestEncoderTies) {
  const std::vector<float> values = {0.5f, -0.5f, 1.5f, 0, -0.0f, -3, 9, 1.5000001f};
  for (int64_t expected : {int64_t{1}, int64_t{1} << 20}) {
    const NearestEncoder encoder(std::vector<float>{1, 0, 2, -1, 1, 0}, expected);
    std::vector<uint8_t> codes(values.size());
    encoder.Encode(values, codes.data());
    EXPECT_EQ(codes, (std::vector<uint8_t>{1, 3, 0, 1, 1, 3, 2, 2}));
  }
}

TEST(Kernels, DecodeTable) {
  OnEveryTarget([] {
    for (size_t entries : {2, 4, 8, 16, 32, 64, 128, 256}) {
      const std::vector<float> table = NormalValues(entries);
      std::vector<uint8_t> codes(2100);
      for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i * 37 % entries);
      for (size_t length : kLengths) {
        std::vector<float> fast(length + 1, -9), slow(length + 1, -9);
        DecodeTable(codes.data() + length, table, {fast.data(), length});
        reference::DecodeTable(codes.data() + length, table, {slow.data(), length});
        EXPECT_EQ(fast, slow) << length << " of " << entries;
      }
    }
  });
}

}  // namespace
}  // namespace nbits
