// SPDX-License-Identifier: Apache-2.0
// What is written: nothing but what was asked for, in forms that read back to the same values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "formats/ml_program/write/encode.h"
#include "nbits/compress.h"
#include "nbits/model.h"
#include "nbits/tune.h"
#include "tests/mlprogram/package_builder.h"
#include "tests/support/left_out.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string Contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::map<std::string, std::string> FilesOf(const std::string& package) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(package)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(package).string()] = Contents(entry.path());
  }
  return files;
}

class SavedProgram : public ::testing::Test {
 protected:
  Model Opened(int opset, const std::vector<TestBlob>& blobs, const ProgramBuilder& program) {
    (void)opset;
    std::vector<uint64_t> offsets;
    WritePackageFiles(package_, program.model().SerializeAsString(), WeightFile(blobs, offsets));
    auto model = Model::Open(package_);
    EXPECT_TRUE(model.ok()) << model.status();
    return *std::move(model);
  }
  Model OpenedLinear(int opset) {
    return Opened(opset, {{2, FloatBytes(LinearWeights()), 0}}, LinearProgram(64, opset));
  }
  // Compresses, saves and reads it again; what was stored must be what is read.
  void ExpectRoundTrip(int opset, const CompressOptions& options, const std::string& operation) {
    Model model = OpenedLinear(opset);
    auto report = Compress(model, options);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->changed.size(), 1u);
    const absl::Status saved =
        model.Save(target_, [&](const Model& written) { return MeasureErrors(written, *report); });
    ASSERT_TRUE(saved.ok()) << saved;
    const auto again = Model::Open(target_);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->file_size(), model.SerializedSize());
    bool found = false;
    for (const auto& [type, count] : again->description().layer_counts) found |= type == operation;
    EXPECT_TRUE(found) << operation;
    // A bit is worth 6 dB, of which a grid may lose one to its range; Float16 has 11.
    EXPECT_GT(report->changed[0].snr_db, 6.0 * (std::min(options.bits, 11) - 1));
  }

  TestFolder folder_;
  const std::string package_ = folder_ / "net.mlpackage", target_ = folder_ / "small.mlpackage";
};

TEST_F(SavedProgram, NothingChangesByItself) {
  const Model model = OpenedLinear(5);
  ASSERT_TRUE(model.Save(target_).ok());
  EXPECT_EQ(FilesOf(target_), FilesOf(package_));
}

TEST_F(SavedProgram, IsNotCalibratedAndItIsSaid) {
  const Model model = OpenedLinear(5);
  auto plan = MakePlan(model, {.bits = 4});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto report = Calibrate(model, {}, *plan);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kUnimplemented) << report.status();
}

TEST_F(SavedProgram, FormsOfIos16) {
  ExpectRoundTrip(6, {.mode = Mode::kLinear, .bits = 8}, "constexpr_affine_dequantize");
  ExpectRoundTrip(6, {.mode = Mode::kLinearSymmetric, .bits = 8}, "constexpr_affine_dequantize");
  ExpectRoundTrip(6, {.mode = Mode::kLinear, .bits = 8, .granularity = Granularity::kPerTensor},
                  "constexpr_affine_dequantize");
  for (const int bits : {2, 4, 6, 8}) {
    ExpectRoundTrip(6, {.mode = Mode::kKMeansLut, .bits = bits}, "constexpr_lut_to_dense");
  }
  ExpectRoundTrip(6, {.mode = Mode::kFloat16, .bits = 16}, "constexpr_cast");
}

TEST_F(SavedProgram, FormsOfIos18) {
  for (const int bits : {4, 8}) {
    for (const Mode mode : {Mode::kLinear, Mode::kLinearSymmetric}) {
      for (const Granularity granularity :
           {Granularity::kPerTensor, Granularity::kPerChannel, Granularity::kPerBlock}) {
        ExpectRoundTrip(8,
                        {.mode = mode, .bits = bits, .granularity = granularity, .block_size = 4},
                        "constexpr_blockwise_shift_scale");
      }
    }
  }
  for (const int bits : {2, 3, 4, 6, 8}) {
    ExpectRoundTrip(8, {.mode = Mode::kKMeansLut, .bits = bits}, "constexpr_lut_to_dense");
  }
}

TEST_F(SavedProgram, AnOlderModelIsRaisedToTheFirstVersionWithSuchForms) {
  Model model = OpenedLinear(5);
  ASSERT_TRUE(Compress(model, {.mode = Mode::kLinear, .bits = 8}).ok());
  ASSERT_TRUE(model.Save(target_).ok());
  const auto again = Model::Open(target_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->description().specification_version, 7);
  EXPECT_EQ(again->description().opset, "CoreML6");
}

