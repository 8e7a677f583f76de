// SPDX-License-Identifier: Apache-2.0
// Model packages: which file is the model, and what becomes of the others when one is written.
#include "formats/neural_network/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files/file.h"
#include "nbits/model.h"
#include "proto/model.pb.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kManifest[] = R"({
  "fileFormatVersion": "1.0.0",
  "itemInfoEntries": {
    "A": {"author": "com.example", "description": "notes", "name": "n", "path": "com.example/n.txt"},
    "B": {"author": "com.apple.CreateML", "description": "CoreML Model Specification",
          "name": "Flowers.mlmodel", "path": "com.apple.CoreML/Flowers.mlmodel"}},
  "rootModelIdentifier": "B"
})";

std::string NetworkBytes() {
  schema::Model model;
  model.set_specificationversion(1);
  model.mutable_neuralnetwork();
  return model.SerializeAsString();
}

class PackageTest : public ::testing::Test {
 protected:
  void Add(const std::string& name, const std::string& bytes) {
    const fs::path file = fs::path(package_) / name;
    fs::create_directories(file.parent_path());
    ASSERT_TRUE(WriteFileAtomically(file.string(), bytes).ok());
  }
  void AddPackage(const std::string& model) {
    Add("Manifest.json", kManifest);
    Add("Data/com.apple.CoreML/Flowers.mlmodel", model);
    Add("Data/com.example/n.txt", "kept");
  }
  std::string Read(const std::string& file) {
    const auto text = ReadFile(file);
    return text.ok() ? *text : std::string(text.status().message());
  }

  TestFolder folder_;
  const std::string package_ = folder_ / "Flowers.mlpackage";
};

TEST_F(PackageTest, TheManifestSaysWhichFileIsTheModel) {
  AddPackage(NetworkBytes());
  for (const std::string& path : {package_, package_ + "/"}) {
    const auto model = Model::Open(path);
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_EQ(model->description().type, "neuralNetwork");
  }
  EXPECT_EQ(ModelFileOf(package_), package_ + "/Data/com.apple.CoreML/Flowers.mlmodel");
  EXPECT_EQ(ModelFileOf("a.mlmodel"), "a.mlmodel");
}

TEST_F(PackageTest, AllElseIsKeptWhenAPackageIsWritten) {
  AddPackage(NetworkBytes());
  const auto model = Model::Open(package_);
  ASSERT_TRUE(model.ok()) << model.status();
  for (const std::string& target : {folder_ / "other.mlpackage", package_}) {
    ASSERT_TRUE(model->Save(target).ok()) << target;
    EXPECT_EQ(Read(target + "/Manifest.json"), kManifest);
    EXPECT_EQ(Read(target + "/Data/com.example/n.txt"), "kept");
    EXPECT_EQ(Read(target + "/Data/com.apple.CoreML/Flowers.mlmodel"), NetworkBytes());
  }
  ASSERT_TRUE(model->Save(folder_ / "plain.mlmodel").ok());
  EXPECT_EQ(Read(folder_ / "plain.mlmodel"), NetworkBytes());
  EXPECT_EQ(folder_.Names(),
            (std::vector<std::string>{"Flowers.mlpackage", "other.mlpackage", "plain.mlmodel"}));
}

TEST_F(PackageTest, AModelOfOneFileMakesANewPackage) {
  const auto model = Model::FromBytes(NetworkBytes(), "memory");
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_TRUE(model->Save(package_).ok());
  EXPECT_TRUE(Model::Open(package_).ok());
}

TEST_F(PackageTest, AFailureLeavesWhatWasThere) {
  AddPackage(NetworkBytes());
  const auto model = Model::Open(package_);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto refuse = [](const Model&) { return absl::DataLossError("not as it was"); };
  EXPECT_FALSE(model->Save(package_, refuse).ok());
  EXPECT_FALSE(model->Save(folder_ / "new.mlpackage", refuse).ok());
  EXPECT_EQ(folder_.Names(), std::vector<std::string>{"Flowers.mlpackage"});
  EXPECT_EQ(Read(package_ + "/Data/com.example/n.txt"), "kept");
  fs::create_directories(folder_ / "own.mlpackage/things");
  EXPECT_THAT(std::string(model->Save(folder_ / "own.mlpackage").message()),
              HasSubstr("is no model package"));
  EXPECT_FALSE(model->Save(package_ + "/inner.mlpackage").ok());
}

TEST_F(PackageTest, WhatIsNoNeuralNetworkIsNamed) {
  AddPackage(std::string("\x08\x07\xb2\x1f\x00", 5));  // Version 7, an empty ML Program.
  EXPECT_THAT(std::string(Model::Open(package_).status().message()),
              HasSubstr("Flowers.mlpackage: an ML Program"));
}

TEST_F(PackageTest, AManifestIsNeeded) {
  fs::create_directories(package_ + "/Data");
  EXPECT_THAT(std::string(Model::Open(package_).status().message()),
              HasSubstr("Flowers.mlpackage: is a package without its manifest"));
}

TEST_F(PackageTest, DamagedManifestsAreErrors) {
  for (
      const std::string text :
      {"", "[]", "{}", R"({"rootModelIdentifier": "B", "itemInfoEntries": []})",
       R"({"rootModelIdentifier": "B", "itemInfoEntries": {"B": 1}})",
       R"({"rootModelIdentifier": "B", "itemInfoEntries": {"B": {"path": "../../../etc/passwd"}}})",
       R"({"rootModelIdentifier": "B", "itemInfoEntries": {"B": {"path": "/etc/passwd"}}})",
       R"({"rootModelIdentifier": 5, "itemInfoEntries": {"B": {"path": "x"}}})"}) {
    Add("Manifest.json", text);
    const auto model = Model::Open(package_);
    EXPECT_TRUE(absl::IsInvalidArgument(model.status())) << text;
    EXPECT_THAT(std::string(model.status().message()), HasSubstr("manifest")) << text;
  }
}

}  // namespace
}  // namespace nbits
