// SPDX-License-Identifier: Apache-2.0
// The model of the fixtures, which needs no corpus; make_fixtures.py made it with coremltools.
#ifndef NBITS_TESTS_COMPRESS_MADE_MODEL_H_
#define NBITS_TESTS_COMPRESS_MADE_MODEL_H_

#include <string>

#include "tests/support/corpus.h"

namespace nbits {

inline constexpr char kMade[] = "made";

// Path of that model, or of one of the corpus.
inline std::string ModelFile(const std::string& name) {
  if (name == kMade) return NBITS_SOURCE_DIR "/tests/compress/fixtures/made.mlmodel";
  return CorpusModel(name).string();
}

}  // namespace nbits

#endif  // NBITS_TESTS_COMPRESS_MADE_MODEL_H_
