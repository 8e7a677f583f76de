// SPDX-License-Identifier: Apache-2.0
#include "nbits/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "quantize/balanced_rounding.h"
#include "quantize/kmeans/kmeans.h"
#include "quantize/nearest_encoder.h"
#include "quantize/quantize_linear.h"
#include "quantize/requantize.h"
#include "quantize/value_source.h"
#include "tensor/half.h"
#include "tensor/kernels.h"
#include "tensor/packing.h"

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

bool IsBalanced(const QuantizeOptions& options) {
  return options.rounding == Rounding::kBalanced && CanBeBalanced(options.mode);
}

bool UsesChannels(const QuantizeOptions& options) {
  return options.per_channel &&
         (FactsOf(options.mode).scheme == Scheme::kLinear || IsBalanced(options));
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

absl::Status CheckOptions(int64_t values, const Shape& shape, const QuantizeOptions& options) {
  const ModeFacts& facts = FactsOf(options.mode);
  if (options.bits < facts.min_bits || options.bits > facts.max_bits) {
    return absl::InvalidArgumentError(absl::StrCat(options.bits, " bits in mode ", facts.name,
                                                   " (allowed: ", facts.min_bits, " to ",
                                                   facts.max_bits, ")"));
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  if (values != count) {
    return absl::InvalidArgumentError(
        absl::StrCat(values, " values for a shape of ", count, " elements"));
  }
  const int rank = static_cast<int>(shape.size());
  if (UsesChannels(options) && (options.channel_axis < 0 || options.channel_axis >= rank)) {
    return absl::InvalidArgumentError(
        absl::StrCat("channel axis ", options.channel_axis, " of a rank-", rank, " tensor"));
  }
  NBITS_RETURN_IF_ERROR(CheckTable(options));
  return CheckImportance(options, static_cast<size_t>(values));
}

// Infinite and NaN weights pass as what they are; finite ones must not become infinite.
bool FitHalf(std::span<const float> values) {
  const Extremes extremes = FindExtremes(values);
  const float largest = std::max(extremes.maximum, -extremes.minimum);
  if (extremes.finite && largest < kHalfOverflow) return true;
  return std::none_of(values.begin(), values.end(), LeavesHalfRange);
}

// Names the value of the largest magnitude that becomes infinite.
absl::Status CannotBeHalf(std::span<const float> values) {
  size_t worst = 0;
  float magnitude = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!LeavesHalfRange(values[i]) || std::abs(values[i]) <= magnitude) continue;
    worst = i;
    magnitude = std::abs(values[i]);
  }
  return CannotRepresent(values, worst, Mode::kFloat16);
}

absl::Status StoreFloat32(const ValueSource& source, PackedTensor& tensor, ValueErrors* errors) {
  const std::span<std::byte> bytes = AllocateBytes(tensor, 4 * source.size());
  const auto store = [&](int64_t begin, std::span<const float> values) {
    std::memcpy(bytes.data() + 4 * begin, values.data(), values.size_bytes());
    return true;
  };
  EncodePieces(source, kTileElements, store, tensor, errors);
  return absl::OkStatus();
}

absl::Status StoreFloat16(const ValueSource& source, PackedTensor& tensor, ValueErrors* errors) {
  const std::span<std::byte> bytes = AllocateBytes(tensor, 2 * source.size());
  auto* halves = reinterpret_cast<uint16_t*>(bytes.data());
  const auto store = [&](int64_t begin, std::span<const float> values) {
    if (!FitHalf(values)) return false;
    EncodeHalf(values, halves + begin);
    return true;
  };
  if (EncodePieces(source, kTileElements, store, tensor, errors)) return absl::OkStatus();
  std::vector<float> decoded;
  return CannotBeHalf(source.All(decoded));
}

void EncodeNearest(std::span<const float> values, std::span<const float> entries,
                   PackedTensor& tensor) {
  const NearestEncoder encoder(entries, static_cast<int64_t>(values.size()));
  const auto encode = [&](int64_t begin, std::span<uint8_t> codes) {
    encoder.Encode(values.subspan(begin, codes.size()), codes.data());
  };
  EncodePacked(static_cast<int64_t>(values.size()), encode, tensor);
}

