// SPDX-License-Identifier: Apache-2.0
// Every layer type on inputs of every rank and number, with parameters that fit, that are missing
// and that make no sense: it runs, and all kernels agree, or the error names the layer.
//
// Every third model is tested, with NBITS_GENERATED=all in the environment all of them (some
// seconds, under the sanitizers two minutes).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>

#include "base/system.h"
#include "tests/layers/generator.h"
#include "tests/support/kernel_agreement.h"

namespace nbits {
namespace {

using testing::Agreement;
using testing::GeneratedModel;
using ::testing::HasSubstr;
using testing::SchemaField;

constexpr int64_t kMostBytes = int64_t{64} << 20;

size_t Step() {
  const char* wanted = std::getenv("NBITS_GENERATED");
  return wanted != nullptr && std::string(wanted) == "all" ? 1 : 3;
}

void ExpectCleanError(const absl::Status& status) {
  using Code = absl::StatusCode;
  EXPECT_THAT(status.code(), ::testing::AnyOf(Code::kInvalidArgument, Code::kUnimplemented,
                                              Code::kResourceExhausted))
      << status;
  // It may be a layer of a network within it, or an output that no iteration of a loop makes.
  EXPECT_THAT(std::string(status.message()),
              ::testing::AnyOf(HasSubstr("layer '"), HasSubstr("output '")));
}

void SaveSeed(const std::string& layer, const std::string& model) {
  const char* folder = std::getenv("NBITS_SEEDS");
  if (folder == nullptr) return;
  std::ofstream file(std::string(folder) + "/" + layer + ".mlmodel", std::ios::binary);
  file << model;
}

// All of them, for scripts/check-hostile.
void SaveModel(const std::string& layer, size_t number, const std::string& model) {
  const char* folder = std::getenv("NBITS_GENERATED_MODELS");
  if (folder == nullptr) return;
  const std::string path = std::string(folder) + "/" + layer + "-" + std::to_string(number);
  std::ofstream(path + ".mlmodel", std::ios::binary) << model;
}

class GeneratedTest : public ::testing::TestWithParam<SchemaField> {};

TEST_P(GeneratedTest, RunsOrIsRefused) {
  const std::vector<GeneratedModel> models = testing::GenerateModels(GetParam());
  // Another third for each type.
  for (size_t i = GetParam().number % Step(); i < models.size(); i += Step()) {
    SCOPED_TRACE(models[i].name);
    SaveModel(GetParam().name, i, models[i].model);
    const auto model = Model::FromBytes(models[i].model, "generated.mlmodel");
    if (!model.ok()) {
      EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument) << model.status();
      continue;
    }
    const Agreement agreement = testing::CompareKernels(*model, models[i].inputs, kMostBytes);
    if (!agreement.plain.ok()) ExpectCleanError(agreement.plain);
    EXPECT_EQ(agreement.difference, "");
    if (agreement.ran) SaveSeed(GetParam().name, models[i].model);
  }
  EXPECT_LT(PeakMemoryBytes(), int64_t{1} << 30);
}

// A value in three is no number.
TensorMap WithNan(TensorMap inputs) {
  for (auto& [name, tensor] : inputs) {
    for (size_t i = 1; i < tensor.values.size(); i += 3) {
      tensor.values[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return inputs;
}

TEST_P(GeneratedTest, KernelsAgreeOnNan) {
  const std::vector<GeneratedModel> models = testing::GenerateModels(GetParam());
  for (size_t i = (GetParam().number + 1) % Step(); i < models.size(); i += Step()) {
    SCOPED_TRACE(models[i].name);
    const auto model = Model::FromBytes(models[i].model, "generated.mlmodel");
    if (!model.ok()) continue;
    EXPECT_EQ(testing::CompareKernels(*model, WithNan(models[i].inputs), kMostBytes).difference,
              "");
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, GeneratedTest, ::testing::ValuesIn(testing::LayerFields()),
                         [](const auto& layer) { return layer.param.name; });

}  // namespace
}  // namespace nbits
