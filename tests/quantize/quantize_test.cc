// SPDX-License-Identifier: Apache-2.0
#include "nbits/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "quantize/requantize.h"
#include "tests/quantize/test_values.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int> Bytes(const PackedTensor& tensor) {
  std::vector<int> numbers;
  for (std::byte byte : tensor.bytes) numbers.push_back(std::to_integer<int>(byte));
  return numbers;
}

std::vector<float> Decoded(const PackedTensor& tensor) {
  std::vector<float> values(ElementCount(tensor.shape).value());
  EXPECT_TRUE(Dequantize(tensor, values).ok());
  return values;
}

double SquaredDistance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

const std::vector<float> kExample = {-1, -.5, .25, 2, .1, 0, .3f, .3f, .7f, 1, 5, 5, 5, 5, 5};

PackedTensor Packed(std::span<const float> values, const Shape& shape,
                    const QuantizeOptions& options) {
  auto packed = Quantize(values, shape, options);
  EXPECT_TRUE(packed.ok()) << packed.status();
  EXPECT_TRUE(Validate(*packed).ok()) << Validate(*packed);
  return *std::move(packed);
}

// Worked by hand: 15 nibbles, most significant first; 0.3f * 255 and
// 0.3f * 15 are just above 76.5 and 4.5 in double (in float32 they would be ties).
TEST(Quantize, LinearExample) {
  const PackedTensor eight = Packed(kExample, {3, 5}, {.mode = Mode::kLinear, .bits = 8});
  EXPECT_THAT(Bytes(eight),
              ElementsAre(0, 0x2a, 0x6a, 0xff, 0x5e, 0, 0x4d, 0x4d, 0xb2, 0xff, 0, 0, 0, 0, 0));
  EXPECT_THAT(eight.offset, ElementsAre(-1, 0, 5));
  EXPECT_THAT(eight.scale, ElementsAre(3 / 255.0f, 1 / 255.0f, 0));
  const PackedTensor four = Packed(kExample, {3, 5}, {.mode = Mode::kLinear, .bits = 4});
  EXPECT_THAT(Bytes(four), ElementsAre(2, 0x6f, 0x60, 0x55, 0xaf, 0, 0, 0));
  const PackedTensor one = Packed(kExample, {3, 5}, {.mode = Mode::kLinear, .bits = 1});
  EXPECT_THAT(Bytes(one), ElementsAre(0x10, 0xc0));
}

// coremltools takes steps up to 1e-6 for none. Of one bit the step is the difference of two floats;
// of these two it is 1e-6 to the last bit of a double, of the others just above.
TEST(Quantize, AStepOfExactlyCoremltoolsSmallestIsConstantThere) {
  const QuantizeOptions options{.mode = Mode::kLinear, .bits = 1, .range = Range::kCoremltools};
  const std::vector<float> exact = {-0x1.6bdb1ap-49f, 0x1.0c6f7ap-20f};
  ASSERT_EQ(double{exact[1]} - exact[0], 1e-6);
  EXPECT_THAT(Bytes(Packed(exact, {1, 2}, options)), ElementsAre(0));
  const std::vector<float> above = {-0x1.6bdb1cp-49f, 0x1.0c6f7ap-20f};
  ASSERT_GT(double{above[1]} - above[0], 1e-6);
  EXPECT_THAT(Bytes(Packed(above, {1, 2}, options)), ElementsAre(0x40));
}

// The signal-to-noise ratio, in dB, of a bell-shaped tensor times `factor`.
double SnrOf(float factor, const QuantizeOptions& options) {
  std::vector<float> values;
  for (int i = 0; i < 4 * 1100; ++i) {
    const float x = static_cast<float>(i * 7919 % 4400) / 2200.0f - 1.0f;
    values.push_back(factor * x * x * x);
  }
  return AllErrors(Packed(values, {4, 1100}, options), values).SnrDb();
}

