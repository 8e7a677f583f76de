#include "nbits/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "quantize/channel_layout.h"
#include "quantize/half.h"
#include "quantize/kernels.h"
#include "quantize/kmeans.h"
#include "quantize/linear_grid.h"
#include "quantize/nearest_encoder.h"
#include "quantize/packing.h"

namespace nbits {
namespace {

struct ModeFacts {
  absl::string_view name;
  Scheme scheme;
  int min_bits, max_bits;
};

// Indexed by Mode.
constexpr std::array<ModeFacts, 7> kModes = {{
    {"dequantize", Scheme::kFloat32, 32, 32},
    {"float16", Scheme::kFloat16, 16, 16},
    {"linear", Scheme::kLinear, 1, 8},
    {"linear_symmetric", Scheme::kLinear, 1, 8},
    {"linear_lut", Scheme::kLookupTable, 1, 8},
    {"kmeans_lut", Scheme::kLookupTable, 1, 8},
    {"custom_lut", Scheme::kLookupTable, 1, 8},
}};

const ModeFacts& FactsOf(Mode mode) { return kModes[static_cast<size_t>(mode)]; }

bool UsesChannels(const QuantizeOptions& options) {
  return options.per_channel && FactsOf(options.mode).scheme == Scheme::kLinear;
}

absl::Status CheckTable(const QuantizeOptions& options) {
  if (options.mode != Mode::kCustomLut) return absl::OkStatus();
  const size_t expected = size_t{1} << options.bits;
  if (options.table.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("a table of ", options.table.size(),
                                                   " entries for ", options.bits,
                                                   " bits (expected ", expected, ")"));
  }
  if (!FindExtremes(options.table).finite) {
    return absl::InvalidArgumentError("a table entry is infinite or not a number");
  }
  return absl::OkStatus();
}

absl::Status CheckImportance(const QuantizeOptions& options, size_t values) {
  if (options.mode != Mode::kKMeansLut || options.importance.empty()) return absl::OkStatus();
  if (options.importance.size() != values) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.importance.size(), " importances for ", values, " values"));
  }
  const Extremes extremes = FindExtremes(options.importance);
  if (!extremes.finite || extremes.minimum < 0) {
    return absl::InvalidArgumentError("an importance is negative, infinite or not a number");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(std::span<const float> values, const Shape& shape,
                          const QuantizeOptions& options) {
  const ModeFacts& facts = FactsOf(options.mode);
  if (options.bits < facts.min_bits || options.bits > facts.max_bits) {
    return absl::InvalidArgumentError(absl::StrCat(options.bits, " bits in mode ", facts.name,
                                                   " (allowed: ", facts.min_bits, " to ",
                                                   facts.max_bits, ")"));
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  if (static_cast<int64_t>(values.size()) != count) {
    return absl::InvalidArgumentError(
        absl::StrCat(values.size(), " values for a shape of ", count, " elements"));
  }
  const int rank = static_cast<int>(shape.size());
  if (UsesChannels(options) && (options.channel_axis < 0 || options.channel_axis >= rank)) {
    return absl::InvalidArgumentError(
        absl::StrCat("channel axis ", options.channel_axis, " of a rank-", rank, " tensor"));
  }
  NBITS_RETURN_IF_ERROR(CheckTable(options));
  return CheckImportance(options, values.size());
}

absl::Status CannotRepresent(float value, size_t index, Mode mode) {
  return absl::FailedPreconditionError(absl::StrCat(
      "value ", value, " at index ", index, " cannot be represented in mode ", ModeName(mode)));
}

// A NaN counts as worse than every number.
size_t WorstIndex(std::span<const float> values) {
  size_t worst = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) return i;
    if (std::abs(values[i]) > std::abs(values[worst])) worst = i;
  }
  return worst;
}

// Of all values, on all cores.
Extremes AllExtremes(std::span<const float> values) {
  constexpr int64_t kPiece = 1 << 18;
  const auto total = static_cast<int64_t>(values.size());
  std::vector<Extremes> pieces((total + kPiece - 1) / kPiece);
  ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    pieces[i] = FindExtremes(values.subspan(i * kPiece, std::min(kPiece, total - i * kPiece)));
  });
  Extremes all;
  for (const Extremes& piece : pieces) {
    all.minimum = std::min(all.minimum, piece.minimum);
    all.maximum = std::max(all.maximum, piece.maximum);
    all.finite = all.finite && piece.finite;
  }
  return all;
}

// Infinite and NaN weights pass as what they are; finite ones must not become infinite.
absl::Status CheckHalfRange(std::span<const float> values, const Extremes& extremes) {
  const float largest = std::max(extremes.maximum, -extremes.minimum);
  if (extremes.finite && largest < kHalfOverflow) return absl::OkStatus();
  size_t worst = values.size();
  float magnitude = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const float size = std::abs(values[i]);
    if (std::isfinite(size) && size >= kHalfOverflow && size > magnitude) {
      worst = i;
      magnitude = size;
    }
  }
  if (worst == values.size()) return absl::OkStatus();
  return CannotRepresent(values[worst], worst, Mode::kFloat16);
}

