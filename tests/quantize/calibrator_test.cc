// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/calibrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/threads/parallel.h"
#include "nbits/quantize.h"
#include "quantize/calibrate/moments/covariance.h"
#include "tests/quantize/calibration_inputs.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

constexpr Mode kCalibratedModes[] = {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut,
                                     Mode::kKMeansLut, Mode::kCustomLut};

// Layers of one group and of several, wide and narrow, of one output a group.
const CalibrationCase kLayers[] = {{1, 1, 24, 27, 400, 3}, {2, 1, 40, 150, 300, 6},
                                   {3, 3, 5, 30, 200, 4},  {4, 20, 1, 9, 200, 2},
                                   {5, 1, 1, 1, 50, 1},    {6, 1, 33, 70, 40, 5}};

// Entries in no order.
std::vector<float> CustomEntries(int bits) {
  const std::vector<double> numbers = UniformNumbers(77, int64_t{1} << bits);
  std::vector<float> entries;
  for (const double number : numbers) entries.push_back(static_cast<float>(0.3 * number));
  return entries;
}

Calibrator CalibratorOf(const CalibrationCase& layer, std::vector<SecondMoments> moments) {
  auto made = Calibrator::Make(layer.Weights(), layer.shape(), layer.layout(), std::move(moments));
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

struct Form {
  Mode mode;
  int bits;
  bool per_channel = true;
};

Calibrated QuantizedAs(const Calibrator& calibrator, const Form& form) {
  const std::vector<float> table = CustomEntries(form.bits);
  QuantizeOptions options{.mode = form.mode, .bits = form.bits, .per_channel = form.per_channel};
  if (form.mode == Mode::kCustomLut) options.table = table;
  auto result = calibrator.Quantize(options);
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

std::vector<float> ValuesOf(const PackedTensor& tensor) {
  std::vector<float> values(static_cast<size_t>(ElementCount(tensor.shape).value_or(0)));
  EXPECT_TRUE(Dequantize(tensor, values).ok());
  return values;
}

// tr((V - W*) H (V - W*)^T) by its definition, with an explicit covariance.
double SlowError(const CalibrationCase& layer, const std::vector<float>& target,
                 const std::vector<float>& values, const std::vector<SecondMoments>& moments) {
  double sum = 0;
  for (int64_t g = 0; g < layer.groups; ++g) {
    const SecondMoments& group = moments[g];
    const auto count = static_cast<double>(group.count);
    for (int64_t o = 0; o < layer.outputs; ++o) {
      const int64_t row = (g * layer.outputs + o) * layer.inputs;
      for (int64_t i = 0; i < layer.inputs; ++i) {
        for (int64_t j = 0; j < layer.inputs; ++j) {
          const int64_t low = std::min(i, j), high = std::max(i, j);
          const double h = group.products[high * (high + 1) / 2 + low] / count -
                           group.sum[i] * group.sum[j] / count / count;
          sum += (static_cast<double>(values[row + i]) - target[row + i]) * h *
                 (static_cast<double>(values[row + j]) - target[row + j]);
        }
      }
    }
  }
  return sum;
}

TEST(Calibrator, IsNeverWorseThanPlainRounding) {
  for (const CalibrationCase& layer : kLayers) {
    const std::vector<SecondMoments> moments = layer.DriftedMoments();
    const Calibrator calibrator = CalibratorOf(layer, moments);
    for (const Mode mode : kCalibratedModes) {
      for (const int bits : {1, 2, 3, 5, 8}) {
        const Calibrated result = QuantizedAs(calibrator, {mode, bits});
        EXPECT_LE(result.errors.calibrated, result.errors.plain);
        ASSERT_TRUE(Validate(result.tensor).ok());
        const double slow = SlowError(layer, calibrator.Target(), ValuesOf(result.tensor), moments);
        EXPECT_NEAR(slow, result.errors.calibrated, 1e-4 * slow + 1e-7 * result.errors.signal)
            << ModeName(mode) << " " << bits;
      }
    }
  }
}

// The point of it all: with few bits most of the error goes.
TEST(Calibrator, IsMuchBetterThanPlainRounding) {
  const CalibrationCase layer{7, 1, 32, 144, 900, 5};
  const Calibrator calibrator = CalibratorOf(layer, layer.Moments());
  for (const Mode mode : {Mode::kLinear, Mode::kKMeansLut}) {
    for (const int bits : {2, 3, 4}) {
      const Calibrated result = QuantizedAs(calibrator, {mode, bits});
      EXPECT_LT(result.errors.calibrated, 0.3 * result.errors.plain) << ModeName(mode) << bits;
      EXPECT_FALSE(result.is_plain);
    }
  }
}

TEST(Calibrator, HasThePlainFormsShape) {
  const CalibrationCase layer = kLayers[1];
  const Calibrator calibrator = CalibratorOf(layer, layer.Moments());
  for (const Mode mode : kCalibratedModes) {
    const std::vector<float> table = CustomEntries(3);
    QuantizeOptions options{.mode = mode, .bits = 3};
    if (mode == Mode::kCustomLut) options.table = table;
    const auto plain = Quantize(layer.Weights(), layer.shape(), options);
    const Calibrated result = QuantizedAs(calibrator, {mode, 3});
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(result.tensor.scheme, plain->scheme);
    EXPECT_EQ(result.tensor.shape, plain->shape);
    EXPECT_EQ(result.tensor.scale.size(), plain->scale.size());
    EXPECT_EQ(result.tensor.bytes.size(), plain->bytes.size());
    EXPECT_EQ(result.tensor.table.size(), plain->table.size());
    if (mode == Mode::kCustomLut) {
      EXPECT_EQ(result.tensor.table, table);
    }
  }
}

bool AreSameResults(const Calibrated& a, const Calibrated& b) {
  return std::ranges::equal(a.tensor.bytes, b.tensor.bytes) && a.tensor.scale == b.tensor.scale &&
         a.tensor.offset == b.tensor.offset && a.tensor.table == b.tensor.table &&
         a.bias_shift == b.bias_shift && a.errors.calibrated == b.errors.calibrated;
}

TEST(Calibrator, IsTheSameOnEveryTargetAndNumberOfThreads) {
  for (const CalibrationCase& layer : {kLayers[1], kLayers[3]}) {
    for (const Form& form : {Form{Mode::kLinear, 3}, Form{Mode::kKMeansLut, 2}}) {
      const auto run = [&] {
        return QuantizedAs(CalibratorOf(layer, layer.DriftedMoments()), form);
      };
      const Calibrated expected = run();
      testing::OnEveryTarget([&] { EXPECT_TRUE(AreSameResults(run(), expected)); });
      OnTeam(2, [&](int thread) {  // Inside of a body loops have one thread.
        if (thread == 0) {
          EXPECT_TRUE(AreSameResults(run(), expected));
        }
      });
    }
  }
}

// (W* - W) (H + d I) = W (C - H), from the moments' definitions.
TEST(Calibrator, TargetSolvesItsEquation) {
  const CalibrationCase layer = kLayers[0];
  const std::vector<SecondMoments> moments = layer.DriftedMoments();
  const Covariance inputs = CovarianceOf(moments[0]);
  const std::vector<float> weights = layer.Weights();
  const std::vector<float> target = CalibratorOf(layer, moments).Target();
  EXPECT_NE(target, weights);
  for (int64_t o = 0; o < layer.outputs; ++o) {
    for (int64_t k = 0; k < layer.inputs; ++k) {
      double left = 0, right = 0;
      for (int64_t i = 0; i < layer.inputs; ++i) {
        const int64_t at = o * layer.inputs + i;
        const double change = static_cast<double>(target[at]) - weights[at];
        left += change * (inputs.actual.At(i, k) + (i == k ? 0.05 : 0));
        right += static_cast<double>(weights[at]) * inputs.drift[i * layer.inputs + k];
      }
      ASSERT_NEAR(left, right, 1e-5);
    }
  }
}

TEST(Calibrator, TargetIsTheWeightWithoutDrift) {
  const CalibrationCase layer = kLayers[0];
  EXPECT_EQ(CalibratorOf(layer, layer.Moments()).Target(), layer.Weights());
}

// Outputs of the original on its inputs, and of the result on the drifted ones, have equal means.
TEST(Calibrator, BiasShiftMakesMeansEqual) {
  const CalibrationCase layer = kLayers[2];
  const std::vector<SecondMoments> moments = layer.DriftedMoments();
  const Calibrated result = QuantizedAs(CalibratorOf(layer, moments), {Mode::kLinear, 2});
  const std::vector<float> before = layer.Weights(), after = ValuesOf(result.tensor);
  for (int64_t i = 0; i < layer.groups * layer.outputs; ++i) {
    const SecondMoments& group = moments[i / layer.outputs];
    double wanted = 0, found = result.bias_shift[i];
    for (int64_t k = 0; k < layer.inputs; ++k) {
      const auto count = static_cast<double>(group.count);
      const double actual = group.sum[k] / count, original = actual + group.drift_sum[k] / count;
      wanted += before[i * layer.inputs + k] * original;
      found += after[i * layer.inputs + k] * actual;
    }
    EXPECT_NEAR(found, wanted, 1e-6 * (1 + std::abs(wanted)));
  }
}

// A transposed convolution's tensor is the same matrices in another order.
TEST(Calibrator, LayoutsAreTheSameMatrices) {
  const int64_t outputs = 6, inputs = 5, taps = 4;
  const CalibrationCase layer{8, 1, outputs, inputs * taps, 300, 4};
  const std::vector<float> rows = layer.Weights();
  const MatrixLayout first = OutputsFirst(1, outputs, inputs, taps);
  const MatrixLayout second = InputsFirst(1, outputs, inputs, taps);
  std::vector<float> turned(rows.size());
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t k = 0; k < inputs * taps; ++k) {
      turned[second.ElementOf(0, o, k)] = rows[first.ElementOf(0, o, k)];
    }
  }
  const auto a = Calibrator::Make(rows, {outputs, inputs, taps}, first, layer.Moments());
  const auto b = Calibrator::Make(turned, {inputs, outputs, taps}, second, layer.Moments());
  ASSERT_TRUE(a.ok() && b.ok());
  const auto straight = a->Quantize({.mode = Mode::kLinear, .bits = 3, .channel_axis = 0});
  const auto other = b->Quantize({.mode = Mode::kLinear, .bits = 3, .channel_axis = 1});
  ASSERT_TRUE(straight.ok() && other.ok());
  const std::vector<float> x = ValuesOf(straight->tensor), y = ValuesOf(other->tensor);
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t k = 0; k < inputs * taps; ++k) {
      EXPECT_EQ(x[first.ElementOf(0, o, k)], y[second.ElementOf(0, o, k)]);
    }
  }
}

