// SPDX-License-Identifier: Apache-2.0
#include "quantize/quantize_linear.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/threads/parallel.h"
#include "quantize/linear_grid.h"
#include "tensor/packing.h"

namespace nbits {
namespace {

// A NaN counts as worse than every number.
size_t WorstIndex(std::span<const float> values) {
  size_t worst = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) return i;
    if (std::abs(values[i]) > std::abs(values[worst])) worst = i;
  }
  return worst;
}

bool IsSymmetric(const QuantizeOptions& options) { return options.mode == Mode::kLinearSymmetric; }

LinearGrid GridOfRange(const Extremes& extremes, const QuantizeOptions& options) {
  const bool is_coremltools = options.range == Range::kCoremltools;
  const auto make = IsSymmetric(options) ? SymmetricGrid : MinMaxGrid;
  const LinearGrid grid =
      make(extremes.minimum, extremes.maximum, options.bits, is_coremltools ? kCoremltoolsStep : 0);
  return is_coremltools ? grid : WithStoredStep(grid, CenterCode(options.bits));
}

// Finds the grids of channels of one length.
class GridFinder {
 public:
  GridFinder(int64_t length, const QuantizeOptions& options) : options_(options) {
    if (options.range != Range::kMeanSquaredError) return;
    fitter_.emplace(static_cast<size_t>(length), options.bits, IsSymmetric(options));
  }

  // Sets the grid of a channel's values; false when there is none that can represent them.
  bool Find(std::span<const float> channel, const Extremes& extremes, LinearGrid& grid) const {
    if (!extremes.finite) return false;
    grid = GridOfRange(extremes, options_);
    if (!IsRepresentable(grid)) return false;
    if (fitter_) grid = fitter_->Fit(channel, grid);
    return true;
  }

 private:
  const QuantizeOptions& options_;
  std::optional<GridFitter> fitter_;
};

// Codes of `values`, which are elements from `begin` on and begin on a whole byte, into `packed`,
// the bytes of the whole tensor.
void EncodeStretch(std::span<const float> values, int64_t begin, const ChannelLayout& layout,
                   const std::vector<LinearGrid>& grids, const PackedTensor& tensor,
                   std::byte* packed) {
  const auto encode = [&](int64_t tile, std::span<uint8_t> codes) {
    const auto tile_end = tile + static_cast<int64_t>(codes.size());
    ForEachRun(layout, tile, tile_end, [&](int64_t channel, int64_t from, int64_t to) {
      EncodeGrid(values.subspan(from - begin, to - from), grids[channel].code,
                 codes.data() + (from - tile));
    });
  };
  const auto end = begin + static_cast<int64_t>(values.size());
  for (int64_t tile = begin; tile < end; tile += kTileElements) {
    EncodePackedTile(tile, std::min(tile + kTileElements, end), encode, tensor, packed);
  }
}

// One grid for all values. Both passes run over all cores.
bool EncodeAsOne(std::span<const float> values, const QuantizeOptions& options,
                 std::vector<LinearGrid>& grids, PackedTensor& tensor) {
  const auto total = static_cast<int64_t>(values.size());
  if (!GridFinder(total, options).Find(values, AllExtremes(values), grids[0])) return false;
  std::byte* packed = AllocateBytes(tensor, PackedByteCount(total, tensor.bits)).data();
  ForEachTile(total, [&](int64_t begin, int64_t end) {
    EncodeStretch(values.subspan(begin, end - begin), begin, {1, total}, grids, tensor, packed);
  });
  return true;
}

// Channels that one thread takes at a time: about a tile, and whole bytes.
int64_t ChannelsAtOnce(int64_t length) {
  const int64_t whole_bytes = 8 / std::gcd(length, int64_t{8});
  const int64_t tile = std::max<int64_t>(1, kTileElements / length);
  return (tile + whole_bytes - 1) / whole_bytes * whole_bytes;
}

// The values of one channel that stand in several places.
std::vector<float> Gathered(std::span<const float> values, const ChannelLayout& layout,
                            int64_t channel) {
  const auto total = static_cast<int64_t>(values.size());
  std::vector<float> gathered;
  gathered.reserve(total / layout.channels);
  ForEachRunOf(layout, channel, total, [&](int64_t begin, int64_t end) {
    gathered.insert(gathered.end(), values.begin() + begin, values.begin() + end);
  });
  return gathered;
}

