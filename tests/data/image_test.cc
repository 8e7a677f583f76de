// SPDX-License-Identifier: Apache-2.0
#include "nbits/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/memory_limit.h"
#include "base/system.h"
#include "data/pictures/codec.h"
#include "data/pictures/exif.h"
#include "tests/data/fixtures.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Image Fixture(const std::string& name) {
  auto image = ReadImage(FixturePath(name));
  EXPECT_TRUE(image.ok()) << image.status();
  return image.ok() ? *std::move(image) : Image{};
}

int LargestDifference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) return 256;
  int largest = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

TEST(Image, AppliesTheExifOrientation) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string name = "orientation_" + std::to_string(orientation);
    // Pillow's own libjpeg may round differently.
    EXPECT_LE(LargestDifference(Fixture(name + ".jpg"), Fixture(name + ".png")), 2) << name;
  }
}

TEST(Image, ReadsWhatComesInSeveralPasses) {
  EXPECT_EQ(LargestDifference(Fixture("interlaced.png"), Fixture("picture.png")), 0);
  EXPECT_LE(LargestDifference(Fixture("progressive.jpg"), Fixture("baseline.jpg")), 1);
}

// These have to be held whole, whatever size is wanted: some kilobytes of file, megabytes to
// decode.
TEST(Image, MemoryOfWholePicturesIsKnownBeforeItIsTaken) {
  const SizeChooser small = [](ImageSize) { return ImageSize{8, 8}; };
  const std::pair<const char*, const char*> files[] = {
      {"large_interlaced.png", "an interlaced PNG picture of 4096 x 4096 pixels needs 16.8 MB"},
      {"large_progressive.jpg", "a progressive JPEG picture of 3000 x 3000 pixels needs 18.0 MB"}};
  for (const auto& [name, text] : files) {
    const std::string bytes = FixtureBytes(name);
    EXPECT_LT(bytes.size(), 60000u);
    SetMemoryLimit(OwnMemoryBytes() + (2 << 20));
    const absl::Status refused = DecodeImageAt(bytes, name, small).status();
    SetMemoryLimit(0);
    EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(text));
    EXPECT_TRUE(DecodeImageAt(bytes, name, small).ok());
  }
}

// A model that takes any size gets the picture's own.
TEST(Image, MemoryOfLargeInputsIsKnownBeforeItIsTaken) {
  const Image image{3000, 2000, 1, std::vector<uint8_t>(6000000)};
  SetMemoryLimit(OwnMemoryBytes() + (2 << 20));
  const absl::Status refused = ImageToTensor(image, ImageColor::kGrayscale, 2000, 3000).status();
  SetMemoryLimit(0);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("an input of 3000 x 2000 pixels needs 30.0 MB"));
  EXPECT_TRUE(ImageToTensor(image, ImageColor::kGrayscale, 2000, 3000).ok());
}

TEST(Image, ScalesAsPillowDoes) {
  const Image whole = Fixture("picture.png");
  for (const auto& [width, height] : {std::pair(20, 16), {61, 16}, {150, 90}, {7, 100}}) {
    const std::string name =
        "picture_" + std::to_string(width) + "x" + std::to_string(height) + ".png";
    EXPECT_LE(LargestDifference(ResizeImage(whole, width, height), Fixture(name)), 1) << name;
  }
}

TEST(Image, LaysTransparentPixelsOverWhite) {
  const Image image = Fixture("rgba.png");
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.pixels[0], 255);         // Alpha 0.
  const size_t half = size_t{6} * 16 * 3;  // Alpha 128 over red 0.
  EXPECT_EQ(image.pixels[half], 127);
  const size_t opaque = (size_t{8} * 16 + 15) * 3;  // Red 255, green 8 * 255 / 11, blue 20.
  EXPECT_THAT(std::vector<uint8_t>(&image.pixels[opaque], &image.pixels[opaque] + 3),
              ElementsAre(255, 185, 20));
}

TEST(Image, ReadsSixteenBitsGreyAndCmyk) {
  const Image deep = Fixture("grey16.png");
  EXPECT_EQ(deep.channels, 1);
  EXPECT_EQ(deep.pixels[100], (100 * 300 + 7 + 128) / 257);
  EXPECT_EQ(Fixture("grey.jpg").channels, 1);
  const Image ink = Fixture("cmyk.jpg");
  EXPECT_EQ(ink.channels, 3);
  // The picture it was made from: red rises from left to right, green from top to bottom.
  EXPECT_LT(ink.pixels[0], 40);
  EXPECT_GT(ink.pixels[15 * 3], 215);
  EXPECT_LT(ink.pixels[1], 40);
  EXPECT_GT(ink.pixels[11 * 16 * 3 + 1], 215);
}

