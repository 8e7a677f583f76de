// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd/winograd_transform.h"

#include <algorithm>

#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/winograd/winograd_transform.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/convolution/convolution_tail-inl.h"
#include "engine/kernels/winograd/winograd_tile-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// kLanes channels of one tile.
template <int kOutputs>
HWY_INLINE void TransformInputTile(const float* in, const PatchView& patch, float* to,
                                   int64_t point_stride) {
  using Tile = WinogradTile<kOutputs>;
  constexpr int kPoints = Tile::kPoints;
  const LaneTag d;
  HWY_ALIGN float columns[kPoints * kPoints * kLanes];
  for (int j = 0; j < kPoints; ++j) {
    LaneVector x[kPoints];
    HWY_UNROLL(8)
    for (int i = 0; i < kPoints; ++i) {
      x[i] = hn::LoadU(d, in + i * patch.row_stride + j * patch.pixel_stride);
    }
    Tile::Input(x);
    HWY_UNROLL(8)
    for (int i = 0; i < kPoints; ++i) hn::Store(x[i], d, columns + (i * kPoints + j) * kLanes);
  }
  for (int i = 0; i < kPoints; ++i) {
    LaneVector x[kPoints];
    HWY_UNROLL(8)
    for (int j = 0; j < kPoints; ++j) x[j] = hn::Load(d, columns + (i * kPoints + j) * kLanes);
    Tile::Input(x);
    HWY_UNROLL(8)
    for (int j = 0; j < kPoints; ++j) {
      hn::Store(x[j], d, to + (i * kPoints + j) * point_stride);
    }
  }
}

// The rows of a tile are short streams, too short for the processor to foresee.
constexpr int64_t kPrefetchTiles = 2;
template <int kOutputs>
HWY_INLINE void PrefetchTile(const PatchView& patch, int64_t tile) {
  const float* in = patch.data + (tile * kOutputs + 2) * patch.pixel_stride;
  for (int i = 0; i < kOutputs + 2; ++i) {
    HWY_UNROLL(6)
    for (int j = 0; j < kOutputs; ++j) {
      hwy::Prefetch(in + i * patch.row_stride + j * patch.pixel_stride);
    }
  }
}

template <int kOutputs>
void TransformInputOf(const PatchView& patch, int64_t tiles, float* to, int64_t point_stride) {
  for (int64_t t = 0; t < tiles; ++t) {
    PrefetchTile<kOutputs>(patch, t + kPrefetchTiles);
    for (int part = 0; part < kParts; ++part) {
      const float* in = patch.data + t * kOutputs * patch.pixel_stride + part * kLanes;
      TransformInputTile<kOutputs>(in, patch, to + t * kChannelBlock + part * kLanes, point_stride);
    }
  }
}

// kLanes output channels of one input channel.
template <int kOutputs>
HWY_INLINE void TransformKernel(const float* kernel, LaneVector scale, float* to,
                                int64_t point_stride) {
  using Tile = WinogradTile<kOutputs>;
  constexpr int kPoints = Tile::kPoints;
  const LaneTag d;
  LaneVector columns[3][kPoints];
  HWY_UNROLL(3)
  for (int j = 0; j < 3; ++j) {
    LaneVector g[3];
    HWY_UNROLL(3)
    for (int i = 0; i < 3; ++i) {
      g[i] = hn::Mul(scale, hn::LoadU(d, kernel + (i * 3 + j) * kChannelBlock));
    }
    Tile::Weights(g, columns[j]);
  }
  HWY_UNROLL(8)
  for (int i = 0; i < kPoints; ++i) {
    const LaneVector g[3] = {columns[0][i], columns[1][i], columns[2][i]};
    LaneVector u[kPoints];
    Tile::Weights(g, u);
    HWY_UNROLL(8)
    for (int j = 0; j < kPoints; ++j) {
      hn::Store(u[j], d, to + (i * kPoints + j) * point_stride);
    }
  }
}

template <int kOutputs>
void TransformWeightsOf(const float* kernels, const float* scale, int64_t channels, float* to,
                        int64_t point_stride) {
  const LaneTag d;
  for (int part = 0; part < kChannelBlock; part += kLanes) {
    const LaneVector factor = hn::LoadU(d, scale + part);
    for (int64_t c = 0; c < channels; ++c) {
      TransformKernel<kOutputs>(kernels + c * 9 * kChannelBlock + part, factor,
                                to + c * kChannelBlock + part, point_stride);
    }
  }
}

// Where a tile's pixels go: index of the first, distances, and how many exist.
struct TilePixels {
  int64_t index, row_stride, pixel_stride, rows, columns;
};

