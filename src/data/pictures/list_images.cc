// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "data/pictures/codec.h"
#include "data/pictures/foreign_format.h"
#include "nbits/image.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

// Why `entry` is not taken, or nothing if it is.
std::string ReasonToSkip(const fs::directory_entry& entry) {
  std::error_code error;
  if (entry.is_directory(error)) return "a folder";
  if (!entry.is_regular_file(error)) return "not a regular file";
  std::ifstream file(entry.path(), std::ios::binary);
  if (!file) return "cannot be opened";
  char start[kTellingBytes] = {};
  file.read(start, sizeof(start));
  const auto size = static_cast<size_t>(file.gcount());
  if (size == 0) return "empty";
  const absl::string_view bytes(start, size);
  return FormatOf(bytes) == ImageFormat::kUnknown ? WhyNoPicture(bytes) : "";
}

}  // namespace

absl::StatusOr<ImageListing> ListImages(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return absl::NotFoundError(absl::StrCat("no folder ", folder));
  if (!fs::is_directory(folder, error)) {
    return absl::InvalidArgumentError(absl::StrCat(folder, " is not a folder"));
  }
  ImageListing listing;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.front() == '.') continue;
    const std::string reason = ReasonToSkip(*entries);
    if (reason.empty()) {
      listing.files.push_back(name);
    } else {
      listing.skipped.emplace_back(name, reason);
    }
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot list ", folder, ": ", error.message()));
  }
  std::sort(listing.files.begin(), listing.files.end());
  std::sort(listing.skipped.begin(), listing.skipped.end());
  return listing;
}

}  // namespace nbits