void StoreFloat32(std::span<const float> values, PackedTensor& tensor) {
  const std::span<std::byte> bytes = AllocateBytes(tensor, 4 * static_cast<int64_t>(values.size()));
  ForEachTile(static_cast<int64_t>(values.size()), [&](int64_t begin, int64_t end) {
    std::memcpy(bytes.data() + 4 * begin, values.data() + begin, 4 * (end - begin));
  });
}

void StoreFloat16(std::span<const float> values, PackedTensor& tensor) {
  const std::span<std::byte> bytes = AllocateBytes(tensor, 2 * static_cast<int64_t>(values.size()));
  auto* halves = reinterpret_cast<uint16_t*>(bytes.data());
  ForEachTile(static_cast<int64_t>(values.size()), [&](int64_t begin, int64_t end) {
    EncodeHalf(values.subspan(begin, end - begin), halves + begin);
  });
}

bool IsSymmetric(const QuantizeOptions& options) { return options.mode == Mode::kLinearSymmetric; }

LinearGrid GridOfRange(const Extremes& extremes, const QuantizeOptions& options) {
  return IsSymmetric(options) ? SymmetricGrid(extremes.minimum, extremes.maximum, options.bits)
                              : MinMaxGrid(extremes.minimum, extremes.maximum, options.bits);
}

// The values of one channel, side by side; `buffer` holds them where the tensor does not.
std::span<const float> ChannelValues(std::span<const float> values, const ChannelLayout& layout,
                                     int64_t channel, std::vector<float>& buffer) {
  const auto total = static_cast<int64_t>(values.size());
  const int64_t stride = layout.channels * layout.inner, start = channel * layout.inner;
  if (stride >= total) return values.subspan(start, layout.inner);
  buffer.clear();
  for (int64_t i = start; i < total; i += stride) {
    buffer.insert(buffer.end(), values.begin() + i, values.begin() + i + layout.inner);
  }
  return buffer;
}

LinearGrid GridOfChannel(std::span<const float> channel, const Extremes& extremes,
                         const QuantizeOptions& options) {
  const LinearGrid grid = GridOfRange(extremes, options);
  if (options.range == Range::kMinMax || !IsRepresentable(grid)) return grid;
  return FitGrid(channel, grid, options.bits, IsSymmetric(options));
}

std::vector<LinearGrid> GridsOf(std::span<const float> values, const ChannelLayout& layout,
                                const Extremes& all, const QuantizeOptions& options) {
  if (layout.channels == 1) return {GridOfChannel(values, all, options)};
  std::vector<LinearGrid> grids(layout.channels);
  // Small channels go to a thread many at a time.
  const int64_t length = static_cast<int64_t>(values.size()) / layout.channels;
  const int64_t group = std::max<int64_t>(1, kTileElements / std::max<int64_t>(1, length));
  ParallelFor((layout.channels + group - 1) / group, [&](int64_t i) {
    std::vector<float> buffer;
    for (int64_t c = i * group; c < std::min((i + 1) * group, layout.channels); ++c) {
      const std::span<const float> channel = ChannelValues(values, layout, c, buffer);
      grids[c] = GridOfChannel(channel, FindExtremes(channel), options);
    }
  });
  return grids;
}

absl::Status CheckGrids(const std::vector<LinearGrid>& grids, std::span<const float> values,
                        Mode mode) {
  if (std::all_of(grids.begin(), grids.end(), IsRepresentable)) return absl::OkStatus();
  const size_t worst = WorstIndex(values);
  return CannotRepresent(values[worst], worst, mode);
}

void EncodeOnGrids(std::span<const float> values, const ChannelLayout& layout,
                   const std::vector<LinearGrid>& grids, PackedTensor& tensor) {
  const auto encode = [&](int64_t begin, std::span<uint8_t> codes) {
    const auto end = begin + static_cast<int64_t>(codes.size());
    ForEachRun(layout, begin, end, [&](int64_t channel, int64_t from, int64_t to) {
      EncodeGrid(values.subspan(from, to - from), grids[channel].code,
                 codes.data() + (from - begin));
    });
  };
  EncodePacked(static_cast<int64_t>(values.size()), encode, tensor);
}

absl::Status QuantizeLinear(std::span<const float> values, const Extremes& extremes,
                            const QuantizeOptions& options, PackedTensor& tensor) {
  const ChannelLayout layout = LayoutOf(tensor.shape, options.channel_axis, options.per_channel,
                                        static_cast<int64_t>(values.size()));
  const std::vector<LinearGrid> grids = GridsOf(values, layout, extremes, options);
  NBITS_RETURN_IF_ERROR(CheckGrids(grids, values, options.mode));
  for (const LinearGrid& grid : grids) {
    tensor.scale.push_back(grid.stored_scale());
    tensor.offset.push_back(grid.stored_offset());
  }
  EncodeOnGrids(values, layout, grids, tensor);
  return absl::OkStatus();
}

