// SPDX-License-Identifier: Apache-2.0
// Packages, weight files and programs that lie: one clear error each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "nbits/engine.h"
#include "nbits/model.h"
#include "tests/mlprogram/package_builder.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class BadPackage : public ::testing::Test {
 protected:
  void SetUp() override {
    weights_ = WeightFile({{2, FloatBytes(LinearWeights()), 0}}, offsets_);
    Write(LinearProgram(offsets_[0]));
  }
  void Write(const ProgramBuilder& program) {
    model_ = program.model().SerializeAsString();
    WritePackageFiles(package_, model_, weights_);
  }
  // What is wrong with the package, by opening and running it.
  std::string Error() const {
    const auto model = Model::Open(package_);
    if (!model.ok()) return std::string(model.status().message());
    const auto engine = Engine::Create(*model);
    return std::string(engine.status().message());
  }
  void ExpectError(const std::string& part) const {
    const std::string error = Error();
    EXPECT_THAT(error, HasSubstr(part));
    EXPECT_THAT(error, Not(HasSubstr("\n")));
  }
  void ExpectManifestError(const std::string& manifest, const std::string& part) const {
    WritePackageFiles(package_, model_, weights_, manifest);
    ExpectError(part);
  }
  void ExpectWeightsError(const std::function<void(std::string&)>& change,
                          const std::string& part) const {
    std::string weights = weights_;
    change(weights);
    WritePackageFiles(package_, model_, weights);
    ExpectError(part);
  }

  TestFolder folder_;
  const std::string package_ = folder_ / "net.mlpackage";
  std::vector<uint64_t> offsets_;
  std::string weights_, model_;
};

TEST_F(BadPackage, AGoodOneRuns) { EXPECT_EQ(Error(), ""); }

TEST_F(BadPackage, ManifestsAreChecked) {
  ExpectManifestError(R"({"rootModelIdentifier": "A", "itemInfoEntries": {}})", "which item");
  ExpectManifestError(
      R"({"rootModelIdentifier": "A", "itemInfoEntries":
          {"A": {"path": "com.apple.CoreML/other.mlmodel"}}})",
      "other.mlmodel', which is missing");
  ExpectManifestError(
      R"({"rootModelIdentifier": "A", "itemInfoEntries":
          {"A": {"path": "com.apple.CoreML/model.mlmodel"},
           "A": {"path": "com.apple.CoreML/model.mlmodel"}}})",
      "says 'A' twice");
  ExpectManifestError(R"({"rootModelIdentifier": "A", "itemInfoEntries": {"A": {"path": "../x"}}})",
                      "not within the package");
  ExpectManifestError(R"({"fileFormatVersion": "2.0.0", "rootModelIdentifier": "A"})",
                      "version 2.0.0");
}

TEST_F(BadPackage, WeightFilesThatAreMissingAreNamed) {
  fs::remove(fs::path(package_) / "Data/com.apple.CoreML/weights/weight.bin");
  ExpectError("weights/weight.bin");
}

TEST_F(BadPackage, LinksAreNotFollowed) {
  const fs::path weights = fs::path(package_) / "Data/com.apple.CoreML/weights";
  fs::rename(weights / "weight.bin", folder_ / "outside.bin");
  fs::create_symlink(folder_ / "outside.bin", weights / "weight.bin");
  ExpectError("is a link");
}

TEST_F(BadPackage, NamesDoNotLeaveThePackage) {
  ProgramBuilder program = LinearProgram(offsets_[0]);
  auto& value = (*program.block().mutable_operations(0)->mutable_attributes())["val"];
  for (const char* name : {"/etc/passwd", "@model_path/../../../../x", "weights/weight.bin"}) {
    value.mutable_blobfilevalue()->set_filename(name);
    Write(program);
    ExpectError("leads out of the package");
  }
}

TEST_F(BadPackage, BlobsAreChecked) {
  ExpectWeightsError([](std::string& w) { w.resize(10); }, "too short");
  ExpectWeightsError([](std::string& w) { PutBytes(uint32_t{1}, 4, w); }, "an older layout");
  ExpectWeightsError([](std::string& w) { PutBytes(uint32_t{3}, 4, w); }, "version 3");
  ExpectWeightsError([](std::string& w) { PutBytes(uint32_t{1}, 64, w); }, "sentinel");
  ExpectWeightsError([](std::string& w) { PutBytes(uint32_t{99}, 68, w); }, "unknown type 99");
  ExpectWeightsError([](std::string& w) { PutBytes(uint32_t{1}, 68, w); }, "says fp32");
  ExpectWeightsError([](std::string& w) { PutBytes(uint64_t{4}, 72, w); }, "has 4 bytes");
  ExpectWeightsError([](std::string& w) { PutBytes(~uint64_t{0}, 72, w); }, "leave the file");
  ExpectWeightsError([](std::string& w) { PutBytes(~uint64_t{63}, 80, w); }, "leave the file");
  ExpectWeightsError([](std::string& w) { PutBytes(uint64_t{1 << 20}, 80, w); }, "leave the file");
  ExpectWeightsError([](std::string& w) { PutBytes(uint64_t{0}, 80, w); }, "another blob's");
  ExpectWeightsError([](std::string& w) { w.resize(w.size() - 1); }, "leave the file");
}