// What is stored of a tensor does not depend on the unit that its values are in.
TEST(Quantize, SmallWeightsLoseNoMoreThanLargeOnes) {
  for (const Mode mode :
       {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut, Mode::kKMeansLut}) {
    for (const Range range : {Range::kMinMax, Range::kMeanSquaredError}) {
      for (const int bits : {8, 7, 4, 1}) {
        const QuantizeOptions options{.mode = mode, .bits = bits, .range = range};
        const double expected = SnrOf(1, options);
        for (const float factor : {1e-5f, 1e-7f, 1e-20f, 1e-34f}) {
          EXPECT_NEAR(SnrOf(factor, options), expected, 0.1)
              << ModeName(mode) << " " << bits << " " << factor;
        }
      }
    }
  }
}

// Steps below Float32's normal numbers have few digits.
TEST(Quantize, StepsOfFewDigitsStillReachAcrossTheRange) {
  for (const Mode mode : {Mode::kLinear, Mode::kLinearSymmetric}) {
    for (const float factor : {1e-37f, 1e-40f, 1e-42f}) {
      EXPECT_GT(SnrOf(factor, {.mode = mode, .bits = 8}), 25) << ModeName(mode) << " " << factor;
    }
  }
}

TEST(Quantize, TheSignOfAZeroOffsetDoesNotDependOnTheMachine) {
  for (const size_t place : {0u, 5u, 63u}) {
    std::vector<float> values(64, 0.0f);
    EXPECT_FALSE(std::signbit(Packed(values, {1, 64}, {.mode = Mode::kLinear}).offset[0]));
    values[place] = -0.0f;
    EXPECT_TRUE(std::signbit(Packed(values, {1, 64}, {.mode = Mode::kLinear}).offset[0]));
  }
}

TEST(Quantize, SymmetricKeepsZeroAndItsRangeAtEveryWidth) {
  const std::vector<float> values = {-3, 0, 1.5f, 3};
  for (int bits = 2; bits <= 8; ++bits) {
    const PackedTensor packed =
        Packed(values, {1, 4}, {.mode = Mode::kLinearSymmetric, .bits = bits});
    const std::vector<float> decoded = Decoded(packed);
    EXPECT_NEAR(decoded[0], -3, 1e-6) << bits;
    EXPECT_NEAR(decoded[1], 0, 1e-6) << bits;
    EXPECT_NEAR(decoded[3], 3, 1e-6) << bits;
    EXPECT_NEAR(decoded[2], 1.5, packed.scale[0] / 2 + 1e-6) << bits;
  }
  const PackedTensor one = Packed(values, {1, 4}, {.mode = Mode::kLinearSymmetric, .bits = 1});
  EXPECT_THAT(Decoded(one), ElementsAre(-3, -3, 3, 3));
}

TEST(Quantize, LinearTableExample) {
  const PackedTensor packed = Packed(kExample, {3, 5}, {.mode = Mode::kLinearLut, .bits = 2});
  EXPECT_THAT(packed.table, ElementsAre(-1, 1, 3, 5));
  EXPECT_THAT(Bytes(packed), ElementsAre(0x06, 0x45, 0x5f, 0xfc));
}

TEST(Quantize, Float16RoundsToEvenAndKeepsSubnormals) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {1.00048828125f, 2049,      2051,          6e-8f, 1e-8f,
                                     65519,          -infinity, std::nanf(""), 65504};
  const PackedTensor packed = Packed(values, {9}, {.mode = Mode::kFloat16, .bits = 16});
  EXPECT_THAT(Bytes(packed), ElementsAre(0, 0x3c, 0, 0x68, 2, 0x68, 1, 0, 0, 0, 0xff, 0x7b, 0, 0xfc,
                                         0, 0x7e, 0xff, 0x7b));
  const std::vector<float> decoded = Decoded(packed);
  EXPECT_EQ(decoded[6], -infinity);
  EXPECT_TRUE(std::isnan(decoded[7]));
}

TEST(Quantize, Float16RefusesWhatBecomesInfinite) {
  const std::vector<float> values = {1, 65520, -70000, std::numeric_limits<float>::infinity()};
  const auto packed = Quantize(values, {4}, {.mode = Mode::kFloat16, .bits = 16});
  EXPECT_EQ(packed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(packed.status().message()), HasSubstr("-70000 at index 2"));
}

TEST(Quantize, Float32ComesBackUnchanged) {
  const PackedTensor packed = Packed(kExample, {15}, {.mode = Mode::kFloat32, .bits = 32});
  EXPECT_EQ(Decoded(packed), kExample);
}

