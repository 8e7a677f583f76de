// SPDX-License-Identifier: Apache-2.0
#include "compare/pictures/render.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/threads/parallel.h"

namespace nbits {
namespace {

constexpr int kPlanes = 4;  // Red, green, blue, and the weight by which they are divided.

// Means over windows of 2 * radius + 1 elements (fewer at the ends) of `count` elements that stand
// `stride` apart. Sums in double: differences of running sums would gather Float32 rounding.
void BoxFilterLine(float* line, int count, int stride, int radius, std::vector<float>& scratch) {
  scratch.resize(static_cast<size_t>(count));
  double sum = 0;
  for (int i = 0; i < std::min(radius, count); ++i) sum += line[i * stride];
  for (int i = 0; i < count; ++i) {
    if (i + radius < count) sum += line[(i + radius) * stride];
    if (i - radius > 0) sum -= line[(i - radius - 1) * stride];
    const int width = std::min(i + radius, count - 1) - std::max(i - radius, 0) + 1;
    scratch[static_cast<size_t>(i)] = static_cast<float>(sum / width);
  }
  for (int i = 0; i < count; ++i) line[i * stride] = scratch[static_cast<size_t>(i)];
}

void BoxFilterPlane(float* plane, int width, int height, int radius) {
  std::vector<float> scratch;
  for (int y = 0; y < height; ++y) BoxFilterLine(plane + y * width, width, 1, radius, scratch);
  for (int x = 0; x < width; ++x) BoxFilterLine(plane + x, height, width, radius, scratch);
}

// Four planes: the background's colours (0 elsewhere) and 1 where it is background.
std::vector<float> BackgroundPlanes(const Image& image, const ClassMap& map, int background_id) {
  const size_t pixels = map.ids.size();
  std::vector<float> planes(pixels * kPlanes, 0.0f);
  for (size_t i = 0; i < pixels; ++i) {
    if (map.ids[i] != background_id) continue;
    for (size_t c = 0; c < 3; ++c) planes[c * pixels + i] = image.pixels[3 * i + c];
    planes[3 * pixels + i] = 1;
  }
  return planes;
}

uint8_t ToByte(float value) { return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

}  // namespace

Image BlurBackground(const Image& image, const ClassMap& map, int background_id, int radius) {
  const size_t pixels = map.ids.size();
  std::vector<float> planes = BackgroundPlanes(image, map, background_id);
  ParallelFor(kPlanes, [&](int64_t plane) {
    float* const data = planes.data() + static_cast<size_t>(plane) * pixels;
    for (int pass = 0; pass < 3; ++pass) BoxFilterPlane(data, image.width, image.height, radius);
  });
  Image blurred = image;
  for (size_t i = 0; i < pixels; ++i) {
    const float weight = planes[3 * pixels + i];
    if (map.ids[i] != background_id || weight <= 0) continue;
    for (size_t c = 0; c < 3; ++c)
      blurred.pixels[3 * i + c] = ToByte(planes[c * pixels + i] / weight);
  }
  return blurred;
}

Image DifferencePicture(const Image& image, const ClassMap& original, const ClassMap& variant) {
  Image picture{image.width, image.height, 3, {}};
  picture.pixels.reserve(original.ids.size() * 3);
  for (size_t i = 0; i < original.ids.size(); ++i) {
    const uint8_t* const rgb = &image.pixels[3 * i];
    const uint8_t grey = static_cast<uint8_t>((rgb[0] + 2 * rgb[1] + rgb[2]) / 8);
    const bool differs = original.ids[i] != variant.ids[i];
    picture.pixels.insert(
        picture.pixels.end(),
        {differs ? uint8_t{255} : grey, differs ? uint8_t{0} : grey, differs ? uint8_t{0} : grey});
  }
  return picture;
}

Image DifferencePicture(const Image& original, const Image& variant, int gain) {
  Image picture = original;
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    const int difference = std::abs(int{original.pixels[i]} - int{variant.pixels[i]});
    picture.pixels[i] = static_cast<uint8_t>(std::min(255, difference * gain));
  }
  return picture;
}

Image ToRgb(const Image& image) {
  if (image.channels == 3) return image;
  Image rgb{image.width, image.height, 3, {}};
  rgb.pixels.reserve(image.pixels.size() * 3);
  for (uint8_t grey : image.pixels) rgb.pixels.insert(rgb.pixels.end(), {grey, grey, grey});
  return rgb;
}

}  // namespace nbits
