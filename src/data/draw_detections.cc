// SPDX-License-Identifier: Apache-2.0
// Boxes and labels on a picture, drawn with Cairo.
#include <cairo/cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nbits/class_map.h"
#include "nbits/detection.h"

namespace nbits {
namespace {

constexpr double kLinePart = 250, kTextPart = 32;  // Of the shorter side.
constexpr double kLeastLine = 1.5, kLeastText = 11;

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextDeleter {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;
using Context = std::unique_ptr<cairo_t, ContextDeleter>;

uint32_t PixelOf(const Image& image, size_t index) {
  const uint8_t* pixel = &image.pixels[index * static_cast<size_t>(image.channels)];
  const bool grey = image.channels == 1;
  return uint32_t{pixel[0]} << 16 | uint32_t{grey ? pixel[0] : pixel[1]} << 8 |
         uint32_t{grey ? pixel[0] : pixel[2]};
}

// Cairo's pixels are one 32-bit number each.
void Fill(const Image& image, cairo_surface_t* surface) {
  cairo_surface_flush(surface);
  unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < image.height; ++y) {
    auto* row = reinterpret_cast<uint32_t*>(data + static_cast<ptrdiff_t>(y) * stride);
    for (int x = 0; x < image.width; ++x) {
      row[x] = PixelOf(image, static_cast<size_t>(y) * image.width + static_cast<size_t>(x));
    }
  }
  cairo_surface_mark_dirty(surface);
}

Image Read(cairo_surface_t* surface, int width, int height) {
  cairo_surface_flush(surface);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  Image image{width, height, 3, {}};
  image.pixels.reserve(static_cast<size_t>(width) * height * 3);
  for (int y = 0; y < height; ++y) {
    const auto* row = reinterpret_cast<const uint32_t*>(data + static_cast<ptrdiff_t>(y) * stride);
    for (int x = 0; x < width; ++x) {
      for (const int shift : {16, 8, 0}) image.pixels.push_back(row[x] >> shift & 0xFF);
    }
  }
  return image;
}

// The first of the default colours is black, for the background.
Color ColorOf(int class_id) {
  static const std::vector<Color> colors = DefaultColors();
  return colors[1 + static_cast<size_t>(class_id) % (colors.size() - 1)];
}

void SetColor(cairo_t* context, Color color) {
  cairo_set_source_rgb(context, color.red / 255.0, color.green / 255.0, color.blue / 255.0);
}

bool IsDark(Color color) {
  return 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue < 128;
}

// The text on a plate above the box's upper left corner, or within it at the picture's edge.
void DrawLabel(cairo_t* context, const std::string& text, Color color, double left, double top) {
  cairo_text_extents_t extents;
  cairo_font_extents_t font;
  cairo_text_extents(context, text.c_str(), &extents);
  cairo_font_extents(context, &font);
  const double pad = font.height / 6, height = font.height + pad;
  const double x = std::max(0.0, left), y = top >= height ? top - height : std::max(0.0, top);
  SetColor(context, color);
  cairo_rectangle(context, x, y, extents.x_advance + 2 * pad, height);
  cairo_fill(context);
  SetColor(context, IsDark(color) ? Color{255, 255, 255} : Color{0, 0, 0});
  cairo_move_to(context, x + pad, y + pad / 2 + font.ascent);
  cairo_show_text(context, text.c_str());
}

// Cairo stops at text that is not UTF-8; what is not printable says nothing in a picture either.
std::string Drawable(const std::string& text) {
  std::string plain;
  for (const char c : text) plain += c >= ' ' && c <= '~' ? c : '?';
  return plain;
}

// Edges far outside would leave the range of Cairo's numbers.
double Clamped(double relative, double size) {
  return std::isfinite(relative) ? std::clamp(relative, -1.0, 2.0) * size : 0;
}

void Draw(cairo_t* context, const Detection& found, const std::string& label, const Image& image) {
  const double left = Clamped(found.x - found.width / 2, image.width);
  const double right = Clamped(found.x + found.width / 2, image.width);
  const double top = Clamped(found.y - found.height / 2, image.height);
  const double bottom = Clamped(found.y + found.height / 2, image.height);
  const Color color = ColorOf(found.class_id);
  SetColor(context, color);
  cairo_rectangle(context, left, top, right - left, bottom - top);
  cairo_stroke(context);
  DrawLabel(context, absl::StrFormat("%s %.0f%%", Drawable(label), found.confidence * 100), color,
            left, top);
}

}  // namespace

absl::StatusOr<Image> DrawDetections(const Image& image, const std::vector<Detection>& detections,
                                     const std::vector<std::string>& labels) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory to draw on a picture of ", image.width, " x ", image.height));
  }
  Fill(image, surface.get());
  const Context context(cairo_create(surface.get()));
  const double shorter = std::min(image.width, image.height);
  cairo_set_line_width(context.get(), std::max(kLeastLine, shorter / kLinePart));
  cairo_select_font_face(context.get(), "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context.get(), std::max(kLeastText, shorter / kTextPart));
  std::vector<Detection> order = detections;
  std::stable_sort(order.begin(), order.end(), [](const Detection& a, const Detection& b) {
    return a.confidence < b.confidence;
  });
  for (const Detection& found : order) {
    Draw(context.get(), found, LabelOf(labels, found.class_id), image);
  }
  return Read(surface.get(), image.width, image.height);
}

}  // namespace nbits
