// SPDX-License-Identifier: Apache-2.0
#include "base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nbits {
namespace {

struct Names {
  const char *limit, *usage, *inactive;
};
constexpr Names kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                             "total_inactive_file"};
constexpr Names kVersion2 = {"memory.max", "memory.current", "inactive_file"};

// The number that a file holds; nothing for "max" and for a file that is not there.
std::optional<int64_t> NumberIn(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  int64_t number = 0;
  if (!(file >> text) || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

// The value behind `name` in lines "name value"; 0 when it is not there.
int64_t ValueIn(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::string key;
  for (int64_t value = 0; file >> key >> value;) {
    if (key == name) return value;
  }
  return 0;
}

std::optional<int64_t> LeftIn(const std::string& folder, const Names& names) {
  const auto limit = NumberIn(absl::StrCat(folder, "/", names.limit));
  const auto usage = NumberIn(absl::StrCat(folder, "/", names.usage));
  if (!limit || !usage) return std::nullopt;
  // Without a limit version 1 says a number near the largest.
  if (*limit > std::numeric_limits<int64_t>::max() / 2) return std::nullopt;
  const int64_t inactive = ValueIn(absl::StrCat(folder, "/memory.stat"), names.inactive);
  return std::max<int64_t>(0, *limit - *usage + inactive);
}

// Of the group `path` and those around it.
std::optional<int64_t> LeastLeft(std::string path, const std::string& root, const Names& names) {
  std::optional<int64_t> least;
  while (true) {
    if (const auto left = LeftIn(absl::StrCat(root, path), names)) {
      least = std::min(left.value(), least.value_or(*left));
    }
    const size_t end = path.rfind('/');
    if (path.empty() || end == std::string::npos) return least;
    path.resize(end);
  }
}

bool HasMemory(absl::string_view controllers) {
  const std::vector<absl::string_view> names = absl::StrSplit(controllers, ',');
  return std::find(names.begin(), names.end(), "memory") != names.end();
}

}  // namespace

std::optional<int64_t> MemoryLeftInGroups(absl::string_view groups, const std::string& root) {
  std::optional<int64_t> least;
  const auto take = [&](std::optional<int64_t> left) {
    if (left) least = std::min(*left, least.value_or(*left));
  };
  // Lines NUMBER:CONTROLLERS:PATH; version 2 has no controllers.
  for (absl::string_view line : absl::StrSplit(groups, '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() < 3) continue;
    if (parts[1].empty()) take(LeastLeft(parts[2], root, kVersion2));
    if (HasMemory(parts[1])) take(LeastLeft(parts[2], absl::StrCat(root, "/memory"), kVersion1));
  }
  return least;
}

}  // namespace nbits
