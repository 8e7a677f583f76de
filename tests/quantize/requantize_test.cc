// SPDX-License-Identifier: Apache-2.0
// Requantize, which works piece by piece, against quantizing all values at once.
#include "quantize/requantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "nbits/quantize.h"

namespace nbits {
namespace {

std::vector<float> Wave(int64_t count) {
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i) {
    values[i] = i % 11 == 0 ? 0 : std::sin(0.37f * static_cast<float>(i)) / (1 + i % 5);
  }
  return values;
}

int64_t Count(const Shape& shape) { return *ElementCount(shape); }

PackedTensor Source(const Shape& shape, const QuantizeOptions& form) {
  auto packed = Quantize(Wave(Count(shape)), shape, form);
  EXPECT_TRUE(packed.ok()) << packed.status();
  return *packed;
}

void ExpectSame(const PackedTensor& a, const PackedTensor& b) {
  EXPECT_EQ(a.scheme, b.scheme);
  EXPECT_EQ(a.bits, b.bits);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.scale, b.scale);
  EXPECT_EQ(a.offset, b.offset);
  EXPECT_EQ(a.table, b.table);
  EXPECT_TRUE(std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end()));
}

void ExpectErrors(const ValueErrors& found, const ValueErrors& expected) {
  EXPECT_NEAR(found.signal, expected.signal, 1e-12 * expected.signal);
  EXPECT_NEAR(found.squared_error, expected.squared_error, 1e-12 * expected.squared_error);
  EXPECT_EQ(found.max_absolute_error, expected.max_absolute_error);
  EXPECT_EQ(found.zeros_flipped, expected.zeros_flipped);
}

void Check(const PackedTensor& source, const QuantizeOptions& options) {
  std::vector<float> values(Count(source.shape)), decoded(values.size());
  ASSERT_TRUE(Dequantize(source, values).ok());
  const auto expected = Quantize(values, source.shape, options);
  const auto found = Requantize(source, options);
  ASSERT_TRUE(expected.ok() && found.ok()) << expected.status() << found.status();
  ExpectSame(found->tensor, *expected);
  ASSERT_TRUE(Dequantize(*expected, decoded).ok());
  ExpectErrors(found->errors, reference::CompareValues(values, decoded));
}

// Channels side by side, scattered, one alone, shorter than a byte, longer than a tile.
TEST(Requantize, SaysWhatQuantizeSays) {
  for (const Shape& shape : {Shape{64, 9, 3, 3}, Shape{3, 7}, Shape{1, 5000}, Shape{2, 40001}}) {
    for (const QuantizeOptions& form :
         {QuantizeOptions{.mode = Mode::kFloat32, .bits = 32}, QuantizeOptions{.bits = 5}}) {
      const PackedTensor source = Source(shape, form);
      const bool values_are_few = Count(shape) < 10000;  // For the time that k-means takes.
      for (const Mode mode : {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut}) {
        for (const int axis : {0, 1}) {
          Check(source, {.mode = mode, .bits = 3, .channel_axis = axis});
          Check(source, {.mode = mode, .bits = 8, .channel_axis = axis});
        }
      }
      Check(source, {.mode = Mode::kFloat16, .bits = 16});
      Check(source, {.mode = Mode::kFloat32, .bits = 32});
      if (values_are_few) Check(source, {.mode = Mode::kKMeansLut, .bits = 4});
    }
  }
}

TEST(Requantize, OfNothing) { Check(Source({0, 4}, {.bits = 8}), {.bits = 4}); }

// The same words as Quantize, whatever piece the value stands in.
TEST(Requantize, RefusesWhatQuantizeRefuses) {
  std::vector<float> values = Wave(100000);
  values[77777] = std::numeric_limits<float>::infinity();
  values[99999] = -70000;
  const Shape shape = {50, 2000};
  const auto source = Quantize(values, shape, {.mode = Mode::kFloat32, .bits = 32});
  ASSERT_TRUE(source.ok());
  for (const QuantizeOptions& options :
       {QuantizeOptions{.mode = Mode::kFloat16, .bits = 16}, QuantizeOptions{.bits = 8}}) {
    const absl::Status expected = Quantize(values, shape, options).status();
    EXPECT_EQ(expected.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Requantize(*source, options).status(), expected);
  }
}

}  // namespace
}  // namespace nbits
