// SPDX-License-Identifier: Apache-2.0
// A folder of one test's own: tests run beside each other, and so do whole suites on one machine.
#ifndef NBITS_TESTS_SUPPORT_TEST_FOLDER_H_
#define NBITS_TESTS_SUPPORT_TEST_FOLDER_H_

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace nbits {

// New and empty, removed with all it holds when the object goes.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "nbits_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Path of `name` inside the folder.
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  // Names of all that lies in it, sorted.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace nbits

#endif  // NBITS_TESTS_SUPPORT_TEST_FOLDER_H_
