// SPDX-License-Identifier: Apache-2.0
// Where the examples of the public headers run: a folder of their own with the files they name.
#ifndef NBITS_TESTS_EXAMPLES_WORKING_FOLDER_H_
#define NBITS_TESTS_EXAMPLES_WORKING_FOLDER_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "compare/measure/temporary_folder.h"

namespace nbits::testing {

// model.mlmodel  the sample: selfie segmentation, 256 x 256, Float16
// photo.jpg      a sample picture; also photos/photo.jpg
// nbits          the program
class WorkingFolder : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

 private:
  std::optional<TemporaryFolder> folder_;
  std::filesystem::path before_;
};

}  // namespace nbits::testing

#endif  // NBITS_TESTS_EXAMPLES_WORKING_FOLDER_H_