// Groups of a transposed convolution share the scales of their outputs.
TEST(Calibrator, GroupsMayShareChannels) {
  const CalibrationCase layer{9, 3, 4, 10, 200, 3};
  const MatrixLayout layout = InputsFirst(3, 4, 10, 1);
  const auto calibrator = Calibrator::Make(layer.Weights(), {30, 4}, layout, layer.Moments());
  ASSERT_TRUE(calibrator.ok());
  const auto result = calibrator->Quantize({.mode = Mode::kLinear, .bits = 3, .channel_axis = 1});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->tensor.scale.size(), 4);
  EXPECT_LE(result->errors.calibrated, result->errors.plain);
  EXPECT_FALSE(calibrator->Quantize({.mode = Mode::kLinear, .bits = 3, .channel_axis = 0}).ok());
}

TEST(Calibrator, OneGridForAllIsOneGrid) {
  const CalibrationCase layer = kLayers[1];
  const Calibrated result =
      QuantizedAs(CalibratorOf(layer, layer.Moments()), {Mode::kLinear, 4, false});
  EXPECT_EQ(result.tensor.scale.size(), 1);
  EXPECT_LT(result.errors.calibrated, result.errors.plain);
}

TEST(Calibrator, SymmetricGridsStaySymmetric) {
  const CalibrationCase layer = kLayers[1];
  const Calibrated result =
      QuantizedAs(CalibratorOf(layer, layer.Moments()), {Mode::kLinearSymmetric, 3});
  for (size_t i = 0; i < result.tensor.scale.size(); ++i) {
    EXPECT_FLOAT_EQ(result.tensor.offset[i], -4 * result.tensor.scale[i]);
  }
}

