// SPDX-License-Identifier: Apache-2.0
#include "base/files/file_kind.h"

#include <gtest/gtest.h>

#include <string>

namespace nbits {
namespace {

std::string Name(const std::string& bytes) {
  const auto known = KnownFileOf(bytes);
  return known ? std::string(known->name) : "";
}

// Real beginnings, as the formats' own tools write them.
TEST(FileKind, OfBeginnings) {
  const std::pair<std::string, const char*> files[] = {
      {"\x89PNG\r\n\x1a\n", "a PNG picture"},
      {"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"},
      {"GIF89a", "a GIF picture"},
      {std::string("MM\0*\0\0\0\x08", 8), "a TIFF picture"},
      {std::string("RIFF\x24\0\0\0WEBPVP8L", 16), "a WebP picture"},
      {std::string("\0\0\0\x0cJXL \r\n\x87\n", 12), "a JPEG XL picture"},
      {std::string("BM\x36\0\0\0\0\0\0\0\x36\0", 12), "a BMP picture"},
      {std::string("\0\0\0\x1c"
                   "ftypavif\0\0\0\0",
                   16),
       "an AVIF picture"},
      {std::string("\0\0\0\x18"
                   "ftypmif1\0\0\0\0mif1heic",
                   24),
       "a HEIC picture"},
      {std::string("\0\0\0\x18"
                   "ftypisom\0\0\x02\0isomiso2",
                   24),
       "a video (MP4 or QuickTime)"},
      {"%PDF-1.7", "a PDF document"},
      {"\n<svg xmlns=", "an SVG drawing"},
      {"<?xml version='1.0'?>\n<html>", "a web page (HTML)"},
      {"\xef\xbb\xbf<!DOCTYPE html>", "a web page (HTML)"},
      {std::string("PK\3\4\x14\0", 6), "a zip archive"},
      {"\x1f\x8b\x08", "an archive (gzip)"},
      {std::string("\xfd"
                   "7zXZ\0",
                   6),
       "an archive (xz)"},
      {std::string(257, 'x') + "ustar", "an archive (tar)"},
      {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"},
      {"/annex/objects/SHA256E-s1--x", "a git-annex pointer"},
      {std::string("\x1c\0\0\0TFL3", 8), "a TensorFlow Lite model"},
      {"\x89HDF\r\n\x1a\n", "an HDF5 file"},
      {"\x93NUMPY\x01", "a .npy array"},
  };
  for (const auto& [bytes, name] : files) EXPECT_EQ(Name(bytes), name);
}

TEST(FileKind, OfOthersIsNotKnown) {
  const std::string model("\x08\x01\x12\x00", 4);
  for (const std::string& bytes : {std::string(), std::string("text"), std::string("BM of text..."),
                                   std::string("PK"), std::string(1000, 'u'), model}) {
    EXPECT_EQ(Name(bytes), "") << bytes;
  }
}

}  // namespace
}  // namespace nbits
