// SPDX-License-Identifier: Apache-2.0
#include "data/pictures/exif.h"

#include <cstring>
#include <optional>
#include <utility>

namespace nbits {
namespace {

constexpr uint16_t kOrientationTag = 0x0112;
constexpr uint16_t kShortType = 3;
constexpr size_t kEntryBytes = 12;

// Unsigned numbers in the byte order that the TIFF header states; none beyond the end.
class TiffReader {
 public:
  explicit TiffReader(absl::string_view bytes) : bytes_(bytes) {}

  bool ReadByteOrder() {
    const absl::string_view mark = bytes_.substr(0, 2);
    big_endian_ = mark == "MM";
    return (big_endian_ || mark == "II") && Read(2, 2) == 42;
  }

  std::optional<uint32_t> Read(size_t offset, size_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t at = offset + (big_endian_ ? i : size - 1 - i);
      value = value << 8 | static_cast<uint8_t>(bytes_[at]);
    }
    return value;
  }

 private:
  absl::string_view bytes_;
  bool big_endian_ = false;
};

// Where the pixel shown at (x, y) is stored.
std::pair<int, int> StoredAt(int x, int y, int width, int height, int orientation) {
  const int right = width - 1 - x, bottom = height - 1 - y;
  switch (orientation) {
    case 2:
      return {right, y};
    case 3:
      return {right, bottom};
    case 4:
      return {x, bottom};
    case 5:
      return {y, x};
    case 6:
      return {y, right};
    case 7:
      return {bottom, right};
    case 8:
      return {bottom, x};
    default:
      return {x, y};
  }
}

}  // namespace

int ExifOrientation(absl::string_view tiff) {
  TiffReader reader(tiff);
  if (!reader.ReadByteOrder()) return 1;
  const auto directory = reader.Read(4, 4);
  if (!directory.has_value()) return 1;
  const uint32_t entries = reader.Read(*directory, 2).value_or(0);
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t entry = size_t{*directory} + 2 + i * kEntryBytes;
    if (!reader.Read(entry, 2).has_value()) return 1;
    if (reader.Read(entry, 2) != kOrientationTag) continue;
    if (reader.Read(entry + 2, 2) != kShortType) return 1;
    const uint32_t value = reader.Read(entry + 8, 2).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image ApplyOrientation(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  Image turned{image.width, image.height, image.channels, {}};
  if (orientation >= 5) std::swap(turned.width, turned.height);
  turned.pixels.resize(image.pixels.size());
  const size_t channels = static_cast<size_t>(image.channels);
  uint8_t* to = turned.pixels.data();
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x, to += channels) {
      const auto [from_x, from_y] = StoredAt(x, y, turned.width, turned.height, orientation);
      const size_t from = static_cast<size_t>(from_y) * image.width + from_x;
      std::memcpy(to, image.pixels.data() + from * channels, channels);
    }
  }
  return turned;
}

}  // namespace nbits
