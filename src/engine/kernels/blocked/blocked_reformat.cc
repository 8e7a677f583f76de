// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/blocked/blocked.h"
#include "engine/kernels/common/rows.h"

namespace nbits {
namespace {

// Pixels that are moved at once: 16 channels of them are 4 KiB on either side.
constexpr int64_t kTilePixels = 64;

// One channel block of `count` pixels: `pitch` values from channel to channel on the planar side.
void BlockTile(const float* planar, int64_t pitch, int64_t channels, int64_t count,
               float* blocked) {
  if (channels < kChannelBlock) std::fill_n(blocked, count * kChannelBlock, 0.0f);
  for (int64_t channel = 0; channel < channels; ++channel) {
    const float* from = planar + channel * pitch;
    for (int64_t i = 0; i < count; ++i) blocked[i * kChannelBlock + channel] = from[i];
  }
}

void UnblockTile(const float* blocked, int64_t pitch, int64_t channels, int64_t count,
                 float* planar) {
  for (int64_t channel = 0; channel < channels; ++channel) {
    float* to = planar + channel * pitch;
    for (int64_t i = 0; i < count; ++i) to[i] = blocked[i * kChannelBlock + channel];
  }
}

// Calls tile(planar offset, blocked offset, channels, pixels) for the tiles of all channel blocks.
template <typename Tile>
void ForTiles(const ImageExtents& e, int threads, const Tile& tile) {
  const int64_t tiles = (e.pixels() + kTilePixels - 1) / kTilePixels;
  ForChunks(e.batch * e.blocks() * tiles, kTilePixels * kChannelBlock, threads,
            [&](int64_t begin, int64_t end) {
              for (int64_t i = begin; i < end; ++i) {
                const int64_t first = i % tiles * kTilePixels, plane = i / tiles;
                const int64_t channel = plane % e.blocks() * kChannelBlock;
                const int64_t entry = plane / e.blocks();
                tile((entry * e.channels + channel) * e.pixels() + first,
                     (plane * e.pixels() + first) * kChannelBlock,
                     std::min(kChannelBlock, e.channels - channel),
                     std::min(kTilePixels, e.pixels() - first));
              }
            });
}

void ToBlocked(const Operand& from, const Result& to, int threads) {
  const ImageExtents e = ImageExtentsOf(from.shape);
  ForTiles(e, threads, [&](int64_t planar, int64_t blocked, int64_t channels, int64_t pixels) {
    alignas(64) float buffer[kTilePixels * kChannelBlock];
    float* target = RowTarget(to, blocked, buffer);
    BlockTile(from.data + planar, e.pixels(), channels, pixels, target);
    FinishRow(to, blocked, pixels * kChannelBlock, target);
  });
}

void ToPlanar(const Operand& from, const Result& to, int threads) {
  const ImageExtents e = ImageExtentsOf(from.shape);
  ForTiles(e, threads, [&](int64_t planar, int64_t blocked, int64_t channels, int64_t pixels) {
    alignas(64) float buffer[kTilePixels * kChannelBlock];
    const float* source = ReadRow(from, blocked, pixels * kChannelBlock, buffer);
    UnblockTile(source, e.pixels(), channels, pixels, to.data + planar);
  });
}

// The same layout, another element.
void Convert(const Operand& from, const Result& to, int threads) {
  const Planes all = {1, StoredElements(from.shape, from.format.layout)};
  ForRuns(all, threads, [&](int64_t, int64_t first, int64_t count) {
    alignas(64) float from_buffer[kRunElements];
    const float* row = ReadRow(from, first, count, from_buffer);
    if (to.format.element == Element::kFloat32) {
      std::copy_n(row, count, to.data + first);
    } else {
      FinishRow(to, first, count, row);
    }
  });
}

class ReformatKernel : public Kernel {
 public:
  absl::string_view name() const override { return "tiles"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const Operand& from = call.inputs[0];
    const Result& to = call.outputs[0];
    if (from.format.layout == to.format.layout) {
      Convert(from, to, call.threads);
    } else if (to.format.layout == Layout::kBlocked) {
      ToBlocked(from, to, call.threads);
    } else {
      ToPlanar(from, to, call.threads);
    }
    return absl::OkStatus();
  }
};

// Planar tensors are Float32.
bool IsPlanarHalf(const Format& format) {
  return format.layout == Layout::kPlanar && format.element == Element::kFloat16;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeReformatKernel(const graph::Graph&,
                                                           const graph::Node& node,
                                                           const NodeFormats& formats,
                                                           const EngineOptions&) {
  if (!std::holds_alternative<graph::Reformat>(node.op) || IsPlanarHalf(formats.inputs[0]) ||
      IsPlanarHalf(formats.outputs[0])) {
    return nullptr;
  }
  return std::make_unique<ReformatKernel>();
}

}  // namespace nbits
