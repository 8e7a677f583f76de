// SPDX-License-Identifier: Apache-2.0
// What MeasureErrors says of a model that was written, and of one that was written wrongly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compress/weight_error.h"
#include "nbits/compress.h"
#include "nbits/quantize.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;

schema::Model TwoConvolutions(const Values& first, const Values& second) {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, static_cast<int>(first.size()), first);
  AddConvolution(*file.mutable_neuralnetwork(), "c", "y", 1, static_cast<int>(second.size()),
                 second);
  return file;
}

// Applies a plan that quantizes the first weight to one bit of a table and keeps the second.
CompressReport ApplyToFirst(Model& model) {
  auto plan = MakePlan(model, {.mode = Mode::kLinearLut, .bits = 1, .range = Range::kMinMax});
  EXPECT_TRUE(plan.ok()) << plan.status();
  plan->entries[1].keep = true;
  auto report = ApplyPlan(model, *plan);
  EXPECT_TRUE(report.ok()) << report.status();
  return *report;
}

TEST(MeasureErrors, ComparesWithTheOriginal) {
  Model model = Opened(TwoConvolutions({0, 1, 3, -5}, {1, 2}));
  CompressReport report = ApplyToFirst(model);
  ASSERT_TRUE(MeasureErrors(model, report).ok());
  // Table {-5, 3}: 0 and 1 become 3.
  EXPECT_DOUBLE_EQ(report.changed[0].squared_error, 9 + 4);
  EXPECT_DOUBLE_EQ(report.changed[0].max_absolute_error, 3);
  EXPECT_EQ(report.changed[0].zeros_flipped, 1);
  EXPECT_NEAR(report.changed[0].snr_db, 10 * std::log10(35.0 / 13), 1e-9);
}

TEST(MeasureErrors, KeptWeightThatDiffersIsDataLoss) {
  Model model = Opened(TwoConvolutions({0, 1, 3, -5}, {1, 2}));
  CompressReport report = ApplyToFirst(model);
  const Values wrong = {1, 2.5f};
  ASSERT_TRUE(
      model.ReplaceWeight(1, *Quantize(wrong, {2, 1, 1, 1}, {.mode = Mode::kFloat32, .bits = 32}))
          .ok());
  const absl::Status status = MeasureErrors(model, report);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("y_conv/weights"));
}

// The errors are those of what was stored: a byte of a changed weight may not differ, nor a scale.
TEST(MeasureErrors, ChangedWeightThatDiffersIsDataLoss) {
  Model model = Opened(TwoConvolutions({0, 1, 3, -5}, {1, 2}));
  CompressReport report = ApplyToFirst(model);
  PackedTensor wrong = model.weights()[0].tensor;
  wrong.table[0] = 7;
  ASSERT_TRUE(model.ReplaceWeight(0, wrong).ok());
  EXPECT_EQ(MeasureErrors(model, report).code(), absl::StatusCode::kDataLoss);
  wrong = report.stored[0];
  const std::byte other_codes[] = {std::byte{0xf0}};
  wrong.bytes = other_codes;
  wrong.owner = nullptr;
  ASSERT_TRUE(model.ReplaceWeight(0, wrong).ok());
  const absl::Status status = MeasureErrors(model, report);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("c_conv/weights"));
}

TEST(MeasureErrors, KeptNotANumberIsNoDifference) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Model model = Opened(TwoConvolutions({0, 1, 3, -5}, {1, nan}));
  CompressReport report = ApplyToFirst(model);
  EXPECT_TRUE(MeasureErrors(model, report).ok());
}

TEST(MeasureErrors, AnotherModelIsDataLoss) {
  Model model = Opened(TwoConvolutions({0, 1, 3, -5}, {1, 2}));
  CompressReport report = ApplyToFirst(model);
  EXPECT_EQ(MeasureErrors(Opened(TwoConvolutions({0, 1, 3}, {1, 2})), report).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(MeasureErrors(Opened(EmptyModel({"y"})), report).code(), absl::StatusCode::kDataLoss);
}

// The same sums whatever stretches a weight is cut into, up to the rounding of their order.
TEST(CompareElements, StretchesAddUp) {
  Values values(5000);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = i % 7 == 0 ? 0 : std::sin(static_cast<float>(i));
  }
  const Shape shape = {5000};
  const auto original = Quantize(values, shape, {.mode = Mode::kFloat32, .bits = 32});
  const auto stored = Quantize(values, shape, {.bits = 3, .per_channel = false});
  ASSERT_TRUE(original.ok() && stored.ok());
  const auto whole = CompareElements(*original, *stored, 0, 5000);
  ASSERT_TRUE(whole.ok());
  ValueErrors sum;
  for (const auto& [begin, end] : {std::pair(0, 1), std::pair(1, 2050), std::pair(2050, 5000)}) {
    const auto part = CompareElements(*original, *stored, begin, end);
    ASSERT_TRUE(part.ok());
    sum.Merge(*part);
  }
  EXPECT_NEAR(sum.squared_error, whole->squared_error, 1e-9 * whole->squared_error);
  EXPECT_NEAR(sum.signal, whole->signal, 1e-9 * whole->signal);
  EXPECT_EQ(sum.max_absolute_error, whole->max_absolute_error);
  EXPECT_EQ(sum.zeros_flipped, whole->zeros_flipped);
  EXPECT_GT(whole->zeros_flipped, 0);
}

}  // namespace
}  // namespace nbits
