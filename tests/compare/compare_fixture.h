// SPDX-License-Identifier: Apache-2.0
// Comparisons with a worker that marks bright pixels, in a folder of their own.
#ifndef NBITS_TESTS_COMPARE_COMPARE_FIXTURE_H_
#define NBITS_TESTS_COMPARE_COMPARE_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/files/file.h"
#include "nbits/compare.h"
#include "nbits/image.h"
#include "tests/support/made_models.h"
#include "tests/support/test_folder.h"

namespace nbits {

class CompareTest : public ::testing::Test {
 protected:
  using Path = std::filesystem::path;

  void SetUp() override {
    std::filesystem::create_directories(folder_ / "images");
    std::filesystem::create_directories(folder_ / "masks");
    options_.original.file = AddModel("model");
    options_.images = (folder_ / "images").string();
    options_.output = (folder_ / "out").string();
    options_.worker_command = {NBITS_BINARY_DIR "/compare_test_worker"};
    options_.runs = 2;
  }

  // The same network each time: what the worker does follows from the name.
  std::string AddModel(const std::string& name) {
    const Path path = folder_ / (name + ".mlmodel");
    EXPECT_TRUE(WriteFileAtomically(path.string(), network_).ok());
    return path.string();
  }
  // One byte of its weights is another.
  std::string AddChangedModel(const std::string& name) {
    std::string bytes = network_;
    bytes[bytes.size() / 2] ^= 1;
    const Path path = folder_ / (name + ".mlmodel");
    EXPECT_TRUE(WriteFileAtomically(path.string(), bytes).ok());
    return path.string();
  }
  void AddVariant(const std::string& name) {
    options_.variants.push_back({.file = AddModel(name)});
  }

  // Left half dark, right half bright.
  void AddPicture(const std::string& name) {
    Image image{8, 8, 3, {}};
    for (int i = 0; i < 64; ++i) image.pixels.insert(image.pixels.end(), 3, i % 8 < 4 ? 0 : 255);
    ASSERT_TRUE(WriteFileAtomically((folder_ / "images" / name).string(), *EncodePng(image)).ok());
  }
  void AddMask(const std::string& name) {
    ClassMap map{8, 8, std::vector<uint8_t>(64, 0)};
    for (size_t i = 0; i < 64; ++i) map.ids[i] = i % 8 < 4 ? 0 : 1;
    ASSERT_TRUE(WriteFileAtomically((folder_ / "masks" / name).string(), *EncodeMaskPng(map)).ok());
    options_.masks = (folder_ / "masks").string();
  }

  const std::string network_ = testing::MatteModel(448).SerializeAsString();
  const TestFolder temporary_;
  const Path folder_ = temporary_.path();
  CompareOptions options_;
};

}  // namespace nbits

#endif  // NBITS_TESTS_COMPARE_COMPARE_FIXTURE_H_