TEST(Quantize, NamesValuesThatAreNotFinite) {
  for (Mode mode : {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut, Mode::kKMeansLut}) {
    std::vector<float> values = NormalValues(100);
    values[37] = -std::numeric_limits<float>::infinity();
    const auto infinite = Quantize(values, {4, 25}, {.mode = mode, .bits = 4});
    EXPECT_EQ(infinite.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(infinite.status().message()), HasSubstr("-inf at index 37"));
    values[99] = std::nanf("");
    const auto nan = Quantize(values, {4, 25}, {.mode = mode, .bits = 4});
    EXPECT_THAT(std::string(nan.status().message()), HasSubstr("nan at index 99"));
  }
}

TEST(Quantize, RefusesAStepBeyondFloat32) {
  const std::vector<float> values = {-3e38f, 3e38f};
  const auto packed = Quantize(values, {1, 2}, {.mode = Mode::kLinear, .bits = 1});
  EXPECT_EQ(packed.status().code(), absl::StatusCode::kFailedPrecondition);
}

// Every code decodes to a finite value: the step of {0, FLT_MAX} in 31 parts rounds up, and 31 of
// them are more than there is. In 15 parts it rounds down.
TEST(Quantize, RefusesAGridWhoseLastCodeIsInfinite) {
  const std::vector<float> values = {0, std::numeric_limits<float>::max()};
  EXPECT_EQ(Quantize(values, {1, 2}, {.mode = Mode::kLinear, .bits = 5}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Decoded(Packed(values, {1, 2}, {.mode = Mode::kLinear, .bits = 4})),
              ElementsAre(0, values[1]));
}

TEST(Quantize, RefusesWrongArguments) {
  const auto code = [](const Shape& shape, const QuantizeOptions& options) {
    return Quantize(kExample, shape, options).status().code();
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code({3, 5}, {.mode = Mode::kLinear, .bits = 9}), invalid);
  EXPECT_EQ(code({3, 5}, {.mode = Mode::kLinear, .bits = 0}), invalid);
  EXPECT_EQ(code({3, 5}, {.mode = Mode::kFloat16, .bits = 8}), invalid);
  EXPECT_EQ(code({3, 5}, {.mode = Mode::kLinear, .bits = 8, .channel_axis = 2}), invalid);
  EXPECT_EQ(code({3, 5}, {.mode = Mode::kLinear, .bits = 8, .channel_axis = -1}), invalid);
  EXPECT_EQ(code({3, 6}, {.mode = Mode::kLinear, .bits = 8}), invalid);
  EXPECT_EQ(code({15}, {.mode = Mode::kCustomLut, .bits = 4, .table = kExample}), invalid);
  EXPECT_EQ(code({15}, {.mode = Mode::kKMeansLut, .bits = 4, .importance = {kExample.data(), 3}}),
            invalid);
  EXPECT_EQ(code({15}, {.mode = Mode::kKMeansLut, .bits = 4, .importance = kExample}), invalid);
}

TEST(Quantize, TakesTensorsWithoutElements) {
  for (Mode mode : {Mode::kLinear, Mode::kLinearLut, Mode::kKMeansLut}) {
    const PackedTensor packed = Packed({}, {3, 0}, {.mode = mode, .bits = 4});
    EXPECT_EQ(packed.bytes.size(), 0u);
    EXPECT_TRUE(Dequantize(packed, {}).ok());
  }
}

TEST(Quantize, CustomTableKeepsItsOrder) {
  const std::vector<float> table = {5, -1, 0, 1}, values = {4, 0.4f, 0.6f, -9, 0.5f, 3};
  const PackedTensor packed =
      Packed(values, {6}, {.mode = Mode::kCustomLut, .bits = 2, .table = table});
  EXPECT_EQ(packed.table, table);
  EXPECT_THAT(Decoded(packed), ElementsAre(5, 0, 1, -1, 0, 1));  // Ties go to the smaller value.
}

TEST(Quantize, ClippedRangesAreNeverWorseAndMostlyBetter) {
  int better = 0, worse = 0, cases = 0;
  for (const Distribution& distribution : Distributions(6000)) {
    for (Mode mode : {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut}) {
      for (int bits = 1; bits <= 8; ++bits) {
        const QuantizeOptions plain = {.mode = mode, .bits = bits};
        QuantizeOptions fitted = plain;
        fitted.range = Range::kMeanSquaredError;
        const auto& values = distribution.values;
        const double before = SquaredDistance(values, Decoded(Packed(values, {6, 1000}, plain)));
        const double after = SquaredDistance(values, Decoded(Packed(values, {6, 1000}, fitted)));
        // The search judges in double, before values are rounded to float32.
        EXPECT_LE(after, before * (1 + 1e-6)) << distribution.name << " " << bits;
        better += after < 0.95 * before;
        worse += after > before;
        ++cases;
      }
    }
  }
  EXPECT_GT(better, cases / 2);
  EXPECT_LE(worse, cases / 20);
}

// One bit, symmetric: the least squared error is at plus and minus the mean magnitude.
TEST(Quantize, OneBitFitIsTheMeanMagnitude) {
  const std::vector<float> values = NormalValues(1000);
  double magnitude = 0;
  for (float value : values) magnitude += std::abs(value) / 1000;
  const PackedTensor packed =
      Packed(values, {1, 1000},
             {.mode = Mode::kLinearSymmetric, .bits = 1, .range = Range::kMeanSquaredError});
  EXPECT_NEAR(packed.scale[0], 2 * magnitude, 1e-5);
}

TEST(Dequantize, RangesOfEveryWidthAndOrderAgreeWithTheWhole) {
  const std::vector<float> values = NormalValues(3 * 5 * 347);
  for (int bits = 1; bits <= 8; ++bits) {
    for (int axis = 0; axis < 3; ++axis) {
      const PackedTensor packed =
          Packed(values, {3, 5, 347}, {.mode = Mode::kLinear, .bits = bits, .channel_axis = axis});
      const std::vector<float> all = Decoded(packed);
      for (int64_t begin : {0, 1, 7, 8, 346, 347, 1733, 2049, 5204, 5205}) {
        for (int64_t count : {0, 1, 3, 8, 9, 64, 2500}) {
          if (begin + count > 5205) continue;
          std::vector<float> part(count);
          ASSERT_TRUE(DequantizeRange(packed, begin, part).ok());
          EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + begin)) << bits;
        }
      }
    }
  }
}