// Sizes that Float32 holds only just.
TEST(Calibrator, ScalesWithTheWeights) {
  const CalibrationCase layer = kLayers[0];
  const Calibrated usual = QuantizedAs(CalibratorOf(layer, layer.Moments()), {Mode::kLinear, 3});
  for (const float factor : {0x1p-90f, 0x1p100f}) {
    std::vector<float> weights = layer.Weights();
    for (float& weight : weights) weight *= factor;
    const auto calibrator =
        Calibrator::Make(weights, layer.shape(), layer.layout(), layer.Moments());
    ASSERT_TRUE(calibrator.ok());
    const Calibrated result = QuantizedAs(*calibrator, {Mode::kLinear, 3});
    EXPECT_TRUE(std::ranges::equal(result.tensor.bytes, usual.tensor.bytes));
  }
}

// Inputs that never change, and weights that are all the same.
TEST(Calibrator, TakesWhatHasNoVariance) {
  const CalibrationCase layer{1, 2, 4, 9, 20, 1};
  std::vector<SecondMoments> moments = layer.EmptyMoments();
  const std::vector<float> constant(layer.positions * 18, 0.25f);
  AddToGroups(nullptr, layer.ColumnsOf(constant), moments);
  const Calibrator calibrator = CalibratorOf(layer, moments);
  const Calibrator zeros =
      *Calibrator::Make(std::vector<float>(72, 0.0f), layer.shape(), layer.layout(), moments);
  for (const Mode mode : kCalibratedModes) {
    EXPECT_EQ(QuantizedAs(calibrator, {mode, 2}).errors.calibrated, 0);
    EXPECT_EQ(QuantizedAs(zeros, {mode, 2}).errors.calibrated, 0);
  }
  const Calibrator varied = *Calibrator::Make(std::vector<float>(72, 0.0f), layer.shape(),
                                              layer.layout(), layer.DriftedMoments());
  EXPECT_EQ(QuantizedAs(varied, {Mode::kLinear, 2}).errors.calibrated, 0);
}