template <int kOutputs>
HWY_INLINE void TransformOutputTile(const float* from, int64_t point_stride,
                                    const TilePixels& pixels, const TailLanes& tail) {
  using Tile = WinogradTile<kOutputs>;
  constexpr int kPoints = Tile::kPoints;
  const LaneTag d;
  HWY_ALIGN float columns[kOutputs * kPoints * kLanes];
  for (int j = 0; j < kPoints; ++j) {
    LaneVector m[kPoints], y[kOutputs];
    HWY_UNROLL(8)
    for (int i = 0; i < kPoints; ++i) {
      m[i] = hn::Load(d, from + (i * kPoints + j) * point_stride);
    }
    Tile::Output(m, y);
    HWY_UNROLL(6)
    for (int i = 0; i < kOutputs; ++i) hn::Store(y[i], d, columns + (i * kPoints + j) * kLanes);
  }
  for (int i = 0; i < pixels.rows; ++i) {
    LaneVector m[kPoints], y[kOutputs];
    HWY_UNROLL(8)
    for (int j = 0; j < kPoints; ++j) m[j] = hn::Load(d, columns + (i * kPoints + j) * kLanes);
    Tile::Output(m, y);
    HWY_UNROLL(6)
    for (int j = 0; j < kOutputs; ++j) {
      if (j >= pixels.columns) break;
      tail.Store(y[j], pixels.index + i * pixels.row_stride + j * pixels.pixel_stride);
    }
  }
}

// Pixels from `start` on, `step` apart, that an extent has: at most `most`.
HWY_INLINE int64_t PixelsWithin(int64_t start, int64_t step, int64_t extent, int64_t most) {
  return std::clamp<int64_t>((extent - start + step - 1) / step, 0, most);
}

template <int kOutputs>
void TransformOutputOf(const float* from, int64_t point_stride, const OutputTiles& tiles,
                       const BlockedOutput& output, int64_t block) {
  TilePixels pixels{0, tiles.step[0] * output.width * kChannelBlock, tiles.step[1] * kChannelBlock,
                    PixelsWithin(tiles.y, tiles.step[0], output.height, kOutputs), 0};
  for (int part = 0; part < kChannelBlock; part += kLanes) {
    const TailLanes tail(output, block, part / kLanes);
    for (int64_t t = 0; t < tiles.tiles; ++t) {
      const int64_t x = tiles.x + t * kOutputs * tiles.step[1];
      pixels.index = output.IndexOf(block, tiles.y, x) + part;
      pixels.columns = PixelsWithin(x, tiles.step[1], output.width, kOutputs);
      TransformOutputTile<kOutputs>(from + t * kChannelBlock + part, point_stride, pixels, tail);
    }
  }
}

void InputOf(int64_t outputs, const PatchView& patch, int64_t tiles, float* to,
             int64_t point_stride) {
  const auto transform = outputs == 4 ? TransformInputOf<4> : TransformInputOf<6>;
  transform(patch, tiles, to, point_stride);
}
void WeightsOf(int64_t outputs, const float* kernels, const float* scale, int64_t channels,
               float* to, int64_t point_stride) {
  const auto transform = outputs == 4 ? TransformWeightsOf<4> : TransformWeightsOf<6>;
  transform(kernels, scale, channels, to, point_stride);
}
void OutputOf(int64_t outputs, const float* from, int64_t point_stride, const OutputTiles& tiles,
              const BlockedOutput& output, int64_t block) {
  const auto transform = outputs == 4 ? TransformOutputOf<4> : TransformOutputOf<6>;
  transform(from, point_stride, tiles, output, block);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(InputOf);
HWY_EXPORT(WeightsOf);
HWY_EXPORT(OutputOf);

void TransformInput(int64_t outputs, const PatchView& patch, int64_t tiles, float* to,
                    int64_t point_stride) {
  HWY_DYNAMIC_DISPATCH(InputOf)(outputs, patch, tiles, to, point_stride);
}

void TransformWeights(int64_t outputs, const float* kernels, const float* scale, int64_t channels,
                      float* to, int64_t point_stride) {
  HWY_DYNAMIC_DISPATCH(WeightsOf)(outputs, kernels, scale, channels, to, point_stride);
}

void TransformOutput(int64_t outputs, const float* from, int64_t point_stride,
                     const OutputTiles& tiles, const BlockedOutput& output, int64_t block) {
  HWY_DYNAMIC_DISPATCH(OutputOf)(outputs, from, point_stride, tiles, output, block);
}

}  // namespace nbits
#endif  // HWY_ONCE
