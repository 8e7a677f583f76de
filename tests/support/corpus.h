// SPDX-License-Identifier: Apache-2.0
// Where the corpus of real models lies. It is not part of this repository: tests that need it skip
// where it is missing.
#ifndef NBITS_TESTS_SUPPORT_CORPUS_H_
#define NBITS_TESTS_SUPPORT_CORPUS_H_

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace nbits {

// In the folder that NBITS_SHARED names, otherwise in the one beside this repository.
inline std::filesystem::path Corpus() {
  const char* shared = std::getenv("NBITS_SHARED");
  return std::filesystem::path(shared != nullptr ? shared : NBITS_SOURCE_DIR "/../shared") /
         "corpus";
}

inline std::filesystem::path CorpusModels() { return Corpus() / "models"; }

inline std::filesystem::path CorpusModel(const std::string& name) {
  return CorpusModels() / (name + ".mlmodel");
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

}  // namespace nbits

#endif  // NBITS_TESTS_SUPPORT_CORPUS_H_
