// Where the corpus of real models lies, and small helpers that the tests of this module share.
#ifndef NBITS_TESTS_COREML_CORPUS_H_
#define NBITS_TESTS_COREML_CORPUS_H_

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace nbits::testing {

inline std::filesystem::path CorpusModels() {
  const char* shared = std::getenv("NBITS_SHARED");
  const std::filesystem::path base =
      shared != nullptr ? shared : std::filesystem::path(NBITS_SOURCE_DIR) / ".." / "shared";
  return base / "corpus" / "models";
}

// Sorted paths of the corpus's .mlmodel files; empty when the corpus is not there.
inline std::vector<std::string> CorpusFiles() {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(CorpusModels(), error)) {
    if (entry.path().extension() == ".mlmodel") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_COREML_CORPUS_H_