TEST_F(SavedProgram, FormsThatAVersionLacksBecomeWiderAndSaySo) {
  Model model = OpenedLinear(6);
  auto plan = MakePlan(model, {.mode = Mode::kLinear, .bits = 4});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->entries[0].bits, 8);
  EXPECT_THAT(plan->entries[0].refused, HasSubstr("8 bits"));
  plan = MakePlan(model, {.mode = Mode::kKMeansLut, .bits = 5});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->entries[0].bits, 6);
}

// What lies around the weight that was changed stays, in its order, and its blobs too.
TEST_F(SavedProgram, OtherBlobsStayAndAreWhereTheProgramSays) {
  std::vector<uint64_t> offsets;
  const std::vector<TestBlob> blobs = {{2, FloatBytes(std::vector<float>(24, 0.5f)), 0x1234},
                                       {2, FloatBytes(LinearWeights()), 77},
                                       {2, FloatBytes(std::vector<float>(16, 2.0f)), 99}};
  WeightFile(blobs, offsets);
  ProgramBuilder program(6);
  program.Input("x", {1, 8});
  program.Constant("first", BlobValue(mil::FLOAT32, {24}, offsets[0]), {24});
  program.Constant("w", BlobValue(mil::FLOAT32, {16, 8}, offsets[1]), {16, 8});
  program.Constant("b", BlobValue(mil::FLOAT32, {16}, offsets[2]), {16});
  program.Add("linear").In("x", "x").In("weight", "w").In("bias", "b").Out("y", {1, 16});
  program.Output("y");
  Model model = Opened(6, blobs, program);
  ASSERT_TRUE(Compress(model, {.mode = Mode::kLinear, .bits = 8}).ok());
  ASSERT_TRUE(model.Save(target_).ok());
  const auto again = Model::Open(target_);
  ASSERT_TRUE(again.ok()) << again.status();
  const fs::path weights = "Data/com.apple.CoreML/weights/weight.bin";
  const std::string old_file = Contents(fs::path(package_) / weights);
  const std::string new_file = Contents(fs::path(target_) / weights);
  // The first blob stands where it stood, with all of its record.
  EXPECT_EQ(new_file.substr(64, 64 + 96), old_file.substr(64, 64 + 96));
  EXPECT_NE(new_file.find(FloatBytes(std::vector<float>(16, 2.0f))), std::string::npos);
  EXPECT_EQ(new_file.find(FloatBytes(LinearWeights())), std::string::npos);
  EXPECT_LT(new_file.size(), old_file.size());
  EXPECT_EQ(Contents(fs::path(target_) / "Manifest.json"), kTestManifest);
}

TEST_F(SavedProgram, AFailureLeavesWhatWasThere) {
  Model model = OpenedLinear(6);
  const auto before = FilesOf(package_);
  ASSERT_TRUE(Compress(model, {.mode = Mode::kLinear, .bits = 8}).ok());
  EXPECT_FALSE(model.Save(package_, [](const Model&) { return absl::DataLossError("no"); }).ok());
  EXPECT_EQ(FilesOf(package_), before);
  EXPECT_THAT(std::string(model.Save(folder_ / "small.mlmodel").message()),
              HasSubstr("as a .mlpackage only"));
  ASSERT_TRUE(model.Save(package_).ok());
  EXPECT_NE(FilesOf(package_), before);
}

// A model in one file keeps its weights in the program.
TEST(SavedModels, HoldTheirWeightsThemselves) {
  TestFolder folder;
  ProgramBuilder program(6);
  program.Input("x", {1, 8});
  program.Constant("w", FloatsValue(LinearWeights(), {16, 8}), {16, 8});
  program.Add("linear").In("x", "x").In("weight", "w").Out("y", {1, 16});
  program.Output("y");
  auto model = program.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  auto report = Compress(*model, {.mode = Mode::kLinear, .bits = 8});
  ASSERT_TRUE(report.ok()) << report.status();
  const std::string target = folder / "small.mlmodel";
  const auto check = [&](const Model& written) { return MeasureErrors(written, *report); };
  ASSERT_TRUE(model->Save(target, check).ok());
  EXPECT_EQ(static_cast<int64_t>(fs::file_size(target)), model->SerializedSize());
}

TEST(SavedPackages, OfTheCorpusAreTheSameToTheByte) {
  NBITS_NEEDS_CORPUS();
  TestFolder folder;
  int packages = 0;
  for (const auto& entry : fs::directory_iterator(CorpusModels())) {
    if (entry.path().extension() != ".mlpackage") continue;
    const auto model = Model::Open(entry.path().string());
    ASSERT_TRUE(model.ok()) << model.status();
    const std::string target = folder / entry.path().filename().string();
    ASSERT_TRUE(model->Save(target).ok()) << entry.path();
    EXPECT_EQ(FilesOf(target), FilesOf(entry.path().string())) << entry.path();
    ++packages;
  }
  EXPECT_GT(packages, 0);
}

}  // namespace
}  // namespace nbits
