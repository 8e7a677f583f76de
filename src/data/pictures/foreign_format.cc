// SPDX-License-Identifier: Apache-2.0
#include "data/pictures/foreign_format.h"

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

// What to do with a file of a family that is not read, to get a picture or an array out of it.
absl::string_view WayOut(FileFamily family) {
  switch (family) {
    case FileFamily::kReadPicture:
      return "its name has to end in .png or .jpg";
    case FileFamily::kPicture:
      return "convert it to PNG or JPEG first (ImageMagick: convert IN OUT.png)";
    case FileFamily::kHeif:
      return "convert it to JPEG first (heif-convert IN OUT.jpg, or on a Mac: sips -s format jpeg "
             "IN "
             "--out OUT.jpg)";
    case FileFamily::kRawPicture:
      return "develop it to JPEG or PNG first";
    case FileFamily::kDrawing:
      return "draw it as PNG first";
    case FileFamily::kVideo:
      return "take single pictures out of it first (ffmpeg -i IN OUT%04d.png)";
    case FileFamily::kZip:
      return "a NumPy .npz archive or another zip file holds several files: save each array as a "
             ".npy file (numpy.save)";
    case FileFamily::kArchive:
      return "unpack it first";
    case FileFamily::kLfsPointer:
      return "fetch the file that it stands for with: git lfs pull";
    case FileFamily::kAnnexPointer:
      return "fetch the file that it stands for with: git annex get";
    case FileFamily::kHdf5:
      return "save each array as a .npy file (numpy.save)";
    case FileFamily::kPage:
      return "the download went wrong";
    case FileFamily::kArray:
    case FileFamily::kOtherModel:
      break;
  }
  return "a picture was expected here";
}

}  // namespace

std::string NameForeignFormat(absl::string_view bytes) {
  const auto known = KnownFileOf(bytes);
  return known ? absl::StrCat(known->name, "; ", WayOut(known->family)) : "";
}

std::string WhyNoPicture(absl::string_view bytes, bool or_array) {
  if (bytes.empty()) return "the file is empty";
  const std::string name = NameForeignFormat(bytes);
  if (!name.empty()) return name;
  return or_array ? "neither a JPEG nor a PNG picture, nor a .npy array"
                  : "neither a JPEG nor a PNG picture";
}

}  // namespace nbits