TEST_F(BadPackage, PlacesOfBlobsAreChecked) {
  for (const auto& [offset, part] : std::vector<std::pair<uint64_t, std::string>>{
           {65, "no multiple of 64"}, {uint64_t{1} << 40, "beyond the file"}, {128, "sentinel"}}) {
    Write(LinearProgram(offset));
    ExpectError(part);
  }
}

TEST_F(BadPackage, UnusedBitsAreWhatTheFileSays) {
  std::vector<uint64_t> offsets;
  weights_ = WeightFile({{11, std::string(6, '\1'), 0}}, offsets);  // 11 codes of 4 bits.
  ProgramBuilder program(8);
  program.Input("x", {11});
  program.Add("constexpr_blockwise_shift_scale")
      .In("data", BlobValue(mil::UINT4, {11}, offsets[0]))
      .In("scale", FloatsValue({1}, {1}))
      .Out("w", {11});
  program.Add("add").In("x", "x").In("y", "w").Out("y", {11});
  program.Output("y");
  Write(program);
  ExpectError("bits of its end are unused");
}

// ---- Programs -----------------------------------------------------------------------------------

class BadPrograms : public BadPackage {
 protected:
  void ExpectProgramError(const ProgramBuilder& program, const std::string& part) {
    Write(program);
    ExpectError(part);
  }
};

TEST_F(BadPrograms, ValuesAreDefinedOnceAndBeforeTheyAreRead) {
  ProgramBuilder twice = LinearProgram(offsets_[0]);
  twice.Add("relu").In("x", "x").Out("y", {1, 8});
  ExpectProgramError(twice, "'y' is defined twice");
  ProgramBuilder cycle(5);
  cycle.Input("x", {2});
  cycle.Add("add").In("x", "x").In("y", "b").Out("a", {2});
  cycle.Add("relu").In("x", "a").Out("b", {2});
  cycle.Output("b");
  ExpectProgramError(cycle, "'b' is not defined before it");
}

TEST_F(BadPrograms, TypesAndShapesAreChecked) {
  ProgramBuilder shape(5);
  shape.Input("x", {2});
  shape.Add("relu").In("x", "x").Out("y", {3});
  shape.Output("y");
  ExpectProgramError(shape, "'y' is declared as 3, and its value is 2");
  ProgramBuilder count(5);
  count.Input("x", {2});
  count.Constant("c", FloatsValue({1, 2, 3}, {2}), {2});
  count.Add("add").In("x", "x").In("y", "c").Out("y", {2});
  count.Output("y");
  ExpectProgramError(count, "12 bytes of fp32 (expected 8)");
  ProgramBuilder huge(5);
  huge.Input("x", {2});
  const int64_t most = int64_t{1} << 40;
  huge.Constant("c", FloatsValue({1}, {most, most, most}), {most, most, most});
  huge.Add("add").In("x", "x").In("y", "c").Out("y", {2});
  huge.Output("y");
  ExpectProgramError(huge, "2^40 elements");
}

TEST_F(BadPrograms, UnknownOperationsAreNamed) {
  ProgramBuilder program(5);
  program.Input("x", {2});
  program.Add("custom_layer").In("x", "x").Out("y", {2});
  program.Output("y");
  ExpectProgramError(program, "operation 'y' of type 'custom_layer': is not supported");
}

TEST_F(BadPrograms, MissingArgumentsAreNamed) {
  ProgramBuilder program(5);
  program.Input("x", {2});
  program.Add("clip").In("x", "x").Out("y", {2});
  program.Output("y");
  ExpectProgramError(program, "argument 'alpha' is missing");
}

TEST_F(BadPrograms, DeepNestingIsRefused) {
  ProgramBuilder program(5);
  program.Input("x", {1});
  mil::Block* block = &program.block();
  for (int i = 0; i < 300; ++i) {
    auto branch = AddOperation(*block, "cond").In("pred", "x").Out("y" + std::to_string(i), {1});
    mil::Block* inner = branch.operation().add_blocks();
    block = inner;
  }
  program.Output("y0");
  ExpectProgramError(program, "cannot be read");
}

TEST_F(BadPrograms, AFunctionNeedsItsBlock) {
  ProgramBuilder program = LinearProgram(offsets_[0]);
  program.function().set_opset("CoreML9");
  ExpectProgramError(program, "no block for its opset");
  schema::Model empty;
  empty.set_specificationversion(6);
  empty.mutable_mlprogram();
  WritePackageFiles(package_, empty.SerializeAsString(), weights_);
  ExpectError("has no functions");
}

TEST_F(BadPrograms, ManyOperationsAreNoProblem) {
  ProgramBuilder program(5);
  program.Input("x", {1});
  std::string last = "x";
  for (int i = 0; i < 20000; ++i) {
    const std::string name = "v" + std::to_string(i);
    program.Add("relu").In("x", last).Out(name, {1});
    last = name;
  }
  program.Output("x");
  Write(program);
  EXPECT_TRUE(Model::Open(package_).ok());
}

}  // namespace
}  // namespace nbits
