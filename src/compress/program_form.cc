// SPDX-License-Identifier: Apache-2.0
#include "compress/program_form.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "tensor/channel_layout.h"
#include "tensor/half.h"
#include "tensor/packing.h"

namespace nbits {
namespace {

// The first specification version with grids of 4 bits, blocks and tables of 3 bits (iOS18).
constexpr int kFineFormsVersion = 9;

bool IsLinear(Mode mode) { return mode == Mode::kLinear || mode == Mode::kLinearSymmetric; }
bool IsTable(Mode mode) {
  return mode == Mode::kLinearLut || mode == Mode::kKMeansLut || mode == Mode::kCustomLut;
}

int GridBits(int bits, int version) { return bits <= 4 && version >= kFineFormsVersion ? 4 : 8; }

int TableBits(int bits, int version) {
  if (bits == 3 && version < kFineFormsVersion) return 4;
  if (bits == 5) return 6;
  return bits == 7 ? 8 : bits;
}

// Blocks are of inputs, which lie along axis 1 where the outputs lie along axis 0.
std::string BlockRefusal(const WeightRef& weight, int64_t block) {
  const Shape& shape = weight.tensor.shape;
  if (weight.program_version < kFineFormsVersion) {
    return absl::StrCat("blocks need specification version ", kFineFormsVersion,
                        ", and the model has ", weight.program_version);
  }
  if (shape.size() < 2 || weight.tensor.channel_axis != 0) {
    return "blocks along other axes are not written";
  }
  if (block < 1 || shape[1] % block != 0) {
    return absl::StrCat("blocks of ", block, " do not divide its ", shape[1], " inputs");
  }
  return "";
}

float InType(const WeightRef& weight, double value) {
  // The smallest Float16 that is not 0.
  constexpr float kLeastHalf = 0x1p-24f;
  const auto rounded = static_cast<float>(value);
  if (!weight.is_half) return rounded;
  const float half = FloatFromHalf(HalfFromFloat(rounded));
  return half == 0 && rounded > 0 ? kLeastHalf : half;
}

// Which values share a scale.
ChannelLayout GroupsOf(const WeightRef& weight, const PlanEntry& entry, int64_t elements) {
  const Shape& shape = weight.tensor.shape;
  if (entry.block_size > 0) {
    const int64_t blocks = shape[0] * (shape[1] / entry.block_size);
    return {blocks, elements / blocks};
  }
  return LayoutOf(shape, weight.tensor.channel_axis, entry.per_channel && !shape.empty(), elements);
}

struct GroupRange {
  float low = 0, high = 0;  // 0 is always within.
};

GroupRange RangeOfGroup(const ChannelLayout& layout, int64_t group, std::span<const float> values) {
  GroupRange range;
  ForEachRunOf(layout, group, static_cast<int64_t>(values.size()), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      range.low = std::min(range.low, values[static_cast<size_t>(i)]);
      range.high = std::max(range.high, values[static_cast<size_t>(i)]);
    }
  });
  return range;
}

// How the values of one group become codes.
struct GroupGrid {
  float scale = 0;
  int zero = 0;  // The code of 0.
  int lowest = 0, highest = 0;

  uint8_t Code(float value) const {
    if (scale == 0) return static_cast<uint8_t>(zero);
    const double code = std::nearbyint(double{value} / scale) + zero;
    const double inside = std::clamp<double>(code, lowest, highest);
    return static_cast<uint8_t>(static_cast<int>(inside) & 0xff);
  }
};

GroupGrid GridOfGroup(const WeightRef& weight, const PlanEntry& entry, const GroupRange& range) {
  GroupGrid grid;
  const int half = 1 << (entry.bits - 1), top = (1 << entry.bits) - 1;
  if (entry.mode == Mode::kLinearSymmetric) {
    const double reach = std::max(double{range.high}, -double{range.low});
    grid.scale = InType(weight, reach / (half - 1));
    grid.zero = entry.bits == 8 ? 0 : half;  // Bytes have a sign.
    grid.lowest = grid.zero - (half - 1);
    grid.highest = grid.zero + (half - 1);
    return grid;
  }
  grid.scale = InType(weight, (double{range.high} - range.low) / top);
  grid.highest = top;
  if (grid.scale > 0) {
    grid.zero = static_cast<int>(
        std::clamp<double>(std::nearbyint(-double{range.low} / grid.scale), 0, top));
  }
  return grid;
}