TEST(Mask, GivesIdsOfGreyAndPaletteFiles) {
  const auto grey = ReadMask(FixturePath("mask_grey.png"));
  const auto palette = ReadMask(FixturePath("mask_palette.png"));
  ASSERT_TRUE(grey.ok() && palette.ok()) << grey.status() << palette.status();
  EXPECT_EQ(grey->width, 16);
  EXPECT_EQ(grey->height, 12);
  EXPECT_EQ(grey->ids[0], 255);
  EXPECT_EQ(grey->ids[9], 4);
  EXPECT_EQ(grey->ids, palette->ids);
  const auto bits = ReadMask(FixturePath("mask_1bit.png"));
  ASSERT_TRUE(bits.ok()) << bits.status();
  EXPECT_THAT(std::vector<uint8_t>(&bits->ids[1], &bits->ids[5]), ElementsAre(1, 0, 1, 0));
}

TEST(Mask, RefusesColourAndJpeg) {
  EXPECT_THAT(std::string(ReadMask(FixturePath("picture.png")).status().message()),
              HasSubstr("picture.png: a mask must be a palette or grey PNG"));
  EXPECT_FALSE(ReadMask(FixturePath("grey.jpg")).ok());
}

TEST(Image, PngComesBackEqual) {
  const Image image = Fixture("picture.png");
  EXPECT_EQ(DecodeImage(EncodePng(image).value(), "x")->pixels, image.pixels);
  const Image grey{3, 2, 1, {0, 1, 2, 100, 200, 255}};
  EXPECT_EQ(DecodeImage(EncodePng(grey).value(), "x")->pixels, grey.pixels);
}

TEST(Image, JpegComesBackAlike) {
  const Image image = ResizeImage(Fixture("picture.png"), 8, 8);
  const auto back = DecodeImage(EncodeJpeg(image, 95).value(), "x");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_LE(LargestDifference(*back, image), 60);
  EXPECT_GT(EncodeJpeg(Fixture("picture.png"), 95)->size(),
            EncodeJpeg(Fixture("picture.png"), 30)->size());
}

