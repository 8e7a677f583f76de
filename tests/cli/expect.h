// SPDX-License-Identifier: Apache-2.0
// What the tests of the program's errors share.
#ifndef NBITS_TESTS_CLI_EXPECT_H_
#define NBITS_TESTS_CLI_EXPECT_H_

#include <string>

#include "tests/cli/program.h"

namespace nbits::cli {

// A matte of a person, 0.2 MB; points of the body, 6.4 MB; and a portrait.
inline constexpr char kSampleModel[] = NBITS_SOURCE_DIR "/samples/selfie_segmentation.mlmodel";
inline constexpr char kLargeSampleModel[] = NBITS_SOURCE_DIR "/samples/pose_landmark.mlmodel";
inline constexpr char kSamplePicture[] = NBITS_SOURCE_DIR "/samples/pictures/astronaut.png";

// The program failed as it should: exit code 1 and exactly one line on stderr, which holds `text`.
void ExpectOneLine(const ProgramResult& result, const std::string& text);

}  // namespace nbits::cli

#endif  // NBITS_TESTS_CLI_EXPECT_H_
