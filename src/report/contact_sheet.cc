// SPDX-License-Identifier: Apache-2.0
// A still picture of a comparison, drawn with Cairo.
#include <cairo/cairo.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/status_macros.h"
#include "nbits/image.h"
#include "nbits/report.h"
#include "results/words.h"

namespace nbits {
namespace {

// In pixels.
constexpr int kTile = 220;           // Width of one picture.
constexpr int kTallest = 3 * kTile;  // Taller pictures are squeezed into this height.
constexpr int kGap = 12;             // Between tiles, and around the sheet.
constexpr int kHead = 64;            // The sheet's title and verdict.
constexpr int kCaption = 56;         // Three lines above each column.
constexpr double kText = 13, kTitle = 20;
constexpr size_t kPictures = 4;  // Rows: the pictures with the most damage.
constexpr size_t kVariants = 6;  // Columns after the original.

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;
struct ContextDeleter {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Context = std::unique_ptr<cairo_t, ContextDeleter>;

// The file that shows what a variant gave for a picture: the blurred background of a segmentation,
// the picture itself of an image to image model. Nothing for arrays.
std::string ShownFile(const Results& results, const PictureResult& picture, size_t variant) {
  const PictureOutput& output = picture.outputs[variant];
  if (output.image) return *output.image;
  if (!output.ids) return picture.image.value_or("");
  const std::string ids = *output.ids;
  return absl::StrCat(ids.substr(0, ids.rfind('.')),
                      results.labels.size() > 2 ? "-colors.png" : "-blur.jpg");
}

double Damage(const PictureResult& picture, const std::vector<size_t>& variants) {
  double worst = 1;
  for (size_t variant : variants) {
    const PictureOutput& output = picture.outputs[variant];
    worst = std::min(worst, output.agreement.value_or(output.psnr_db.value_or(100) / 100));
  }
  return 1 - worst;
}

// The original, the recommended and the smallest good variant, then the others in order.
std::vector<size_t> ShownVariants(const Results& results) {
  std::vector<size_t> order = {0};
  const auto add = [&](size_t index) {
    const bool taken = std::find(order.begin(), order.end(), index) != order.end();
    if (!taken && !results.variants[index].error && order.size() <= kVariants) {
      order.push_back(index);
    }
  };
  const Verdict verdict = results.verdict.value_or(Verdict{});
  for (const std::optional<int>& index : {verdict.recommended, verdict.smallest}) {
    if (index) add(static_cast<size_t>(*index));
  }
  for (size_t i = 1; i < results.variants.size(); ++i) add(i);
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<const PictureResult*> ShownPictures(const Results& results,
                                                const std::vector<size_t>& variants) {
  std::vector<const PictureResult*> pictures;
  for (const PictureResult& picture : results.pictures) pictures.push_back(&picture);
  std::stable_sort(pictures.begin(), pictures.end(), [&](const auto* a, const auto* b) {
    return Damage(*a, variants) > Damage(*b, variants);
  });
  pictures.resize(std::min(pictures.size(), kPictures));
  return pictures;
}

int TileHeight(const PictureResult& picture) {
  const int64_t height = int64_t{kTile} * picture.height / std::max(1, picture.width);
  return static_cast<int>(std::clamp<int64_t>(height, 1, kTallest));
}

// Cairo's pixels: 32 bits each, blue in the lowest byte.
Surface ToSurface(const Image& image) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  unsigned char* data = cairo_image_surface_get_data(surface.get());
  if (data == nullptr) return surface;
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height; ++y) {
    auto* row = reinterpret_cast<uint32_t*>(data + static_cast<ptrdiff_t>(y) * stride);
    for (int x = 0; x < image.width; ++x) {
      const size_t at = (static_cast<size_t>(y) * image.width + x) * image.channels;
      const uint32_t red = image.pixels[at];
      const uint32_t green = image.pixels[at + (image.channels > 2 ? 1 : 0)];
      const uint32_t blue = image.pixels[at + (image.channels > 2 ? 2 : 0)];
      row[x] = red << 16 | green << 8 | blue;
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

class Sheet {
 public:
  Sheet(const Results& results, const std::string& folder)
      : results_(results),
        folder_(folder),
        variants_(ShownVariants(results)),
        pictures_(ShownPictures(results, variants_)) {
    height_ = kHead + kCaption + kGap;
    for (const PictureResult* picture : pictures_) height_ += TileHeight(*picture) + kGap;
    width_ = kGap + static_cast<int>(variants_.size()) * (kTile + kGap);
    surface_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_, height_));
    context_.reset(cairo_create(surface_.get()));
  }

  absl::StatusOr<Image> Draw() {
    cairo_set_source_rgb(context_.get(), 1, 1, 1);
    cairo_paint(context_.get());
    DrawHead();
    for (size_t column = 0; column < variants_.size(); ++column) DrawCaption(column);
    int y = kHead + kCaption;
    for (const PictureResult* picture : pictures_) {
      for (size_t column = 0; column < variants_.size(); ++column) {
        NBITS_RETURN_IF_ERROR(DrawTile(*picture, column, y));
      }
      y += TileHeight(*picture) + kGap;
    }
    return Pixels();
  }

 private:
  static int ColumnX(size_t column) { return kGap + static_cast<int>(column) * (kTile + kGap); }

  // Cut off where the width ends.
  void Text(double x, double y, double size, bool bold, const std::string& text, double width) {
    cairo_t* context = context_.get();
    cairo_save(context);
    cairo_rectangle(context, x, y - 2 * size, width, 3 * size);
    cairo_clip(context);
    cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context, size);
    cairo_set_source_rgb(context, 0.1, 0.12, 0.16);
    cairo_move_to(context, x, y);
    cairo_show_text(context, text.c_str());
    cairo_restore(context);
  }