void Balance(std::span<const float> values, const QuantizeOptions& options, PackedTensor& tensor) {
  if (!IsBalanced(options)) return;
  const ChannelLayout layout = LayoutOf(tensor.shape, options.channel_axis, options.per_channel,
                                        static_cast<int64_t>(values.size()));
  BalanceTensor(values, layout, tensor);
}

void QuantizeKMeans(std::span<const float> values, const QuantizeOptions& options,
                    PackedTensor& tensor) {
  tensor.table = KMeansTable(values, options.importance, 1 << options.bits);
  EncodeNearest(values, tensor.table, tensor);
  Balance(values, options, tensor);
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

// The forms that need all values at once.
absl::Status QuantizeValues(std::span<const float> values, const QuantizeOptions& options,
                            PackedTensor& tensor) {
  if (tensor.scheme == Scheme::kLinear) return QuantizeLinear(values, options, tensor);
  if (options.mode == Mode::kLinearLut) {
    NBITS_RETURN_IF_ERROR(QuantizeLinearTable(values, options, tensor));
    Balance(values, options, tensor);
    return absl::OkStatus();
  }
  if (!AllExtremes(values).finite) return CannotRepresent(values, options.mode);
  if (options.mode == Mode::kKMeansLut) {
    QuantizeKMeans(values, options, tensor);
    return absl::OkStatus();
  }
  tensor.table.assign(options.table.begin(), options.table.end());
  EncodeNearest(values, tensor.table, tensor);
  return absl::OkStatus();
}

absl::Status QuantizeInMemory(std::span<const float> values, const QuantizeOptions& options,
                              PackedTensor& tensor, ValueErrors* errors) {
  NBITS_RETURN_IF_ERROR(QuantizeValues(values, options, tensor));
  if (errors != nullptr) *errors = AllErrors(tensor, values);
  return absl::OkStatus();
}

absl::Status Store(const ValueSource& source, const QuantizeOptions& options, PackedTensor& tensor,
                   ValueErrors* errors) {
  if (options.mode == Mode::kFloat32) return StoreFloat32(source, tensor, errors);
  if (options.mode == Mode::kFloat16) return StoreFloat16(source, tensor, errors);
  if (source.size() == 0) {
    AllocateBytes(tensor, 0);
    FillWithoutElements(options, tensor);
    return absl::OkStatus();
  }
  if (tensor.scheme == Scheme::kLinear) {
    const ChannelLayout layout =
        LayoutOf(tensor.shape, options.channel_axis, options.per_channel, source.size());
    if (IsSideBySide(layout, source.size())) {
      return QuantizeChannels(source, layout, options, tensor, errors);
    }
  }
  std::vector<float> decoded;
  return QuantizeInMemory(source.All(decoded), options, tensor, errors);
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
  const ValueSource source(values);
  NBITS_RETURN_IF_ERROR(CheckOptions(source.size(), shape, options));
  PackedTensor tensor = EmptyTensor(shape, options);
  NBITS_RETURN_IF_ERROR(Store(source, options, tensor, nullptr));
  return tensor;
}

absl::StatusOr<Requantized> Requantize(const PackedTensor& source, const QuantizeOptions& options) {
  const ValueSource values(source);
  NBITS_RETURN_IF_ERROR(CheckOptions(values.size(), source.shape, options));
  Requantized result{EmptyTensor(source.shape, options), {}};
  NBITS_RETURN_IF_ERROR(Store(values, options, result.tensor, &result.errors));
  return result;
}

ValueErrors AllErrors(const PackedTensor& tensor, std::span<const float> values) {
  ValueErrors errors;
  const auto keep = [](int64_t, std::span<const float>) { return true; };
  EncodePieces(ValueSource(values), kTileElements, keep, tensor, &errors);
  return errors;
}

}  // namespace nbits