bool EncodeScattered(std::span<const float> values, const ChannelLayout& layout,
                     const QuantizeOptions& options, std::vector<LinearGrid>& grids,
                     PackedTensor& tensor) {
  const auto total = static_cast<int64_t>(values.size());
  const GridFinder finder(total / layout.channels, options);
  std::atomic<bool> representable = true;
  ParallelFor(layout.channels, [&](int64_t c) {
    const std::vector<float> channel = Gathered(values, layout, c);
    if (!finder.Find(channel, FindExtremes(channel), grids[c])) representable = false;
  });
  if (!representable) return false;
  std::byte* packed = AllocateBytes(tensor, PackedByteCount(total, tensor.bits)).data();
  ForEachTile(total, [&](int64_t begin, int64_t end) {
    EncodeStretch(values.subspan(begin, end - begin), begin, layout, grids, tensor, packed);
  });
  return true;
}

void StoreGrids(const std::vector<LinearGrid>& grids, PackedTensor& tensor) {
  for (const LinearGrid& grid : grids) {
    tensor.scale.push_back(grid.stored_scale());
    tensor.offset.push_back(grid.stored_offset());
  }
}

}  // namespace

Extremes AllExtremes(std::span<const float> values) {
  constexpr int64_t kPiece = 1 << 18;
  const auto total = static_cast<int64_t>(values.size());
  std::vector<Extremes> pieces((total + kPiece - 1) / kPiece);
  ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    pieces[i] = FindExtremes(values.subspan(i * kPiece, std::min(kPiece, total - i * kPiece)));
  });
  Extremes all;
  for (const Extremes& piece : pieces) all = Joined(all, piece);
  return all;
}

absl::Status CannotRepresent(std::span<const float> values, size_t index, Mode mode) {
  return absl::FailedPreconditionError(absl::StrCat("value ", values[index], " at index ", index,
                                                    " cannot be represented in mode ",
                                                    ModeName(mode)));
}

absl::Status CannotRepresent(std::span<const float> values, Mode mode) {
  return CannotRepresent(values, WorstIndex(values), mode);
}

bool IsSideBySide(const ChannelLayout& layout, int64_t elements) {
  return layout.channels > 1 && layout.channels * layout.inner == elements;
}

absl::Status QuantizeChannels(const ValueSource& source, const ChannelLayout& layout,
                              const QuantizeOptions& options, PackedTensor& tensor,
                              ValueErrors* errors) {
  const int64_t length = layout.inner;
  std::byte* packed = AllocateBytes(tensor, PackedByteCount(source.size(), tensor.bits)).data();
  std::vector<LinearGrid> grids(layout.channels);
  const GridFinder finder(length, options);
  tensor.scale.resize(layout.channels);
  tensor.offset.resize(layout.channels);
  const auto encode = [&](int64_t begin, std::span<const float> values) {
    for (int64_t at = 0; at < static_cast<int64_t>(values.size()); at += length) {
      const int64_t c = (begin + at) / length;
      const std::span<const float> channel = values.subspan(at, length);
      if (!finder.Find(channel, FindExtremes(channel), grids[c])) return false;
      tensor.scale[c] = grids[c].stored_scale();
      tensor.offset[c] = grids[c].stored_offset();
    }
    EncodeStretch(values, begin, layout, grids, tensor, packed);
    return true;
  };
  if (EncodePieces(source, ChannelsAtOnce(length) * length, encode, tensor, errors)) {
    return absl::OkStatus();
  }
  std::vector<float> decoded;
  return CannotRepresent(source.All(decoded), options.mode);
}

absl::Status QuantizeLinear(std::span<const float> values, const QuantizeOptions& options,
                            PackedTensor& tensor) {
  const ChannelLayout layout = LayoutOf(tensor.shape, options.channel_axis, options.per_channel,
                                        static_cast<int64_t>(values.size()));
  std::vector<LinearGrid> grids(layout.channels);
  const bool done = layout.channels == 1 ? EncodeAsOne(values, options, grids, tensor)
                                         : EncodeScattered(values, layout, options, grids, tensor);
  if (!done) return CannotRepresent(values, options.mode);
  StoreGrids(grids, tensor);
  return absl::OkStatus();
}

absl::Status QuantizeLinearTable(std::span<const float> values, const QuantizeOptions& options,
                                 PackedTensor& tensor) {
  std::vector<LinearGrid> grids(1);
  if (!EncodeAsOne(values, options, grids, tensor)) return CannotRepresent(values, options.mode);
  for (int i = 0; i < 1 << options.bits; ++i) {
    tensor.table.push_back(static_cast<float>(i * grids[0].scale + grids[0].offset));
  }
  return absl::OkStatus();
}

}  // namespace nbits