  void DrawHead() {
    const double width = width_ - 2 * kGap;
    Text(kGap, 28, kTitle, true, results_.model_name, width);
    const std::string words = VerdictText(results_);
    Text(kGap, 50, kText, false, words.substr(0, words.find('\n')), width);
  }

  void DrawCaption(size_t column) {
    const VariantResult& variant = results_.variants[variants_[column]];
    const double x = ColumnX(column), y = kHead + 14;
    const std::string metric = results_.verdict ? results_.verdict->metric : "agreement";
    Text(x, y, kText, true, variant.name, kTile);
    std::string costs = BytesText(variant.bytes);
    if (variant.median_ms) absl::StrAppend(&costs, ", ", MillisecondsText(*variant.median_ms));
    if (variant.peak_memory_bytes) {
      absl::StrAppend(&costs, ", ", BytesText(*variant.peak_memory_bytes));
    }
    Text(x, y + 17, kText, false, costs, kTile);
    Text(x, y + 34, kText, false, QualityText(metric, variant), kTile);
  }

  std::string QualityText(const std::string& metric, const VariantResult& variant) const {
    const MetricField* field = FindMetric(metric);
    if (field == nullptr) return "";
    const auto& value = variant.metrics.*field->member;
    if (!value) return EqualText(*field, variant);
    return absl::StrCat(MeasureTitle(results_, metric), " ", MeasureText(metric, *value));
  }

  absl::Status DrawTile(const PictureResult& picture, size_t column, int y) {
    const std::string file = ShownFile(results_, picture, variants_[column]);
    if (file.empty()) return absl::OkStatus();
    NBITS_ASSIGN_OR_RETURN(const Image image,
                           ReadImage((std::filesystem::path(folder_) / file).string()));
    const Surface tile = ToSurface(ResizeImage(image, kTile, TileHeight(picture)));
    cairo_set_source_surface(context_.get(), tile.get(), ColumnX(column), y);
    cairo_paint(context_.get());
    return absl::OkStatus();
  }

  absl::StatusOr<Image> Pixels() {
    cairo_surface_flush(surface_.get());
    const unsigned char* data = cairo_image_surface_get_data(surface_.get());
    if (data == nullptr || cairo_status(context_.get()) != CAIRO_STATUS_SUCCESS) {
      return absl::InternalError(
          absl::StrCat("the contact sheet cannot be drawn: ",
                       cairo_status_to_string(cairo_status(context_.get()))));
    }
    Image image{width_, height_, 3, {}};
    image.pixels.reserve(static_cast<size_t>(width_) * height_ * 3);
    const int stride = cairo_image_surface_get_stride(surface_.get());
    for (int y = 0; y < height_; ++y) {
      const auto* row =
          reinterpret_cast<const uint32_t*>(data + static_cast<ptrdiff_t>(y) * stride);
      for (int x = 0; x < width_; ++x) {
        for (int shift : {16, 8, 0}) image.pixels.push_back(row[x] >> shift & 0xff);
      }
    }
    return image;
  }

  const Results& results_;
  const std::string folder_;
  const std::vector<size_t> variants_;
  const std::vector<const PictureResult*> pictures_;
  int width_ = 0, height_ = 0;
  Surface surface_;
  Context context_;
};

}  // namespace

absl::StatusOr<std::string> ContactSheet(const Results& results, const std::string& folder) {
  if (results.variants.empty() || results.pictures.empty()) {
    return absl::FailedPreconditionError("there is no picture for a contact sheet");
  }
  NBITS_ASSIGN_OR_RETURN(const Image image, Sheet(results, folder).Draw());
  return EncodePng(image);
}

}  // namespace nbits