TEST(Image, PalettePngCarriesIdsAndColours) {
  const ClassMap map{2, 3, {0, 1, 2, 2, 1, 0}};
  const std::string bytes = EncodePalettePng(map, {{1, 2, 3}, {4, 5, 6}, {250, 251, 252}}).value();
  EXPECT_EQ(DecodeMask(bytes, "x")->ids, map.ids);
  const Image shown = DecodeImage(bytes, "x").value();
  EXPECT_THAT(std::vector<uint8_t>(shown.pixels.begin(), shown.pixels.begin() + 6),
              ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(EncodePalettePng(map, {{1, 2, 3}}).ok());
  EXPECT_EQ(DecodeMask(EncodeMaskPng(map).value(), "x")->ids, map.ids);
}

TEST(Image, RefusesToEncodeWhatIsNoPicture) {
  EXPECT_FALSE(EncodePng({}).ok());
  EXPECT_FALSE(EncodePng({2, 2, 3, std::vector<uint8_t>(5)}).ok());
  EXPECT_FALSE(EncodeJpeg({2, 2, 4, std::vector<uint8_t>(16)}).ok());
  EXPECT_FALSE(EncodeJpeg({70000, 1, 1, std::vector<uint8_t>(70000)}).ok());
}

TEST(Image, NamesTheFileThatIsNoPicture) {
  EXPECT_THAT(std::string(ReadImage(FixturePath("int8.npy")).status().message()),
              HasSubstr("int8.npy: a .npy array; a picture was expected"));
  EXPECT_FALSE(ReadImage("/nonexistent.png").ok());
  EXPECT_THAT(std::string(DecodeImage("", "x").status().message()), HasSubstr("empty"));
}

class DamagedImage : public ::testing::TestWithParam<const char*> {};

TEST_P(DamagedImage, TruncationIsAnError) {
  const std::string whole = FixtureBytes(GetParam());
  for (size_t size = 0; size + 12 < whole.size(); size += 3) {
    EXPECT_FALSE(DecodeImage(whole.substr(0, size), "x").ok()) << size;
  }
}

TEST_P(DamagedImage, ChangedBytesDoNotCrash) {
  const std::string whole = FixtureBytes(GetParam());
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      const auto image = DecodeImage(damaged, "x");
      if (!image.ok()) continue;
      EXPECT_EQ(image->pixels.size(), size_t{1} * image->width * image->height * image->channels);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Image, DamagedImage,
                         ::testing::Values("grey.jpg", "cmyk.jpg", "orientation_6.jpg", "rgba.png",
                                           "mask_palette.png"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(Image, RefusesHugePicturesBeforeReadingThem) {
  std::string bytes = FixtureBytes("picture.png");
  bytes.replace(16, 8, std::string("\x00\x0f\x42\x40\x00\x0f\x42\x40", 8));  // 1000000 x 1000000.
  const auto image = DecodeImage(bytes, "huge.png");
  EXPECT_FALSE(image.ok());
}

TEST(Exif, OrientationOfHostileDirectoriesIsOne) {
  EXPECT_EQ(ExifOrientation(""), 1);
  EXPECT_EQ(ExifOrientation(absl::string_view("II*\0\xff\xff\xff\xff", 8)), 1);
  EXPECT_EQ(ExifOrientation(absl::string_view("II*\0\x08\0\0\0\xff\xff", 10)), 1);
  const absl::string_view nine("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0", 22);
  EXPECT_EQ(ExifOrientation(nine), 1);
  const absl::string_view six("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", 22);
  EXPECT_EQ(ExifOrientation(six), 6);
}

TEST(Image, BecomesATensorInTheModelsOrder) {
  const Image image{1, 2, 3, {10, 20, 30, 40, 50, 60}};
  const auto rgb = ImageToTensor(image, ImageColor::kRgb, 2, 1);
  EXPECT_THAT(rgb->shape, ElementsAre(3, 2, 1));
  EXPECT_THAT(rgb->values, ElementsAre(10, 40, 20, 50, 30, 60));
  const auto bgr = ImageToTensor(image, ImageColor::kBgr, 2, 1);
  EXPECT_THAT(bgr->values, ElementsAre(30, 60, 20, 50, 10, 40));
  const auto grey = ImageToTensor(image, ImageColor::kGrayscale, 2, 1);
  EXPECT_THAT(grey->shape, ElementsAre(1, 2, 1));
  EXPECT_THAT(grey->values, ElementsAre(18, 48));  // 0.299 R + 0.587 G + 0.114 B.
  EXPECT_EQ(TensorToImage(*bgr, ImageColor::kBgr)->pixels, image.pixels);
}

TEST(Image, ScalesToTheFeature) {
  FeatureDescription feature;
  feature.kind = FeatureKind::kImage;
  feature.shape = {4, 6};
  const auto tensor = ImageToTensor(Fixture("grey.jpg"), feature);
  EXPECT_THAT(tensor->shape, ElementsAre(3, 4, 6));
  feature.shape = {};
  EXPECT_FALSE(ImageToTensor(Fixture("grey.jpg"), feature).ok());
  feature.kind = FeatureKind::kMultiArray;
  EXPECT_FALSE(ImageToTensor(Fixture("grey.jpg"), feature).ok());
}

TEST(Image, FromTensorRoundsAndClamps) {
  const auto image = TensorToImage({{1, 1, 2, 2}, {-3, 1.5f, 254.4f, 1e9f}});
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(image->pixels, ElementsAre(0, 2, 254, 255));
  EXPECT_EQ(TensorToImage({{1, 1}, {NAN}})->pixels[0], 0);
  EXPECT_FALSE(TensorToImage({{2, 2, 2}, std::vector<float>(8)}).ok());
  EXPECT_FALSE(TensorToImage({{3, 2, 2}, std::vector<float>(11)}).ok());
}

TEST(ListImages, SortsAndSaysWhatItSkips) {
  const TestFolder temporary;
  const std::string folder = temporary.path().string();
  std::filesystem::create_directories(folder + "/sub");
  ASSERT_TRUE(WriteFileAtomically(folder + "/b.png", FixtureBytes("picture.png")).ok());
  ASSERT_TRUE(WriteFileAtomically(folder + "/a.JPEG", FixtureBytes("grey.jpg")).ok());
  ASSERT_TRUE(WriteFileAtomically(folder + "/.hidden", "x").ok());
  ASSERT_TRUE(WriteFileAtomically(folder + "/notes.jpg", "hello").ok());
  ASSERT_TRUE(WriteFileAtomically(folder + "/empty.png", "").ok());
  const auto listing = ListImages(folder);
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_THAT(listing->files, ElementsAre("a.JPEG", "b.png"));
  EXPECT_THAT(listing->skipped,
              ElementsAre(std::pair("empty.png", "empty"),
                          std::pair("notes.jpg", "neither a JPEG nor a PNG picture"),
                          std::pair("sub", "a folder")));
  EXPECT_EQ(ListImages(folder + "/none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ListImages(folder + "/b.png").ok());
}

TEST(DataUri, IsBase64) {
  EXPECT_EQ(DataUri("image/png", "abcd"), "data:image/png;base64,YWJjZA==");
}

}  // namespace
}  // namespace nbits