TEST(Calibrator, RefusesWhatDoesNotFit) {
  const CalibrationCase layer = kLayers[0];
  const std::vector<float> weights = layer.Weights();
  const auto make = [&](const std::vector<float>& values, const Shape& shape,
                        const MatrixLayout& layout, std::vector<SecondMoments> moments) {
    return Calibrator::Make(values, shape, layout, std::move(moments)).status().code();
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  const auto failed = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(make(weights, {24, 26}, layer.layout(), layer.Moments()), invalid);
  EXPECT_EQ(make(weights, layer.shape(), OutputsFirst(1, 27, 27, 1), layer.Moments()), invalid);
  MatrixLayout wide = layer.layout();
  wide.output_stride = 1 << 20;
  EXPECT_EQ(make(weights, layer.shape(), wide, layer.Moments()), invalid);
  EXPECT_EQ(make(weights, layer.shape(), layer.layout(), {}), invalid);
  EXPECT_EQ(make(weights, layer.shape(), layer.layout(), {SecondMoments(28)}), invalid);
  EXPECT_EQ(make(weights, layer.shape(), layer.layout(), layer.EmptyMoments()), failed);
  std::vector<float> broken = weights;
  broken[5] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(make(broken, layer.shape(), layer.layout(), layer.Moments()), failed);
  std::vector<SecondMoments> moments = layer.Moments();
  moments[0].products[7] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(make(weights, layer.shape(), layer.layout(), moments), failed);
  const Calibrator calibrator = CalibratorOf(layer, layer.Moments());
  EXPECT_EQ(calibrator.Quantize({.mode = Mode::kFloat16, .bits = 16}).status().code(), invalid);
  EXPECT_EQ(calibrator.Quantize({.mode = Mode::kLinear, .bits = 9}).status().code(), invalid);
  EXPECT_EQ(calibrator.Quantize({.bits = 4, .channel_axis = 1}).status().code(), invalid);
}

// Sums that no columns have: they may be of any use or none, but nothing breaks.
TEST(Calibrator, TakesHostileMoments) {
  const CalibrationCase layer = kLayers[0];
  for (uint64_t seed = 1; seed < 12; ++seed) {
    std::vector<SecondMoments> moments = layer.DriftedMoments();
    const double size = std::pow(10.0, 50 * static_cast<double>(seed % 6));
    std::vector<double> noise =
        UniformNumbers(seed, static_cast<int64_t>(moments[0].products.size()));
    for (size_t i = 0; i < noise.size(); ++i) moments[0].products[i] = noise[i] * size;
    for (int64_t k = 0; k < layer.inputs; ++k) {
      double& diagonal = moments[0].products[k * (k + 1) / 2 + k];
      diagonal = std::abs(diagonal);
    }
    if (seed % 2 == 0) moments[0].drift_products = UniformNumbers(seed, 27 * 27);
    const auto calibrator =
        Calibrator::Make(layer.Weights(), layer.shape(), layer.layout(), moments);
    if (!calibrator.ok()) continue;
    for (const Mode mode : {Mode::kLinear, Mode::kKMeansLut}) {
      const auto result = calibrator->Quantize({.mode = mode, .bits = 3});
      if (result.ok()) {
        EXPECT_TRUE(Validate(result->tensor).ok());
      }
    }
  }
}

}  // namespace
}  // namespace nbits
