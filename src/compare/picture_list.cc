#include "compare/picture_list.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits {

absl::StatusOr<ImageListing> ListPictures(const std::string& folder) {
  namespace fs = std::filesystem;
  NBITS_ASSIGN_OR_RETURN(ImageListing listing, ListImages(folder));
  if (!listing.files.empty()) return listing;
  ImageListing inner;
  for (const auto& [name, reason] : listing.skipped) {
    std::error_code error;
    if (!fs::is_directory(fs::path(folder) / name, error)) {
      inner.skipped.emplace_back(name, reason);
      continue;
    }
    NBITS_ASSIGN_OR_RETURN(const ImageListing part, ListImages((fs::path(folder) / name).string()));
    for (const std::string& file : part.files) inner.files.push_back(absl::StrCat(name, "/", file));
    for (const auto& [file, why] : part.skipped) {
      inner.skipped.emplace_back(absl::StrCat(name, "/", file), why);
    }
  }
  return inner;
}

}  // namespace nbits