absl::Status CheckFinite(std::span<const float> values, const std::vector<GroupGrid>& grids) {
  const bool fits = std::all_of(grids.begin(), grids.end(),
                                [](const GroupGrid& grid) { return std::isfinite(grid.scale); });
  const bool finite =
      std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  if (fits && finite) return absl::OkStatus();
  return absl::FailedPreconditionError("values that a grid cannot hold");
}

PackedTensor EmptyGrid(const WeightRef& weight, const PlanEntry& entry,
                       const std::vector<GroupGrid>& grids) {
  PackedTensor tensor;
  const bool is_signed = entry.mode == Mode::kLinearSymmetric && entry.bits == 8;
  tensor.scheme = is_signed ? Scheme::kSignedLinear : Scheme::kLinear;
  tensor.bits = entry.bits;
  tensor.bit_order = BitOrder::kLeastSignificantFirst;
  tensor.shape = weight.tensor.shape;
  tensor.channel_axis = entry.block_size > 0 ? 0 : weight.tensor.channel_axis;
  tensor.half_values = weight.is_half;
  const bool any_zero =
      std::any_of(grids.begin(), grids.end(), [](const GroupGrid& grid) { return grid.zero != 0; });
  for (const GroupGrid& grid : grids) {
    tensor.scale.push_back(grid.scale);
    if (any_zero) tensor.offset.push_back(-(grid.scale * static_cast<float>(grid.zero)));
  }
  return tensor;
}

}  // namespace

void GiveProgramForm(const WeightRef& weight, PlanEntry& entry) {
  if (entry.keep) return;
  const int asked = entry.bits;
  if (IsLinear(entry.mode)) {
    entry.bits = GridBits(asked, weight.program_version);
    if (entry.block_size > 0) {
      entry.refused = BlockRefusal(weight, entry.block_size);
      if (!entry.refused.empty()) entry.block_size = 0;
    }
  } else {
    entry.block_size = 0;
    if (IsTable(entry.mode)) entry.bits = TableBits(asked, weight.program_version);
  }
  if (entry.bits == asked) return;
  const std::string other =
      absl::StrCat(entry.bits, " bits: an ML Program of version ", weight.program_version,
                   " has no ", IsLinear(entry.mode) ? "grid" : "table", " of ", asked);
  entry.refused = entry.refused.empty() ? other : absl::StrCat(other, "; ", entry.refused);
}

absl::StatusOr<Requantized> QuantizeToProgramGrid(const WeightRef& weight, const PlanEntry& entry,
                                                  std::span<const float> values) {
  const auto elements = static_cast<int64_t>(values.size());
  const ChannelLayout layout = GroupsOf(weight, entry, elements);
  std::vector<GroupGrid> grids(static_cast<size_t>(layout.channels));
  ParallelFor(layout.channels, [&](int64_t group) {
    grids[static_cast<size_t>(group)] =
        GridOfGroup(weight, entry, RangeOfGroup(layout, group, values));
  });
  NBITS_RETURN_IF_ERROR(CheckFinite(values, grids));
  PackedTensor tensor = EmptyGrid(weight, entry, grids);
  const auto encode = [&](int64_t begin, std::span<uint8_t> codes) {
    const int64_t end = begin + static_cast<int64_t>(codes.size());
    ForEachRun(layout, begin, end, [&](int64_t group, int64_t from, int64_t to) {
      const GroupGrid& grid = grids[static_cast<size_t>(group)];
      for (int64_t i = from; i < to; ++i) {
        codes[static_cast<size_t>(i - begin)] = grid.Code(values[static_cast<size_t>(i)]);
      }
    });
  };
  EncodePacked(elements, encode, tensor);
  NBITS_RETURN_IF_ERROR(Validate(tensor));
  const ValueErrors errors = AllErrors(tensor, values);
  return Requantized{std::move(tensor), errors};
}

void RoundTable(const WeightRef& weight, PackedTensor& tensor) {
  if (!weight.is_half) return;
  for (float& entry : tensor.table) entry = FloatFromHalf(HalfFromFloat(entry));
}

}  // namespace nbits
