// SPDX-License-Identifier: Apache-2.0
// Quantized models, one of the fixtures and those of the corpus, against coremltools 7.2
// (fixtures/coremltools.json, which make_fixtures.py wrote): every weight's bytes and parameters,
// bit for bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "formats/neural_network/layer_edit.h"
#include "nbits/compress.h"
#include "tests/compress/made_model.h"
#include "tests/support/left_out.h"

namespace nbits {
namespace {

using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::SizeIs;

uint32_t Crc32(const std::byte* bytes, size_t size, uint32_t crc = 0) {
  crc = ~crc;
  for (size_t i = 0; i < size; ++i) {
    crc ^= static_cast<uint32_t>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

// Of parameters, where -0 counts as 0 (make_fixtures.py says why).
uint32_t Crc32(std::vector<float> values, uint32_t crc) {
  for (float& value : values) value += 0.0f;
  return Crc32(reinterpret_cast<const std::byte*>(values.data()), 4 * values.size(), crc);
}

std::string Digest(const PackedTensor& tensor) {
  const uint32_t parameters = Crc32(tensor.table, Crc32(tensor.offset, Crc32(tensor.scale, 0)));
  return absl::StrFormat("%08x%08x", Crc32(tensor.bytes.data(), tensor.bytes.size()), parameters);
}

const nlohmann::json& Fixtures() {
  static const nlohmann::json fixtures = [] {
    std::ifstream file(NBITS_SOURCE_DIR "/tests/compress/fixtures/coremltools.json");
    return nlohmann::json::parse(file);
  }();
  return fixtures;
}

// "linear_lut/4" as options.
CompressOptions Options(const std::string& configuration) {
  const std::vector<std::string> parts = absl::StrSplit(configuration, '/');
  CompressOptions options;
  options.policy = Policy::kCoremltools;
  options.bits = std::atoi(parts[1].c_str());
  options.mode = options.bits == 16 ? Mode::kFloat16 : *ParseMode(parts[0]);
  return options;
}

void ExpectWeights(const Model& model, const nlohmann::json& entry, const nlohmann::json& names) {
  const std::string expected = entry["weights"];
  ASSERT_EQ(model.weights().size() * 16, expected.size());
  ASSERT_EQ(model.weights().size(), names.size());
  int wrong = 0;
  for (size_t i = 0; i < model.weights().size() && wrong < 5; ++i) {
    const WeightRef& weight = model.weights()[i];
    EXPECT_EQ(weight.layer, std::string(names[i]).substr(0, weight.layer.size()));
    const std::string digest = Digest(weight.tensor);
    EXPECT_EQ(digest, expected.substr(16 * i, 16)) << names[i];
    wrong += digest != expected.substr(16 * i, 16);
  }
}

class Coremltools : public ::testing::TestWithParam<std::string> {};

TEST_P(Coremltools, EveryModeAndWidthIsBitEqual) {
  if (GetParam() != kMade) NBITS_NEEDS_CORPUS();
  const std::string path = ModelFile(GetParam());
  const nlohmann::json& entries = Fixtures()["models"][GetParam()];
  int configurations = 0;
  for (const auto& [configuration, entry] : entries.items()) {
    if (!entry.is_object()) continue;
    SCOPED_TRACE(configuration);
    auto model = Model::Open(path);
    ASSERT_TRUE(model.ok()) << model.status();
    const CompressOptions options = Options(configuration);
    const auto report = Compress(*model, options);
    ASSERT_TRUE(report.ok()) << report.status();
    ExpectWeights(*model, entry, entries[options.bits == 16 ? "names16" : "names"]);
    EXPECT_EQ(Networks(*model)[0].layers.size(), static_cast<size_t>(entry["layers"]));
    EXPECT_EQ(model->description().specification_version, static_cast<int>(entry["version"]));
    ++configurations;
  }
  EXPECT_EQ(configurations, 18);  // 16 bits, symmetric, and 8 widths of two modes.
}

INSTANTIATE_TEST_SUITE_P(Models, Coremltools,
                         ::testing::Values(kMade, "MNIST", "SINet", "Tiramisu45",
                                           "deeplab_dm05_float32", "edsr_f64b5_fp32",
                                           "Es2EnCharEncoder", "small_unet",
                                           "starry_night_640x480_025", "up_photo_scale2x_model"),
                         [](const auto& tested) { return tested.param; });

TEST(CoremltoolsKMeans, SquaredErrorIsNoLarger) {
  NBITS_NEEDS_CORPUS();
  for (const auto& [name, widths] : Fixtures()["kmeans"].items()) {
    const std::string path = CorpusModel(name).string();
    for (const auto& [bits, errors] : widths.items()) {
      SCOPED_TRACE(name + " " + bits);
      auto model = Model::Open(path);
      ASSERT_TRUE(model.ok()) << model.status();
      const auto report = Compress(*model, {.mode = Mode::kKMeansLut,
                                            .bits = std::atoi(bits.c_str()),
                                            .policy = Policy::kCoremltools});
      ASSERT_TRUE(report.ok()) << report.status();
      ASSERT_THAT(report->changed, SizeIs(errors.size()));
      for (size_t i = 0; i < errors.size(); ++i) {
        // Both tables are stored as Float32: the same clusters can differ by that rounding.
        EXPECT_LE(report->changed[i].squared_error,
                  static_cast<double>(errors[i]) * (1 + 1e-6) + 1e-20)
            << report->changed[i].path;
      }
    }
  }
}

}  // namespace
}  // namespace nbits
