// SPDX-License-Identifier: Apache-2.0
// Real models against outputs that an independent interpreter computed. How far each may be from
// them follows from golden_differences.csv: what was measured, on the worst of several vector sets
// and numbers of threads (scripts/measure-goldens writes it).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "nbits/engine.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/target.h"
#include "tests/support/left_out.h"
#include "tests/support/npz.h"

namespace nbits {
namespace {

constexpr char kTable[] = NBITS_SOURCE_DIR "/tests/engine/golden_differences.csv";
// Times what was measured: other processors round elsewhere, a wrong kernel is further off.
constexpr double kFactor = 4;
// For what happened to be exact where it was measured: a rounding of each value, a label in 10,000.
constexpr double kLeastDifference = 1e-6, kLeastShare = 1e-4;
// However far the factor would let them be.
constexpr double kMostDifference = 1e-3;

// The label maps among the outputs are judged by the share of other labels.
bool IsLabelMap(const std::string& output) { return output == "semanticPredictions"; }

double ShareOfOthers(const Tensor& actual, const Tensor& expected) {
  size_t others = 0;
  for (size_t i = 0; i < actual.values.size(); ++i)
    others += actual.values[i] != expected.values[i];
  return static_cast<double>(others) / static_cast<double>(actual.values.size());
}

// The largest difference over the largest expected value; infinite when a value is not finite.
double RelativeDifference(const Tensor& actual, const Tensor& expected) {
  double largest = 0, difference = 0;
  for (size_t i = 0; i < actual.values.size(); ++i) {
    if (!std::isfinite(actual.values[i])) return HUGE_VAL;
    largest = std::max(largest, std::abs(double{expected.values[i]}));
    difference = std::max(difference, std::abs(double{actual.values[i]} - expected.values[i]));
  }
  EXPECT_GT(largest, 0);
  return difference / largest;
}

// From "model,file,output,difference,..." by "model,file,output".
std::map<std::string, double> MeasuredDifferences() {
  std::map<std::string, double> differences;
  std::ifstream file(kTable);
  std::string line;
  std::getline(file, line);  // The heading.
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() < 4) continue;
    differences[absl::StrCat(cells[0], ",", cells[1], ",", cells[2])] = std::stod(cells[3]);
  }
  return differences;
}

// For scripts/measure-goldens: a line for the file that the environment names.
void Record(const std::string& output, double difference, int threads) {
  const char* const file = std::getenv("NBITS_RECORD_GOLDENS");
  if (file == nullptr) return;
  std::ofstream(file, std::ios::app) << absl::StrCat(
      output, ",", absl::StrFormat("%.3g", difference), ",", VectorTarget(), ",", threads, "\n");
}

void ExpectWithinMeasured(const std::string& output, double difference, double least) {
  static const std::map<std::string, double> measured = MeasuredDifferences();
  const auto found = measured.find(output);
  if (found == measured.end()) {
    ADD_FAILURE() << output << " has no row in " << kTable << "; the difference is " << difference;
    return;
  }
  const double bound = std::min(kMostDifference, std::max(least, kFactor * found->second));
  EXPECT_LE(difference, bound) << output;
}

struct GoldenCase {
  const char* model;
  const char* file;  // In the model's folder.
};

class GoldenTest : public ::testing::TestWithParam<GoldenCase> {
 protected:
  std::string folder() const { return (Corpus() / "golden" / GetParam().model / "").string(); }

  // Inputs as the golden file has them, or the picture beside it.
  TensorMap ReadInputs(const TensorMap& golden, const Engine& engine) const {
    TensorMap inputs;
    for (const FeatureDescription& input : engine.inputs()) {
      const auto found = golden.find("in:" + input.name);
      if (found != golden.end()) {
        inputs[input.name] = found->second;
        continue;
      }
      const auto image = ReadImage(folder() + input.name + ".png");
      EXPECT_TRUE(image.ok()) << image.status();
      if (!image.ok()) continue;
      const auto tensor = ImageToTensor(*image, input.color, static_cast<int>(input.shape[1]),
                                        static_cast<int>(input.shape[2]));
      EXPECT_TRUE(tensor.ok()) << tensor.status();
      if (tensor.ok()) inputs[input.name] = *tensor;
    }
    return inputs;
  }

