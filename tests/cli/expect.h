// What the tests of the program's errors share.
#ifndef NBITS_TESTS_CLI_EXPECT_H_
#define NBITS_TESTS_CLI_EXPECT_H_

#include <string>

#include "tests/cli/program.h"

namespace nbits::cli {

inline constexpr char kSamples[] = NBITS_SOURCE_DIR "/samples";
inline constexpr char kSampleModel[] = NBITS_SOURCE_DIR "/samples/DeepLabV3Int8LUT.mlmodel";
inline constexpr char kSamplePicture[] = NBITS_SOURCE_DIR "/samples/chelsea.png";

// The program failed as it should: exit code 1 and exactly one line on stderr, which holds `text`.
void ExpectOneLine(const ProgramResult& result, const std::string& text);

}  // namespace nbits::cli

#endif  // NBITS_TESTS_CLI_EXPECT_H_
