// SPDX-License-Identifier: Apache-2.0
// Packages found in the wild against outputs that an independent interpreter computed.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "nbits/image.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/predictor.h"
#include "tests/support/left_out.h"
#include "tests/support/npz.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

// Of the largest value.
constexpr double kMostDifference = 1e-3;

fs::path Goldens() { return Corpus() / "golden-mlprogram"; }

double RelativeDifferenceOf(const std::vector<float>& actual, const std::vector<float>& expected) {
  if (actual.size() != expected.size()) return HUGE_VAL;
  double largest = 0, difference = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    if (!std::isfinite(actual[i])) return HUGE_VAL;
    largest = std::max(largest, std::abs(double{expected[i]}));
    difference = std::max(difference, std::abs(double{actual[i]} - expected[i]));
  }
  return largest > 0 ? difference / largest : difference;
}

// A pipeline's goldens are those of its first member, the network.
absl::StatusOr<Model> NetworkOf(Model model) {
  if (model.description().members.empty()) return model;
  return model.Member(0);
}

absl::StatusOr<TensorMap> GoldenInputs(const Model& model, const TensorMap& golden,
                                       const fs::path& folder) {
  TensorMap inputs;
  for (const FeatureDescription& input : model.description().inputs) {
    if (const auto found = golden.find("in:" + input.name); found != golden.end()) {
      inputs[input.name] = found->second;
      continue;
    }
    auto picture = ReadInput(input, (folder / (input.name + ".png")).string());
    if (!picture.ok()) return picture.status();
    inputs[input.name] = *std::move(picture);
  }
  return inputs;
}

class GoldenPackages : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenPackages, GiveTheirOutputs) {
  NBITS_NEEDS_CORPUS();
  const fs::path folder = Goldens() / GetParam();
  const auto golden = testing::ReadNpz((folder / "golden.npz").string());
  ASSERT_TRUE(golden.ok()) << golden.status();
  auto package = Model::Open((CorpusModels() / absl::StrCat(GetParam(), ".mlpackage")).string());
  ASSERT_TRUE(package.ok()) << package.status();
  const auto model = NetworkOf(*std::move(package));
  ASSERT_TRUE(model.ok()) << model.status();
  const auto predictor = Predictor::Create(*model);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  const auto inputs = GoldenInputs(*model, *golden, folder);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  const auto outputs = predictor->Run(*inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  int compared = 0;
  for (const auto& [name, expected] : *golden) {
    if (name.rfind("out:", 0) != 0) continue;
    const auto found = outputs->find(name.substr(4));
    ASSERT_NE(found, outputs->end()) << name;
    EXPECT_LE(RelativeDifferenceOf(found->second.values, expected.values), kMostDifference) << name;
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, GoldenPackages,
                         ::testing::Values("MNIST_ios", "silero-vad-unified-256ms-v6.0.0",
                                           "superpoint", "unified_256ms_int8",
                                           "unified_256ms_mixed", "unified_256ms_palette_2bit",
                                           "unified_256ms_palette_4bit",
                                           "unified_256ms_palette_8bit",
                                           "unified_256ms_pruned_int8", "yolov8n"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& letter : name) {
                             if (!std::isalnum(static_cast<unsigned char>(letter))) letter = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace nbits