  void Check(int threads) {
    SCOPED_TRACE(absl::StrCat(threads, " threads"));
    const auto golden = testing::ReadNpz(folder() + GetParam().file);
    ASSERT_TRUE(golden.ok()) << golden.status();
    const auto model = Model::Open(CorpusModel(GetParam().model).string());
    ASSERT_TRUE(model.ok()) << model.status();
    std::map<std::string, Shape> shapes;
    for (const auto& [name, tensor] : *golden) {
      if (name.starts_with("in:")) shapes[name.substr(3)] = tensor.shape;
    }
    const auto engine = Engine::Create(*model, {.threads = threads}, shapes);
    ASSERT_TRUE(engine.ok()) << engine.status();
    const auto outputs = engine->Run(ReadInputs(*golden, *engine));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    Compare(*golden, *outputs, threads);
  }

  static void Compare(const TensorMap& golden, const TensorMap& outputs, int threads) {
    int compared = 0;
    for (const auto& [name, expected] : golden) {
      if (!name.starts_with("out:")) continue;
      const auto found = outputs.find(name.substr(4));
      ASSERT_TRUE(found != outputs.end()) << name;
      CompareOutput(found->first, found->second, expected, threads);
      ++compared;
    }
    EXPECT_GT(compared, 0);
  }

  static void CompareOutput(const std::string& name, const Tensor& actual, const Tensor& expected,
                            int threads) {
    ASSERT_EQ(actual.values.size(), expected.values.size()) << name;
    const bool labels = IsLabelMap(name);
    const double difference =
        labels ? ShareOfOthers(actual, expected) : RelativeDifference(actual, expected);
    const std::string output = absl::StrCat(GetParam().model, ",", GetParam().file, ",", name);
    Record(output, difference, threads);
    ExpectWithinMeasured(output, difference, labels ? kLeastShare : kLeastDifference);
  }
};

TEST_P(GoldenTest, MatchesGolden) {
  NBITS_NEEDS_CORPUS();
  for (const int threads : {1, 2}) Check(threads);
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, GoldenTest,
    ::testing::Values(
        GoldenCase{"DeepLabV3Int8LUT", "golden.npz"}, GoldenCase{"Es2EnCharEncoder", "golden.npz"},
        GoldenCase{"Es2EnCharEncoder", "golden_seq.npz"},
        GoldenCase{"Es2EnCharEncoder16Bit", "golden.npz"},
        GoldenCase{"Es2EnCharEncoder16Bit", "golden_seq.npz"}, GoldenCase{"MNIST", "golden.npz"},
        GoldenCase{"PoseNetMobileNet075S16FP16", "golden.npz"}, GoldenCase{"SINet", "golden.npz"},
        GoldenCase{"SqueezeNetFP16", "golden.npz"}, GoldenCase{"SqueezeNetInt8LUT", "golden.npz"},
        GoldenCase{"Tiramisu45", "golden.npz"}, GoldenCase{"deeplab_dm05_float32", "golden.npz"},
        GoldenCase{"deeplab_dm05_float32_fp16", "golden.npz"},
        GoldenCase{"edsr_f64b5_fp32", "golden.npz"}, GoldenCase{"small_unet", "golden.npz"},
        GoldenCase{"starry_night_640x480_025", "golden.npz"},
        GoldenCase{"starry_night_640x480_small_a03_q8", "golden.npz"},
        GoldenCase{"up_photo_scale2x_model", "golden.npz"}),
    [](const ::testing::TestParamInfo<GoldenCase>& golden) {
      const bool sequence = std::string(golden.param.file) == "golden_seq.npz";
      return std::string(golden.param.model) + (sequence ? "_sequence" : "");
    });

}  // namespace
}  // namespace nbits
