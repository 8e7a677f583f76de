// SPDX-License-Identifier: Apache-2.0
// Where real models lie. The corpus is not part of this repository: tests that need it begin with
// NBITS_NEEDS_CORPUS (left_out.h).
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

inline std::filesystem::path SampleModels() { return NBITS_SOURCE_DIR "/samples"; }

inline std::filesystem::path CorpusModel(const std::string& name) {
  return CorpusModels() / (name + ".mlmodel");
}

// Sorted paths of the .mlmodel files of the samples and, where it is there, of the corpus.
inline std::vector<std::string> ModelsAtHand() {
  std::vector<std::string> files;
  for (const std::filesystem::path& folder : {SampleModels(), CorpusModels()}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".mlmodel") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace nbits

#endif  // NBITS_TESTS_SUPPORT_CORPUS_H_
