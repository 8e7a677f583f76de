// SPDX-License-Identifier: Apache-2.0
// Real models, the samples and, where it is there, the corpus: all open, all come back as they
// were.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "base/files/file.h"
#include "nbits/model.h"
#include "tests/support/left_out.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

bool SameBytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

TEST(RealModels, EveryModelIsWrittenBackByteForByte) {
  const TestFolder folder;
  const std::string copy = folder / "copy.mlmodel";
  ASSERT_FALSE(ModelsAtHand().empty());
  for (const std::string& path : ModelsAtHand()) {
    auto model = Model::Open(path);
    ASSERT_TRUE(model.ok()) << model.status();
    ASSERT_TRUE(model->Save(copy).ok());
    const std::string original = *ReadFile(path);
    EXPECT_TRUE(original == *ReadFile(copy)) << path;
    EXPECT_EQ(model->SerializedSize(), static_cast<int64_t>(original.size()));
    EXPECT_EQ(model->file_size(), static_cast<int64_t>(original.size()));
  }
}

TEST(RealModels, WeightsAreViewsOfTheFileThatHoldTogether) {
  for (const std::string& path : ModelsAtHand()) {
    auto model = Model::Open(path);
    ASSERT_TRUE(model.ok()) << model.status();
    for (const WeightRef& weight : model->weights()) {
      EXPECT_TRUE(Validate(weight.tensor).ok()) << path << " " << weight.path;
      EXPECT_FALSE(weight.path.empty() || weight.field.empty() || weight.layer_type.empty());
    }
  }
}

struct Expectation {
  const char* file;
  const char* type;
  int version;
  size_t weights;
};

TEST(Corpus, DescriptionsAgreeWithTheFiles) {
  NBITS_NEEDS_CORPUS();
  const Expectation expectations[] = {
      {"Scaler.mlmodel", "scaler", 1, 0},
      {"RandomForest.mlmodel", "pipelineClassifier", 1, 0},
      {"MNIST.mlmodel", "neuralNetworkClassifier", 1, 10},
      {"Es2EnCharEncoder16Bit.mlmodel", "neuralNetwork", 2, 12},
  };
  for (const Expectation& expected : expectations) {
    auto model = Model::Open((CorpusModels() / expected.file).string());
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_EQ(model->description().type, expected.type);
    EXPECT_EQ(model->description().specification_version, expected.version);
    EXPECT_EQ(model->weights().size(), expected.weights) << expected.file;
  }
}

// A Float32 tensor of the weight's shape, each value 0.5.
PackedTensor Halves(const WeightRef& weight) {
  PackedTensor tensor;
  tensor.shape = weight.tensor.shape;
  auto values = std::make_shared<std::vector<float>>(*ElementCount(tensor.shape), 0.5f);
  tensor.bytes = std::as_bytes(std::span(*values));
  tensor.owner = std::move(values);
  return tensor;
}

TEST(RealModels, ReplacingOneWeightLeavesAllOthers) {
  const TestFolder folder;
  const std::string copy = folder / "replaced.mlmodel";
  for (const std::string& path : ModelsAtHand()) {
    auto model = Model::Open(path);
    ASSERT_TRUE(model.ok()) << model.status();
    if (model->weights().empty()) continue;
    const size_t index = model->weights().size() / 2;
    ASSERT_TRUE(model->ReplaceWeight(index, Halves(model->weights()[index])).ok());
    ASSERT_TRUE(model->Save(copy).ok());
    auto original = Model::Open(path);
    auto changed = Model::Open(copy);
    ASSERT_TRUE(changed.ok()) << changed.status();
    EXPECT_EQ(model->SerializedSize(), changed->file_size());
    ASSERT_EQ(changed->weights().size(), original->weights().size());
    for (size_t i = 0; i < original->weights().size(); ++i) {
      const WeightRef& now = changed->weights()[i];
      const WeightRef& before = i == index ? model->weights()[i] : original->weights()[i];
      EXPECT_EQ(now.path, before.path);
      EXPECT_TRUE(SameBytes(now.tensor.bytes, before.tensor.bytes)) << path << " " << now.path;
      EXPECT_EQ(now.tensor.scale, before.tensor.scale);
      EXPECT_EQ(now.tensor.offset, before.tensor.offset);
      EXPECT_EQ(now.tensor.table, before.tensor.table);
    }
    EXPECT_EQ(changed->weights()[index].tensor.scheme, Scheme::kFloat32);
  }
}

TEST(RealModels, PackagesOpenAndHaveWeights) {
  NBITS_NEEDS_CORPUS();
  int packages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CorpusModels())) {
    if (entry.path().extension() != ".mlpackage") continue;
    const auto model = Model::Open(entry.path().string());
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_FALSE(model->description().inputs.empty()) << entry.path();
    EXPECT_FALSE(model->weights().empty()) << entry.path();
    ++packages;
  }
  EXPECT_GT(packages, 0);
}

}  // namespace
}  // namespace nbits
