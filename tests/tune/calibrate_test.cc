// SPDX-License-Identifier: Apache-2.0
// Calibrated plans of small networks: better than plain ones, the same every time, replayed without
// the pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files/file.h"
#include "nbits/compress.h"
#include "nbits/engine.h"
#include "nbits/npy.h"
#include "nbits/tune.h"
#include "tests/support/made_models.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kSize = 32;

Model Opened(const schema::Model& file) {
  auto model = Model::FromBytes(file.SerializeAsString(), "test.mlmodel");
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

class CalibrateTest : public ::testing::Test {
 protected:
  void AddPictures(int count, int first = 0) {
    for (int i = first; i < first + count; ++i) {
      const std::string name = folder_ / ("p" + std::to_string(100 + i) + ".png");
      ASSERT_TRUE(
          WriteFileAtomically(name, *EncodePng(nbits::testing::DiscPicture(kSize, i))).ok());
    }
  }
  CalibrationOptions Options() const {
    CalibrationOptions options;
    options.samples = folder_.path().string();
    options.positions = 1000;
    return options;
  }
  static std::string Saved(const Model& model) {
    const TestFolder folder;
    EXPECT_TRUE(model.Save(folder / "m.mlmodel").ok());
    return *ReadFile(folder / "m.mlmodel");
  }

  const TestFolder folder_;
};

// Sum of squared differences of the outputs on pictures that did not calibrate.
double OutputError(const Model& original, const Model& other) {
  const auto a = Engine::Create(original), b = Engine::Create(other);
  EXPECT_TRUE(a.ok() && b.ok());
  double error = 0;
  for (int i = 40; i < 44; ++i) {
    const FeatureDescription& input = original.description().inputs[0];
    const auto picture = ImageToTensor(nbits::testing::DiscPicture(kSize, i % 5), input);
    const auto x = a->Run({{input.name, *picture}}), y = b->Run({{input.name, *picture}});
    const std::vector<float>&u = x->begin()->second.values, &v = y->begin()->second.values;
    for (size_t k = 0; k < u.size(); ++k) {
      error += (static_cast<double>(u[k]) - v[k]) * (static_cast<double>(u[k]) - v[k]);
    }
  }
  return error;
}

struct Made {
  Model model;
  Plan plan;
  CalibrationReport report;
};

Made Make(const schema::Model& file, const CompressOptions& compress,
          const CalibrationOptions& options) {
  Model model = Opened(file);
  auto plan = Prepare(model, compress);
  EXPECT_TRUE(plan.ok()) << plan.status();
  auto report = Calibrate(model, options, *plan);
  EXPECT_TRUE(report.ok()) << report.status();
  const auto applied = ApplyPlan(model, *plan);
  EXPECT_TRUE(applied.ok()) << applied.status();
  return {std::move(model), *std::move(plan), *std::move(report)};
}

TEST_F(CalibrateTest, IsBetterThanPlainRounding) {
  AddPictures(10);
  const schema::Model file = nbits::testing::MatteModel(kSize);
  for (const Mode mode : {Mode::kLinear, Mode::kKMeansLut}) {
    const CompressOptions compress{.mode = mode, .bits = 2};
    const Made made = Make(file, compress, Options());
    Model plain = Opened(file);
    ASSERT_TRUE(Compress(plain, compress).ok());
    const Model original = Opened(file);
    EXPECT_LT(OutputError(original, made.model), OutputError(original, plain) / 2);
    EXPECT_EQ(made.model.SerializedSize() / 100, plain.SerializedSize() / 100);
    EXPECT_THAT(made.report.pictures, SizeIs(8));
    EXPECT_THAT(made.report.held_back, SizeIs(2));
    EXPECT_THAT(made.report.weights, SizeIs(3));
  }
}

TEST_F(CalibrateTest, GivesTheSameWhateverThreadsAndMemory) {
  AddPictures(7);
  const schema::Model file = nbits::testing::MatteModel(kSize);
  CalibrationOptions options = Options();
  options.threads = 1;
  const Made one = Make(file, {.bits = 3}, options);
  options.threads = 3;
  options.held_bytes = 0;
  const Made three = Make(file, {.bits = 3}, options);
  EXPECT_TRUE(Saved(one.model) == Saved(three.model));
  EXPECT_EQ(one.report.spilled_bytes, 0);
  EXPECT_GT(three.report.spilled_bytes, 0);
}

TEST_F(CalibrateTest, PlansGiveTheSameBytesWithoutThePictures) {
  AddPictures(6);
  for (const schema::Model& file :
       {nbits::testing::MatteModel(kSize), nbits::testing::HalfMatteModel(kSize)}) {
    for (const Mode mode : {Mode::kLinear, Mode::kKMeansLut}) {
      const Made made = Make(file, {.mode = mode, .bits = 3}, Options());
      const std::string text = PlanToJson(made.plan);
      const auto read = PlanFromJson(text);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(PlanToJson(*read), text);
      Model replayed = Opened(file);
      ASSERT_TRUE(PrepareFor(*read, replayed).ok());
      const auto applied = ApplyPlan(replayed, *read);
      ASSERT_TRUE(applied.ok()) << applied.status();
      EXPECT_TRUE(Saved(replayed) == Saved(made.model));
    }
  }
}

TEST_F(CalibrateTest, PatchesAreOfTheirModelAlone) {
  AddPictures(5);
  schema::Model file = nbits::testing::MatteModel(kSize);
  const Made made = Make(file, {.bits = 3}, Options());
  auto* weights =
      file.mutable_neuralnetwork()->mutable_layers(0)->mutable_convolution()->mutable_weights();
  weights->set_floatvalue(3, 0.5f);
  Model other = Opened(file);
  ASSERT_TRUE(PrepareFor(made.plan, other).ok());
  const auto applied = ApplyPlan(other, made.plan);
  EXPECT_TRUE(absl::IsInvalidArgument(applied.status()));
  EXPECT_THAT(std::string(applied.status().message()), HasSubstr("levels/weights"));
}

// Arrays, layers without bias, and fewer pictures than can be held back.
TEST_F(CalibrateTest, TakesArrays) {
  for (int i = 0; i < 4; ++i) {
    Tensor x{{48}, {}};
    for (int k = 0; k < 48; ++k) x.values.push_back(static_cast<float>((k * 7 + i * 11) % 23 - 9));
    ASSERT_TRUE(WriteNpy(folder_ / ("x" + std::to_string(i) + ".npy"), x).ok());
  }
  const Made made = Make(nbits::testing::ArrayModel(), {.bits = 3}, Options());
  EXPECT_THAT(made.report.pictures, SizeIs(4));
  EXPECT_EQ(made.report.pictures, made.report.held_back);
  EXPECT_THAT(made.report.weights, SizeIs(2));
  for (const CalibratedWeight& weight : made.report.weights) {
    EXPECT_EQ(weight.outcome, CalibrationOutcome::kCalibrated) << weight.path << weight.reason;
    EXPECT_LT(weight.calibrated_error, weight.plain_error);
  }
}

TEST_F(CalibrateTest, SaysWhatIsQuantizedWithoutPictures) {
  AddPictures(5);
  schema::Model file = nbits::testing::MatteModel(kSize);
  Model model = Opened(file);
  auto plan = Prepare(model, {.bits = 3, .layers = {{"mixture/bias", {.bits = 8}}}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto report = Calibrate(model, Options(), *plan);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->weights, SizeIs(4));
  EXPECT_EQ(report->weights[2].path, "mixture/bias");
  EXPECT_EQ(report->weights[2].outcome, CalibrationOutcome::kDataFree);
  EXPECT_FALSE(report->weights[2].reason.empty());
  EXPECT_TRUE(ApplyPlan(model, *plan).ok());
}

TEST_F(CalibrateTest, BiasesThatAreKeptStay) {
  AddPictures(6);
  const Made made =
      Make(nbits::testing::MatteModel(kSize), {.bits = 3, .keep = {"*/bias"}}, Options());
  for (const PlanEntry& entry : made.plan.entries) {
    EXPECT_EQ(entry.patch == nullptr || !entry.path.ends_with("bias"), true) << entry.path;
  }
}

TEST_F(CalibrateTest, UnreadablePicturesAreLeftOut) {
  AddPictures(5);
  std::string broken = *EncodePng(nbits::testing::DiscPicture(kSize, 1));
  broken.resize(broken.size() / 2);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "z.png", broken).ok());
  const Made made = Make(nbits::testing::MatteModel(kSize), {.bits = 3}, Options());
  ASSERT_THAT(made.report.skipped, SizeIs(1));
  EXPECT_EQ(made.report.skipped[0].first, "z.png");
  EXPECT_THAT(made.report.pictures, SizeIs(4));
}

TEST_F(CalibrateTest, ErrorsNameTheirCause) {
  Model model = Opened(nbits::testing::MatteModel(kSize));
  auto plan = Prepare(model, {.bits = 3});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(absl::IsNotFound(Calibrate(model, Options(), *plan).status()));
  AddPictures(2);
  std::atomic<bool> interrupted = true;
  CalibrationOptions options = Options();
  options.interrupted = &interrupted;
  EXPECT_TRUE(absl::IsAborted(Calibrate(model, options, *plan).status()));
  for (const PlanEntry& entry : plan->entries) EXPECT_EQ(entry.patch, nullptr);
}

TEST_F(CalibrateTest, ReportsProgress) {
  AddPictures(3);
  std::vector<double> shares;
  std::vector<std::string> layers;
  CalibrationOptions options = Options();
  options.progress = [&](double done, const std::string& layer) {
    shares.push_back(done);
    layers.push_back(layer);
  };
  Make(nbits::testing::MatteModel(kSize), {.bits = 3}, options);
  EXPECT_THAT(layers, ::testing::ElementsAre("levels", "mixture", "matte"));
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares[0], 0);
  EXPECT_LT(shares[2], 1);
}

}  // namespace
}  // namespace nbits
