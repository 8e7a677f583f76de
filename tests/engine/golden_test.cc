// SPDX-License-Identifier: Apache-2.0
// Real models against outputs that an independent interpreter computed.
#include <gtest/gtest.h>

#include <cmath>

#include "nbits/engine.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "tests/support/left_out.h"
#include "tests/support/npz.h"

namespace nbits {
namespace {

// The label maps among the outputs are judged by the share of equal pixels.
bool IsLabelMap(const std::string& output) { return output == "semanticPredictions"; }

void ExpectEqualLabels(const Tensor& actual, const Tensor& expected) {
  ASSERT_EQ(actual.values.size(), expected.values.size());
  size_t equal = 0;
  for (size_t i = 0; i < actual.values.size(); ++i) equal += actual.values[i] == expected.values[i];
  EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(actual.values.size()));
}

void ExpectClose(const Tensor& actual, const Tensor& expected) {
  ASSERT_EQ(actual.values.size(), expected.values.size());
  float largest = 0, difference = 0;
  for (size_t i = 0; i < actual.values.size(); ++i) {
    ASSERT_TRUE(std::isfinite(actual.values[i])) << "value " << i;
    largest = std::max(largest, std::abs(expected.values[i]));
    difference = std::max(difference, std::abs(actual.values[i] - expected.values[i]));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LE(difference, 1e-3f * largest);
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

  void Check(const EngineOptions& options) {
    const auto golden = testing::ReadNpz(folder() + GetParam().file);
    ASSERT_TRUE(golden.ok()) << golden.status();
    const auto model = Model::Open(CorpusModel(GetParam().model).string());
    ASSERT_TRUE(model.ok()) << model.status();
    std::map<std::string, Shape> shapes;
    for (const auto& [name, tensor] : *golden) {
      if (name.starts_with("in:")) shapes[name.substr(3)] = tensor.shape;
    }
    const auto engine = Engine::Create(*model, options, shapes);
    ASSERT_TRUE(engine.ok()) << engine.status();
    const auto outputs = engine->Run(ReadInputs(*golden, *engine));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    Compare(*golden, *outputs);
  }

  static void Compare(const TensorMap& golden, const TensorMap& outputs) {
    int compared = 0;
    for (const auto& [name, expected] : golden) {
      if (!name.starts_with("out:")) continue;
      SCOPED_TRACE(name);
      const auto found = outputs.find(name.substr(4));
      ASSERT_TRUE(found != outputs.end());
      if (IsLabelMap(found->first)) {
        ExpectEqualLabels(found->second, expected);
      } else {
        ExpectClose(found->second, expected);
      }
      ++compared;
    }
    EXPECT_GT(compared, 0);
  }
};

TEST_P(GoldenTest, MatchesGolden) {
  NBITS_NEEDS_CORPUS();
  Check({});
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
