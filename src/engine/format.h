// SPDX-License-Identifier: Apache-2.0
// How a tensor's values are stored while a network runs.
//
//   planar    [batch.., C, H, W], row-major: what the graph's shape says. Float32. Importers,
//             callers and plain kernels know only this one.
//   blocked   [batch.., ceil(C / 16), H, W, 16]: 16 channels of a pixel stand together, so that one
//             vector (two of 8 lanes) holds them. Float32 or Float16. Channels beyond C in the last
//             block are zero: whoever writes a blocked tensor writes them, and whoever reads it may
//             multiply them with anything finite.
//
// Channels are axis -3; a tensor of lower rank is planar.
#ifndef NBITS_ENGINE_FORMAT_H_
#define NBITS_ENGINE_FORMAT_H_

#include <cstdint>

#include "nbits/tensor.h"

namespace nbits {

enum class Layout : uint8_t { kPlanar, kBlocked };
enum class Element : uint8_t { kFloat32, kFloat16 };  // Float16: IEEE binary16.

inline constexpr int64_t kChannelBlock = 16;  // Lanes of the widest vectors (AVX-512).

struct Format {
  Layout layout = Layout::kPlanar;
  Element element = Element::kFloat32;

  bool operator==(const Format&) const = default;
};
inline constexpr Format kPlanarFormat = {};
inline constexpr Format kBlockedFormat = {Layout::kBlocked, Element::kFloat32};
inline constexpr Format kBlockedHalfFormat = {Layout::kBlocked, Element::kFloat16};

constexpr int64_t ElementBytes(Element element) { return element == Element::kFloat16 ? 2 : 4; }
constexpr int64_t ChannelBlocks(int64_t channels) {
  return (channels + kChannelBlock - 1) / kChannelBlock;
}

// A tensor seen as [batch, channels, height, width]; axes that it lacks have the extent 1.
struct ImageExtents {
  int64_t batch = 1, channels = 1, height = 1, width = 1;

  int64_t pixels() const { return height * width; }
  int64_t blocks() const { return ChannelBlocks(channels); }
  // Elements of one batch entry, stored blocked.
  int64_t blocked_elements() const { return blocks() * pixels() * kChannelBlock; }
};
ImageExtents ImageExtentsOf(const Shape& shape);

// Whether a tensor of this shape can be stored blocked: rank >= 3.
bool CanBeBlocked(const Shape& shape);

// Elements and bytes that a tensor of a checked shape takes in a format, padding channels included.
int64_t StoredElements(const Shape& shape, Layout layout);
int64_t StoredBytes(const Shape& shape, const Format& format);

}  // namespace nbits

#endif  // NBITS_ENGINE_FORMAT_H_
