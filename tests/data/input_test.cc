// SPDX-License-Identifier: Apache-2.0
// Files as inputs: sizes of pictures, pictures as arrays, and what is said of files that do not
// fit.
#include "nbits/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/files/file.h"
#include "data/pictures/codec.h"
#include "data/pictures/foreign_format.h"
#include "data/pictures/picture_frame.h"
#include "nbits/image.h"
#include "nbits/npy.h"
#include "tests/data/fixtures.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Every pixel is another colour.
Image Gradient(int width, int height, int channels = 3) {
  Image image{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i) {
    image.pixels.push_back(static_cast<uint8_t>(i * 37 + i / 11));
  }
  return image;
}

FeatureDescription PictureInput(Shape shape = {4, 4}) {
  FeatureDescription feature;
  feature.name = "image";
  feature.kind = FeatureKind::kImage;
  feature.shape = std::move(shape);
  return feature;
}

PictureOptions Options(const std::vector<std::pair<std::string, std::string>>& texts) {
  PictureOptions options;
  for (const auto& [name, text] : texts) {
    EXPECT_TRUE(SetPictureOption(name, text, options).ok()) << name << " " << text;
  }
  return options;
}

class InputTest : public ::testing::Test {
 protected:
  std::string Add(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(WriteFileAtomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }
  std::string AddPng(const Image& image) { return Add("p.png", *EncodePng(image)); }
  std::string AddArray(const Shape& shape) {
    const int64_t count = *ElementCount(shape);
    return Add("a.npy", EncodeNpy({shape, std::vector<float>(static_cast<size_t>(count), 1)}));
  }

  TestFolder folder_;
};

TEST_F(InputTest, FlexiblePicturesKeepTheirOwnSizeWhereItIsAllowed) {
  FeatureDescription any = PictureInput({1, 1});
  any.shape_range = {{1, -1}, {1, -1}};
  const Image image = Gradient(6, 5);
  const auto own = ReadInputFile(any, AddPng(image));
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->tensor.shape, (Shape{3, 5, 6}));
  EXPECT_EQ(own->picture->pixels, image.pixels);
  EXPECT_THAT(own->note, IsEmpty());
  const auto usual = ReadInputFile(any, folder_ / "p.png", Options({{"size", "default"}}));
  EXPECT_EQ(usual->tensor.shape, (Shape{3, 1, 1}));
  const auto given = ReadInputFile(any, folder_ / "p.png", Options({{"size", "3x2"}}));
  EXPECT_EQ(given->tensor.shape, (Shape{3, 2, 3}));
  EXPECT_EQ(given->own_width, 6);
  EXPECT_EQ(given->own_height, 5);
}

TEST_F(InputTest, OthersTakeTheNearestAllowedSizeAndSaySo) {
  FeatureDescription range = PictureInput();
  range.shape_range = {{4, 8}, {2, 6}};  // Height, width.
  const auto clamped = ReadInputFile(range, AddPng(Gradient(9, 3)));
  ASSERT_TRUE(clamped.ok()) << clamped.status();
  EXPECT_EQ(clamped->tensor.shape, (Shape{3, 4, 6}));
  EXPECT_THAT(clamped->note, HasSubstr("(9 x 3) is scaled to 6 x 4, the nearest size"));
  FeatureDescription listed = PictureInput();
  listed.enumerated_shapes = {{4, 4}, {8, 16}, {16, 8}};
  EXPECT_EQ(ReadInputFile(listed, AddPng(Gradient(15, 9)))->tensor.shape, (Shape{3, 8, 16}));
  // A fixed size is no news.
  const auto fixed = ReadInputFile(PictureInput(), AddPng(Gradient(9, 3)));
  EXPECT_EQ(fixed->tensor.shape, (Shape{3, 4, 4}));
  EXPECT_THAT(fixed->note, IsEmpty());
}

TEST_F(InputTest, ArraysOfPictureShapeTakePicturesWithAScale) {
  const Image image = Gradient(4, 2);
  const std::string file = AddPng(image);
  const auto first = ReadInputFile(ArrayInput({1, 3, 2, 4}), file, Options({{"scale", "1/255"}}));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->tensor.shape, (Shape{1, 3, 2, 4}));
  const PictureOptions last = Options({{"scale", "2,3,4"}, {"bias", "-1,0.5,0"}});
  const auto second = ReadInputFile(ArrayInput({2, 4, 3}), file, last);
  ASSERT_TRUE(second.ok()) << second.status();
  for (size_t i = 0; i < 8; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      const float pixel = image.pixels[3 * i + c];
      EXPECT_FLOAT_EQ(first->tensor.values[c * 8 + i], pixel / 255);
      EXPECT_FLOAT_EQ(second->tensor.values[3 * i + c],
                      static_cast<float>(pixel * last.scale[c] + last.bias[c]));
    }
  }
  EXPECT_EQ(
      ReadInputFile(ArrayInput({2, 4}), file, Options({{"scale", "1"}}))->tensor.values.size(), 8u);
}

TEST_F(InputTest, TheLayoutDecidesWhereTheShapeDoesNot) {
  const std::string file = AddPng(Gradient(3, 3));
  const auto chw = ReadInputFile(ArrayInput({3, 3, 3}), file, Options({{"layout", "chw"}}));
  const auto hwc = ReadInputFile(ArrayInput({3, 3, 3}), file, Options({{"layout", "hwc"}}));
  ASSERT_TRUE(chw.ok() && hwc.ok());
  EXPECT_EQ(chw->tensor.values[1], hwc->tensor.values[3]);
  EXPECT_EQ(chw->tensor.values[9], hwc->tensor.values[1]);
  EXPECT_THAT(std::string(ReadInputFile(ArrayInput({3, 8, 8}), file, Options({{"layout", "hwc"}}))
                              .status()
                              .message()),
              HasSubstr("no picture in the layout"));
}

