// SPDX-License-Identifier: Apache-2.0
// Sources: the formats' own descriptions of how their files begin. Git LFS specification
// (docs/spec.md); git-annex (internals/pointer_file); PKWARE's APPNOTE.TXT (zip); RFC 1952 (gzip),
// RFC 8878 (zstd); POSIX ustar; FlatBuffers' file identifiers and TensorFlow Lite's schema
// ("TFL3"); HDF5 file format specification; PyTorch's torch/serialization.py (before version 1.6
// pickles of a magic number); NumPy's NEP 1; ISO/IEC 14496-12 (ftyp) and the brands of its
// registration authority; PNG, JFIF, GIF89a, TIFF 6.0, WebP, JPEG XL and JPEG 2000.
#include "base/files/file_kind.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace nbits {
namespace {

using View = absl::string_view;
using enum FileFamily;

struct Signature {
  size_t at;
  View bytes;
  KnownFile file;
};

// A literal with zero bytes in it.
template <size_t kSize>
constexpr View Bytes(const char (&text)[kSize]) {
  return {text, kSize - 1};
}

constexpr Signature kSignatures[] = {
    {0, "\x89PNG\r\n\x1a\n", {"a PNG picture", kReadPicture}},
    {0, "\xff\xd8\xff", {"a JPEG picture", kReadPicture}},
    {0, "GIF8", {"a GIF picture", kPicture}},
    {0, Bytes("II*\0"), {"a TIFF picture", kPicture}},
    {0, Bytes("MM\0*"), {"a TIFF picture", kPicture}},
    {0, Bytes("II+\0"), {"a TIFF picture", kPicture}},
    {0, Bytes("MM\0+"), {"a TIFF picture", kPicture}},
    {8, "WEBP", {"a WebP picture", kPicture}},
    {0, Bytes("\0\0\0\x0CJXL "), {"a JPEG XL picture", kPicture}},
    {0, "\xFF\x0A", {"a JPEG XL picture", kPicture}},
    {0, Bytes("\0\0\0\x0CjP  "), {"a JPEG 2000 picture", kPicture}},
    {0, "\xFF\x4F\xFF\x51", {"a JPEG 2000 picture", kPicture}},
    {0, Bytes("\0\0\1\0"), {"an icon (ICO)", kPicture}},
    {0, "8BPS", {"a Photoshop file", kPicture}},
    {0, "qoif", {"a QOI picture", kPicture}},
    {0, "#?RADIANCE", {"a Radiance HDR picture", kPicture}},
    {0, "\x76\x2F\x31\x01", {"an OpenEXR picture", kPicture}},
    {0, "%PDF-", {"a PDF document", kDrawing}},
    {0, "\x1A\x45\xDF\xA3", {"a video (Matroska or WebM)", kVideo}},
    {0, "\x93NUMPY", {"a .npy array", kArray}},
    {0, "PK\3\4", {"a zip archive", kZip}},
    {0, "\x1f\x8b", {"an archive (gzip)", kArchive}},
    {0, "BZh", {"an archive (bzip2)", kArchive}},
    {0, Bytes("\xfd\x37zXZ\0"), {"an archive (xz)", kArchive}},
    {0, "7z\xbc\xaf\x27\x1c", {"an archive (7-Zip)", kArchive}},
    {0, "Rar!\x1a\x07", {"an archive (RAR)", kArchive}},
    {0, "\x28\xb5\x2f\xfd", {"an archive (zstd)", kArchive}},
    {257, "ustar", {"an archive (tar)", kArchive}},
    {0, "version https://git-lfs.github.com/spec/", {"a Git LFS pointer", kLfsPointer}},
    {0, "/annex/objects/", {"a git-annex pointer", kAnnexPointer}},
    {4, "TFL3", {"a TensorFlow Lite model", kOtherModel}},
    {0, "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", {"a PyTorch file", kOtherModel}},
    {0, "\x89HDF\r\n\x1a\n", {"an HDF5 file", kHdf5}},
};

// Files of the ISO base media format name their kind in the box "ftyp".
constexpr Signature kBrands[] = {
    {0, "avif", {"an AVIF picture", kPicture}},
    {0, "avis", {"an AVIF picture", kPicture}},
    {0, "crx ", {"a camera's raw picture (CR3)", kRawPicture}},
    {0, "heic", {"a HEIC picture", kHeif}},
    {0, "heix", {"a HEIC picture", kHeif}},
    {0, "heim", {"a HEIC picture", kHeif}},
    {0, "heis", {"a HEIC picture", kHeif}},
    {0, "hevc", {"a HEIC picture", kHeif}},
    {0, "hevx", {"a HEIC picture", kHeif}},
};

// By the brand, or where that is a general one by the first known one of those that follow it.
KnownFile FileOfBrand(View bytes) {
  for (size_t at = 8; at + 4 <= bytes.size() && at < 40; at += at == 8 ? 8 : 4) {
    for (const Signature& known : kBrands) {
      if (known.bytes == bytes.substr(at, 4)) return known.file;
    }
  }
  const View brand = bytes.substr(8, 4);
  if (brand == "mif1" || brand == "msf1") return {"a HEIF picture", kHeif};
  return {"a video (MP4 or QuickTime)", kVideo};
}

// Two letters are little to go by: the four bytes that are reserved are 0.
bool IsBitmap(View bytes) {
  return absl::StartsWith(bytes, "BM") && bytes.size() >= 10 &&
         bytes.substr(6, 4) == Bytes("\0\0\0\0");
}

// Behind what may stand in front of markup: blanks, and the mark of its encoding.
std::optional<KnownFile> FileOfMarkup(View bytes) {
  if (absl::StartsWith(bytes, "\xef\xbb\xbf")) bytes.remove_prefix(3);
  bytes = absl::StripLeadingAsciiWhitespace(bytes);
  const auto begins = [bytes](View start) { return absl::StartsWithIgnoreCase(bytes, start); };
  const bool is_xml = begins("<?xml");
  const bool names_html = is_xml && absl::StrContains(absl::AsciiStrToLower(bytes), "<html");
  if (begins("<!doctype html") || begins("<html") || names_html)
    return KnownFile{"a web page (HTML)", kPage};
  if (begins("<svg")) return KnownFile{"an SVG drawing", kDrawing};
  if (is_xml) return KnownFile{"an XML file, perhaps an SVG drawing", kDrawing};
  return std::nullopt;
}

}  // namespace

std::optional<KnownFile> KnownFileOf(View start) {
  start = start.substr(0, kTellingBytes);
  for (const Signature& known : kSignatures) {
    if (start.size() < known.at || !absl::StartsWith(start.substr(known.at), known.bytes)) continue;
    return known.file;
  }
  if (start.size() >= 12 && start.substr(4, 4) == "ftyp") return FileOfBrand(start);
  if (IsBitmap(start)) return KnownFile{"a BMP picture", kPicture};
  return FileOfMarkup(start);
}

}  // namespace nbits
