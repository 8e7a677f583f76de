// SPDX-License-Identifier: Apache-2.0
// The sample models against what samples/convert/interpret.py, which knows nothing of the engine,
// computes in double from the TensorFlow Lite files that they were converted from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "nbits/engine.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "tests/support/npz.h"

namespace nbits {
namespace {

constexpr char kModels[] = NBITS_SOURCE_DIR "/samples/";
constexpr char kGolden[] = NBITS_SOURCE_DIR "/tests/engine/golden/";

// The largest difference as a share of the largest value.
float Difference(const Tensor& actual, const Tensor& expected) {
  float largest = 0, difference = 0;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    largest = std::max(largest, std::abs(expected.values[i]));
    difference = std::max(difference, std::abs(actual.values[i] - expected.values[i]));
  }
  return difference / largest;
}

absl::StatusOr<TensorMap> RunOnGoldenPicture(const std::string& name) {
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(kModels + name + ".mlmodel"));
  NBITS_ASSIGN_OR_RETURN(Engine engine, Engine::Create(model));
  const FeatureDescription& input = model.description().inputs[0];
  NBITS_ASSIGN_OR_RETURN(const Tensor picture,
                         ReadInput(input, std::string(kGolden) + "image.png"));
  return engine.Run({{input.name, picture}});
}

struct SampleCase {
  const char* name;
  std::map<std::string, float> bounds;  // By output; a few times what was measured.
};

class SampleTest : public ::testing::TestWithParam<SampleCase> {};

TEST_P(SampleTest, GivesWhatItsSourceMeans) {
  const std::string name = GetParam().name;
  const auto golden = testing::ReadNpz(kGolden + name + ".npz");
  ASSERT_TRUE(golden.ok()) << golden.status();
  const auto outputs = RunOnGoldenPicture(name);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(golden->size(), GetParam().bounds.size());
  EXPECT_EQ(outputs->size(), GetParam().bounds.size());
  for (const auto& [output, bound] : GetParam().bounds) {
    SCOPED_TRACE(output);
    const auto expected = golden->find("out:" + output);
    const auto actual = outputs->find(output);
    ASSERT_TRUE(expected != golden->end() && actual != outputs->end());
    ASSERT_EQ(actual->second.values.size(), expected->second.values.size());
    EXPECT_LE(Difference(actual->second, expected->second), bound);
  }
}

// The pose network's matte is the sigmoid of values up to 1800, which Float32 does not know to less
// than a thousandth.
INSTANTIATE_TEST_SUITE_P(Samples, SampleTest,
                         ::testing::Values(SampleCase{"selfie_segmentation", {{"matte", 1e-4f}}},
                                           SampleCase{"pose_landmark",
                                                      {{"landmarks", 2e-5f},
                                                       {"presence", 2e-5f},
                                                       {"matte", 2e-3f},
                                                       {"heatmap", 2e-5f},
                                                       {"world_landmarks", 2e-5f}}}),
                         [](const ::testing::TestParamInfo<SampleCase>& sample) {
                           return std::string(sample.param.name);
                         });

}  // namespace
}  // namespace nbits