TEST_F(InputTest, SaysHowAPictureCanBeGiven) {
  const std::string file = AddPng(Gradient(3, 3));
  EXPECT_THAT(std::string(ReadInputFile(ArrayInput({1, 3, 8, 8}), file).status().message()),
              HasSubstr("with --scale 1/255"));
  EXPECT_THAT(std::string(ReadInputFile(ArrayInput({16}), file).status().message()),
              ::testing::EndsWith("array 'x' of shape 16: a .npy file"));
  PictureOptions options;
  EXPECT_FALSE(SetPictureOption("scale", "1/0", options).ok());
  EXPECT_FALSE(SetPictureOption("scale", "1,2", options).ok());
  EXPECT_FALSE(SetPictureOption("size", "0x5", options).ok());
  EXPECT_FALSE(SetPictureOption("size", "5", options).ok());
  EXPECT_FALSE(SetPictureOption("layout", "whc", options).ok());
  EXPECT_EQ(options, PictureOptions());
  const PictureOptions scaled = Options({{"scale", "1"}});
  EXPECT_THAT(std::string(CheckPictureOptions({PictureInput()}, scaled).message()),
              HasSubstr("is an image"));
  EXPECT_FALSE(CheckPictureOptions({ArrayInput({16})}, scaled).ok());
  EXPECT_TRUE(CheckPictureOptions({PictureInput(), ArrayInput({3, 8, 8})}, scaled).ok());
}

TEST_F(InputTest, NamesTheShapeOfASequence) {
  for (const Shape& shape : {Shape{400}, Shape{1, 400}}) {
    EXPECT_THAT(std::string(ReadInput(ArrayInput({1}), AddArray(shape)).status().message()),
                HasSubstr("takes 1; a sequence is steps x 1 x 1"));
  }
  EXPECT_TRUE(ReadInput(ArrayInput({1}), AddArray({400, 1, 1})).ok());
  EXPECT_THAT(ShapeHint({PictureInput()}, {{"image", {3, 9, 7}}}),
              HasSubstr("picture 'image' is 7 x 9, the model's own size (4 x 4)"));
}

TEST_F(InputTest, NamesFilesThatAreNoPictures) {
  const std::pair<std::string, std::string> files[] = {
      {std::string("\0\0\0\x18"
                   "ftypheic\0\0\0\0mif1heic",
                   24),
       "a HEIC picture; convert"},
      {std::string("\0\0\0\x18"
                   "ftypmif1\0\0\0\0mif1avif",
                   24),
       "an AVIF picture"},
      {std::string("\0\0\0\x14"
                   "ftypqt  \0\0\0\0qt  ",
                   20),
       "a video"},
      {std::string("RIFF\x10\0\0\0WEBPVP8 ", 16), "a WebP picture"},
      {"GIF89a......", "a GIF picture"},
      {std::string("II*\0\x08\0\0\0", 8), "a TIFF picture"},
      {std::string("BM\x36\0\0\0\0\0\0\0\x36\0\0\0", 14), "a BMP picture"},
      {std::string("PK\3\4\x14\0", 6), "a zip archive; a NumPy .npz archive"},
      {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"},
      {"<svg xmlns=", "an SVG drawing"},
      {"some text", "neither a JPEG nor a PNG picture, nor a .npy array"},
      {"", "the file is empty"}};
  for (const auto& [bytes, text] : files) {
    const auto value = ReadInput(PictureInput(), Add("file", bytes));
    EXPECT_THAT(std::string(value.status().message()),
                StartsWith((folder_ / "file") + ": " + text));
  }
}

// Rows that come one by one give the pixels of the whole picture.
TEST_F(InputTest, ScalesRowByRowAsAWhole) {
  const Image image = Gradient(61, 47);
  for (const std::string& bytes : {*EncodePng(image), *EncodeJpeg(image)}) {
    const auto whole = DecodeImage(bytes, "whole");
    ASSERT_TRUE(whole.ok()) << whole.status();
    for (const ImageSize size : {ImageSize{7, 5}, {61, 20}, {100, 47}, {200, 150}, {1, 1}}) {
      const auto rows = DecodeImageAt(bytes, "rows", [&](ImageSize own) {
        EXPECT_EQ(own, (ImageSize{61, 47}));
        return size;
      });
      ASSERT_TRUE(rows.ok()) << rows.status();
      EXPECT_EQ(rows->image.pixels, ResizeImage(*whole, size.width, size.height).pixels);
    }
  }
}

TEST_F(InputTest, FindsFilesNamedAfterTheInput) {
  AddPng(Gradient(2, 2));
  EXPECT_FALSE(InputFileIn(folder_.path().string(), PictureInput()).has_value());
  Add("image.JPG", "");
  EXPECT_EQ(InputFileIn(folder_.path().string(), PictureInput()), folder_ / "image.JPG");
  Add("image.npy", "");
  EXPECT_EQ(InputFileIn(folder_.path().string(), PictureInput()), folder_ / "image.npy");
}

TEST(TensorToImage, IgnoresAxesOfOneWhereverTheyStand) {
  const std::vector<float> values(12, 7);
  for (const Shape& shape : {Shape{3, 1, 2, 2}, {1, 3, 1, 2, 2}, {3, 2, 1, 2}, {3, 2, 2, 1}}) {
    const auto image = TensorToImage({shape, values});
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_EQ(image->channels, 3);
    EXPECT_EQ(image->width, 2);
    EXPECT_EQ(image->height, 2);
  }
  const auto row = TensorToImage({{3, 1, 4}, values});
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->height, 1);
}

}  // namespace
}  // namespace nbits
