// SPDX-License-Identifier: Apache-2.0
// Verdict in words, Markdown, the contact sheet, and the limit of the page's size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/files/file.h"
#include "nbits/image.h"
#include "nbits/report.h"
#include "report/inline_pictures.h"
#include "results/verdict.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Noise: as large as a picture can be when it is compressed.
Image Noise(int side, int seed) {
  std::mt19937 generator(static_cast<unsigned>(seed));
  Image image{side, side, 3, std::vector<uint8_t>(static_cast<size_t>(side) * side * 3)};
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(generator() >> 24);
  return image;
}

class FormsTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const absl::StatusOr<std::string>& contents) {
    ASSERT_TRUE(contents.ok()) << contents.status();
    ASSERT_TRUE(WriteFileAtomically(temporary_ / name, *contents).ok());
  }

  // Image to image: `pictures` pictures of noise, each `side` pixels wide, and `variants` variants.
  Results Make(int variants, int pictures, int side) {
    Results results;
    results.model_name = "A_model|with signs";
    results.task = "image_to_image";
    for (int i = 0; i <= variants; ++i) {
      VariantResult& row = results.variants.emplace_back();
      row.name = i == 0 ? "original" : "variant-" + std::to_string(i);
      row.is_original = i == 0;
      row.bytes = 10'000'000 / (i + 1);
      row.median_ms = 20;
      row.spread_ms = 0.5;
      row.peak_memory_bytes = 50'000'000;
      if (i > 0) row.metrics.psnr_db = 60 - 10 * i;
    }
    for (int p = 0; p < pictures; ++p) AddPicture(results, p, side);
    results.verdict = MakeVerdict(results, std::nullopt);
    return results;
  }

  void AddPicture(Results& results, int number, int side) {
    PictureResult& picture = results.pictures.emplace_back();
    picture.name = std::to_string(number) + ".png";
    picture.width = picture.height = side;
    picture.image = picture.name;
    picture.outputs.resize(results.variants.size());
    Write(picture.name, EncodePng(Noise(side, number)));
    for (PictureOutput& output : picture.outputs) {
      output.image = picture.name;
      output.max_relative_difference = 0.01 * (number + 1);
    }
  }

  const TestFolder temporary_;
  const std::string folder_ = temporary_.path().string();
};

TEST_F(FormsTest, VerdictSaysWhatToTakeAndWhatItCosts) {
  const std::string words = VerdictText(Make(3, 1, 8));
  EXPECT_THAT(words, HasSubstr("Take variant-2: 3.33 MB instead of 10.0 MB, 3.0 times smaller, "
                               "PSNR 40.0 dB.\n"));
  EXPECT_THAT(words, HasSubstr("Time did not change beyond noise (20.0 ms, 20.0 ms); memory did "
                               "not change"));
}

TEST_F(FormsTest, VerdictSaysWhenNothingIsGoodEnough) {
  Results results = Make(1, 1, 8);
  results.variants[1].metrics.psnr_db = 10;
  results.verdict = MakeVerdict(results, std::nullopt);
  EXPECT_EQ(VerdictText(results),
            "No smaller variant is within the allowed loss of PSNR (at least 40 dB; "
            "--allowed-loss).\nThe closest is variant-1: PSNR 10.0 dB.");
}

TEST_F(FormsTest, MarkdownIsATableWithoutSurprises) {
  Results results = Make(2, 1, 8);
  results.variants[2].spread_ms = 3;  // Half of it above and half below.
  const std::string text = ResultsToMarkdown(results);
  EXPECT_THAT(text, HasSubstr("### A\\_model\\|with signs"));
  EXPECT_THAT(text,
              HasSubstr("| variant-1 | 5.00 MB | 2.00 x | 20.0 ± 0.2 ms | 50.0 MB | 50.0 dB"));
  EXPECT_THAT(text,
              HasSubstr("| variant-2 | 3.33 MB | 3.00 x | 20.0 ± 1.5 ms | 50.0 MB | 40.0 dB"));
  EXPECT_THAT(text, Not(HasSubstr("mIoU")));
}

TEST_F(FormsTest, ContactSheetHasAColumnForEachVariant) {
  const Results results = Make(2, 2, 40);
  const auto sheet = ContactSheet(results, folder_);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  const auto image = DecodeImage(*sheet, "sheet.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->width, 12 + 3 * (220 + 12));
  EXPECT_EQ(image->height, 64 + 56 + 12 + 2 * (220 + 12));
  // Letters: dark pixels in the head.
  int dark = 0;
  for (int i = 0; i < image->width * 40; ++i)
    dark += image->pixels[static_cast<size_t>(3 * i)] < 96;
  EXPECT_GT(dark, 100);
}

TEST_F(FormsTest, ContactSheetOfAVerdictWithOneHalf) {
  Results results = Make(2, 1, 8);
  results.verdict->smallest.reset();
  EXPECT_TRUE(ContactSheet(results, folder_).ok());
  results.verdict->recommended.reset();
  results.verdict->smallest = 2;
  EXPECT_TRUE(ContactSheet(results, folder_).ok());
}

TEST_F(FormsTest, ContactSheetDoesNotBelieveAnyHeight) {
  Results results = Make(1, 2, 8);
  results.pictures[0].height = std::numeric_limits<int>::max();
  results.pictures[1].width = 0;
  const auto sheet = ContactSheet(results, folder_);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_LT(DecodeImage(*sheet, "sheet.png")->height, 2000);
}

// Of five pictures, each of one grey, the one on which the variants did best has no row, and the
// worst comes first.
TEST_F(FormsTest, ContactSheetShowsThePicturesWithTheMostDamage) {
  Results results = Make(1, 5, 40);
  const int order[] = {3, 0, 4, 1, 2};  // From the least damage to the most.
  for (int rank = 0; rank < 5; ++rank) {
    PictureResult& picture = results.pictures[static_cast<size_t>(order[rank])];
    const Image grey{40, 40, 3, std::vector<uint8_t>(40 * 40 * 3, static_cast<uint8_t>(50 * rank))};
    Write(picture.name, EncodePng(grey));
    for (PictureOutput& output : picture.outputs) output.psnr_db = 50 - 10 * rank;
  }
  const auto image = DecodeImage(ContactSheet(results, folder_).value(), "sheet.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->height, 64 + 56 + 12 + 4 * (220 + 12));
  for (int row = 0; row < 4; ++row) {
    const int y = 64 + 56 + row * (220 + 12) + 110, x = 12 + 110;
    EXPECT_EQ(image->pixels[static_cast<size_t>(y * image->width + x) * 3], 50 * (4 - row)) << row;
  }
}

TEST_F(FormsTest, ContactSheetNeedsPictures) {
  EXPECT_FALSE(ContactSheet(Make(1, 0, 8), folder_).ok());
}

TEST_F(FormsTest, ThePageStaysBelowTenMegabytes) {
  // 12 pictures of 10 variants, each worth half a megabyte.
  const Results results = Make(10, 12, 512);
  const auto page = FillReport(R"(<script>{"nbits":"results"}</script>)", results, folder_);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_LT(page->size(), 10'000'000u);
  // The one with the most damage is there, the one with the least is not.
  const Json document = Json::parse(page->substr(8, page->size() - 17));
  EXPECT_TRUE(document["pictures"][11]["image"].is_string());
  EXPECT_TRUE(document["pictures"][0]["image"].is_null());
  EXPECT_TRUE(document["pictures"][0]["outputs"][3]["image"].is_null());
  EXPECT_EQ(document["pictures"][0]["outputs"][3]["max_relative_difference"], 0.01);
}

}  // namespace
}  // namespace nbits