TEST(Dequantize, SignedCodesAndMissingOffsets) {
  const std::vector<std::byte> bytes = {std::byte{0x80}, std::byte{0xff}, std::byte{1},
                                        std::byte{0x7f}};
  PackedTensor tensor;
  tensor.scheme = Scheme::kSignedLinear;
  tensor.bits = 8;
  tensor.shape = {2, 2};
  tensor.scale = {0.5f, 2};
  tensor.bytes = bytes;
  ASSERT_TRUE(Validate(tensor).ok());
  EXPECT_THAT(Decoded(tensor), ElementsAre(-64, -0.5f, 2, 254));
}

TEST(Dequantize, RefusesRangesOutsideTheTensor) {
  const PackedTensor packed = Packed(kExample, {15}, {.mode = Mode::kFloat32, .bits = 32});
  std::vector<float> out(4);
  EXPECT_TRUE(DequantizeRange(packed, 11, out).ok());
  EXPECT_FALSE(DequantizeRange(packed, 12, out).ok());
  EXPECT_FALSE(DequantizeRange(packed, -1, out).ok());
  EXPECT_FALSE(DequantizeRange(packed, std::numeric_limits<int64_t>::max(), out).ok());
  EXPECT_FALSE(Dequantize(packed, out).ok());
}

TEST(Mode, NamesRoundTrip) {
  for (Mode mode : {Mode::kFloat32, Mode::kFloat16, Mode::kLinear, Mode::kLinearSymmetric,
                    Mode::kLinearLut, Mode::kKMeansLut, Mode::kCustomLut}) {
    EXPECT_EQ(ParseMode(ModeName(mode)), mode);
  }
  EXPECT_EQ(ParseMode("cubic"), std::nullopt);
}

}  // namespace
}  // namespace nbits
