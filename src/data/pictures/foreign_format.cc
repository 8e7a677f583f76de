// SPDX-License-Identifier: Apache-2.0
#include "data/pictures/foreign_format.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

using View = absl::string_view;

constexpr char kConvertHeic[] =
    "convert it to JPEG first (heif-convert IN OUT.jpg, or on a Mac: sips -s format jpeg IN --out "
    "OUT.jpg)";
constexpr char kConvert[] = "convert it to PNG or JPEG first (ImageMagick: convert IN OUT.png)";
constexpr char kDevelop[] = "develop it to JPEG or PNG first";
constexpr char kFrames[] = "take single pictures out of it first (ffmpeg -i IN OUT%04d.png)";
constexpr char kDraw[] = "draw it as PNG first";
constexpr char kNpz[] =
    "a NumPy .npz archive or another zip file holds several files: save each array as a .npy file "
    "(numpy.save)";
constexpr char kLfs[] = "fetch the file itself with: git lfs pull";
constexpr char kDownload[] = "the download went wrong";

struct Signature {
  size_t at;
  View bytes;
  View name;
  const char* way_out;
};

constexpr Signature kSignatures[] = {
    {0, "GIF8", "a GIF picture", kConvert},
    {0, View("II*\0", 4), "a TIFF picture", kConvert},
    {0, View("MM\0*", 4), "a TIFF picture", kConvert},
    {0, View("II+\0", 4), "a TIFF picture", kConvert},
    {0, View("MM\0+", 4), "a TIFF picture", kConvert},
    {8, "WEBP", "a WebP picture", kConvert},
    {0, View("\0\0\0\x0CJXL ", 8), "a JPEG XL picture", kConvert},
    {0, View("\xFF\x0A", 2), "a JPEG XL picture", kConvert},
    {0, View("\0\0\0\x0CjP  ", 8), "a JPEG 2000 picture", kConvert},
    {0, View("\xFF\x4F\xFF\x51", 4), "a JPEG 2000 picture", kConvert},
    {0, View("\0\0\1\0", 4), "an icon (ICO)", kConvert},
    {0, "8BPS", "a Photoshop file", kConvert},
    {0, "qoif", "a QOI picture", kConvert},
    {0, "#?RADIANCE", "a Radiance HDR picture", kConvert},
    {0, View("\x76\x2F\x31\x01", 4), "an OpenEXR picture", kConvert},
    {0, "%PDF", "a PDF file", kDraw},
    {0, View("\x1A\x45\xDF\xA3", 4), "a video (Matroska or WebM)", kFrames},
    {0, View("PK\3\4", 4), "a zip file", kNpz},
    {0, View("\x93NUMPY", 6), "a .npy array", "a picture was expected here"},
    {0, "version https://git-lfs", "a Git LFS pointer, not the file it stands for", kLfs},
    {0, View("\x89HDF", 4), "an HDF5 file", "save each array as a .npy file (numpy.save)"},
    {0, View("\x1F\x8B", 2), "compressed (gzip)", "unpack it first"},
};

// Files of the ISO base media format name their kind in the box "ftyp".
struct Brand {
  View brand, name;
  const char* way_out;
};
constexpr Brand kBrands[] = {
    {"avif", "an AVIF picture", kConvert},
    {"avis", "an AVIF picture", kConvert},
    {"crx ", "a camera's raw picture (CR3)", kDevelop},
    {"heic", "a HEIC picture", kConvertHeic},
    {"heix", "a HEIC picture", kConvertHeic},
    {"heim", "a HEIC picture", kConvertHeic},
    {"heis", "a HEIC picture", kConvertHeic},
    {"hevc", "a HEIC picture", kConvertHeic},
    {"hevx", "a HEIC picture", kConvertHeic},
};

std::string Text(View name, View way_out) { return absl::StrCat(name, "; ", way_out); }

// By the brand, or where that is a general one by the first known one of those that follow it.
std::string NameBrand(View bytes) {
  for (size_t at = 8; at + 4 <= bytes.size() && at < 40; at += at == 8 ? 8 : 4) {
    for (const Brand& known : kBrands) {
      if (known.brand == bytes.substr(at, 4)) return Text(known.name, known.way_out);
    }
  }
  const View brand = bytes.substr(8, 4);
  if (brand == "mif1" || brand == "msf1") return Text("a HEIF picture", kConvertHeic);
  return Text("a video (MP4 or QuickTime)", kFrames);
}

// Two letters are little to go by: the four bytes that are reserved are 0.
bool IsBitmap(View bytes) {
  return absl::StartsWith(bytes, "BM") && bytes.size() >= 10 &&
         bytes.substr(6, 4) == View("\0\0\0\0", 4);
}

bool IsMarkup(View bytes, View start) {
  return absl::StartsWithIgnoreCase(absl::StripLeadingAsciiWhitespace(bytes), start);
}

}  // namespace

std::string NameForeignFormat(View bytes) {
  for (const Signature& known : kSignatures) {
    if (bytes.size() < known.at || known.bytes != bytes.substr(known.at, known.bytes.size())) {
      continue;
    }
    return Text(known.name, known.way_out);
  }
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") return NameBrand(bytes);
  if (IsBitmap(bytes)) return Text("a BMP picture", kConvert);
  if (IsMarkup(bytes, "<svg")) return Text("an SVG drawing", kDraw);
  if (IsMarkup(bytes, "<?xml")) return Text("an XML file, perhaps an SVG drawing", kDraw);
  if (IsMarkup(bytes, "<!doctype html") || IsMarkup(bytes, "<html")) {
    return Text("a web page", kDownload);
  }
  return "";
}

std::string WhyNoPicture(View bytes, bool or_array) {
  if (bytes.empty()) return "the file is empty";
  const std::string name = NameForeignFormat(bytes);
  if (!name.empty()) return name;
  return or_array ? "neither a JPEG nor a PNG picture, nor a .npy array"
                  : "neither a JPEG nor a PNG picture";
}

}  // namespace nbits
