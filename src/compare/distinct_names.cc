// SPDX-License-Identifier: Apache-2.0
#include "compare/distinct_names.h"

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"

namespace nbits {

std::vector<std::string> DistinctNames(const std::vector<CompareModel>& models) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const CompareModel& model : models) {
    const std::string stem =
        model.name.empty() ? std::filesystem::path(model.file).stem().string() : model.name;
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = absl::StrCat(stem, " (", number, ")");
    }
    names.push_back(name);
  }
  return names;
}

}  // namespace nbits