absl::Status QuantizeLinearTable(std::span<const float> values, const Extremes& extremes,
                                 const QuantizeOptions& options, PackedTensor& tensor) {
  const ChannelLayout whole{1, static_cast<int64_t>(values.size())};
  const std::vector<LinearGrid> grids = GridsOf(values, whole, extremes, options);
  NBITS_RETURN_IF_ERROR(CheckGrids(grids, values, options.mode));
  for (int i = 0; i < 1 << options.bits; ++i) {
    tensor.table.push_back(static_cast<float>(i * grids[0].scale + grids[0].offset));
  }
  EncodeOnGrids(values, whole, grids, tensor);
  return absl::OkStatus();
}

void EncodeNearest(std::span<const float> values, std::span<const float> entries,
                   PackedTensor& tensor) {
  const NearestEncoder encoder(entries, static_cast<int64_t>(values.size()));
  const auto encode = [&](int64_t begin, std::span<uint8_t> codes) {
    encoder.Encode(values.subspan(begin, codes.size()), codes.data());
  };
  EncodePacked(static_cast<int64_t>(values.size()), encode, tensor);
}

void QuantizeKMeans(std::span<const float> values, const QuantizeOptions& options,
                    PackedTensor& tensor) {
  tensor.table = KMeansTable(values, options.importance, 1 << options.bits);
  EncodeNearest(values, tensor.table, tensor);
  tensor.table.resize(size_t{1} << options.bits, 0.0f);
}

PackedTensor EmptyTensor(const Shape& shape, const QuantizeOptions& options) {
  PackedTensor tensor;
  tensor.scheme = FactsOf(options.mode).scheme;
  tensor.bits = options.bits;
  tensor.shape = shape;
  tensor.channel_axis = options.channel_axis;
  return tensor;
}

// A tensor without elements: one scale or channel scales of 0, or a table of zeros.
void FillWithoutElements(const QuantizeOptions& options, PackedTensor& tensor) {
  const SchemeTraits& traits = TraitsOf(tensor.scheme);
  if (traits.has_table) tensor.table.assign(size_t{1} << options.bits, 0.0f);
  if (!traits.has_scale) return;
  const int64_t channels = options.per_channel ? tensor.shape[options.channel_axis] : 1;
  // Such scales say nothing; a hostile shape like {2^40, 0} must not make us write them all.
  const size_t count = channels <= (1 << 20) ? static_cast<size_t>(channels) : 1;
  tensor.scale.assign(count, 0.0f);
  tensor.offset.assign(count, 0.0f);
}

absl::Status QuantizeFinite(std::span<const float> values, const Extremes& extremes,
                            const QuantizeOptions& options, PackedTensor& tensor) {
  if (!extremes.finite) {
    const size_t worst = WorstIndex(values);
    return CannotRepresent(values[worst], worst, options.mode);
  }
  if (tensor.scheme == Scheme::kLinear) return QuantizeLinear(values, extremes, options, tensor);
  if (options.mode == Mode::kLinearLut) {
    return QuantizeLinearTable(values, extremes, options, tensor);
  }
  if (options.mode == Mode::kKMeansLut) {
    QuantizeKMeans(values, options, tensor);
    return absl::OkStatus();
  }
  tensor.table.assign(options.table.begin(), options.table.end());
  EncodeNearest(values, tensor.table, tensor);
  return absl::OkStatus();
}

}  // namespace

std::optional<Mode> ParseMode(absl::string_view name) {
  for (size_t i = 0; i < kModes.size(); ++i) {
    if (kModes[i].name == name) return static_cast<Mode>(i);
  }
  return std::nullopt;
}

absl::string_view ModeName(Mode mode) { return FactsOf(mode).name; }

absl::StatusOr<PackedTensor> Quantize(std::span<const float> values, const Shape& shape,
                                      const QuantizeOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckOptions(values, shape, options));
  PackedTensor tensor = EmptyTensor(shape, options);
  if (options.mode == Mode::kFloat32) {
    StoreFloat32(values, tensor);
    return tensor;
  }
  const Extremes extremes = AllExtremes(values);
  if (options.mode == Mode::kFloat16) {
    NBITS_RETURN_IF_ERROR(CheckHalfRange(values, extremes));
    StoreFloat16(values, tensor);
    return tensor;
  }
  if (values.empty()) {
    AllocateBytes(tensor, 0);
    FillWithoutElements(options, tensor);
    return tensor;
  }
  NBITS_RETURN_IF_ERROR(QuantizeFinite(values, extremes, options, tensor));
  return tensor;
}

}  // namespace nbits
