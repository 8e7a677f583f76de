// SPDX-License-Identifier: Apache-2.0
#include "tests/examples/working_folder.h"

#include <string>

#include "base/files/file.h"
#include "nbits/image.h"

namespace nbits::testing {
namespace {

namespace fs = std::filesystem;

void Write(const std::string& file, const absl::StatusOr<std::string>& bytes) {
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  ASSERT_TRUE(WriteFileAtomically(file, *bytes).ok());
}

}  // namespace

void WorkingFolder::SetUp() {
  auto folder = TemporaryFolder::Create();
  ASSERT_TRUE(folder.ok()) << folder.status();
  folder_ = std::move(*folder);
  before_ = fs::current_path();
  fs::current_path(folder_->path());
  const fs::path samples = fs::path(NBITS_SOURCE_DIR) / "samples";
  fs::create_symlink(samples / "selfie_segmentation.mlmodel", "model.mlmodel");
  fs::create_symlink(fs::path(NBITS_BINARY_DIR) / "nbits", "nbits");
  fs::create_directory("photos");
  const auto photo = ReadImage((samples / "pictures/astronaut.png").string());
  ASSERT_TRUE(photo.ok()) << photo.status();
  Write("photo.jpg", EncodeJpeg(*photo));
  fs::copy_file("photo.jpg", "photos/photo.jpg");
}

void WorkingFolder::TearDown() {
  if (!before_.empty()) fs::current_path(before_);
}

}  // namespace nbits::testing
