// SPDX-License-Identifier: Apache-2.0
#include "compress/convert.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compress/trouble.h"
#include "quantize/requantize.h"
#include "tensor/packing.h"

namespace nbits {
namespace {

absl::Status AtWeight(const WeightRef& weight, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("weight ", weight.path, ": ", status.message()));
}

Finding MakeFinding(const WeightRef& weight, const TroubleCount& count) {
  return {count.trouble, weight.path, weight.layer, count.count, count.total, count.worst};
}

void AddFinding(const WeightRef& weight, const TroubleCount& count,
                std::vector<Finding>& findings) {
  if (count.count > 0) findings.push_back(MakeFinding(weight, count));
}

// The bits that a weight was quantized to before; 0 when it holds floats.
int QuantizedBits(const PackedTensor& tensor) {
  const bool is_float = tensor.scheme == Scheme::kFloat32 || tensor.scheme == Scheme::kFloat16;
  return is_float ? 0 : tensor.bits;
}

// What shows in the weight's old form and in its new one.
void AddPackedFindings(const WeightRef& weight, const PlanEntry& entry, int64_t entries,
                       const PackedTensor& packed, std::vector<Finding>& findings) {
  AddFinding(weight, CountConstantChannels(packed), findings);
  AddFinding(weight, CountUnusedEntries(packed, entries), findings);
  const int before = QuantizedBits(weight.tensor);
  if (before == 0 || entry.mode == Mode::kFloat32 || entry.mode == Mode::kFloat16) return;
  const int64_t elements = ElementCount(weight.tensor.shape).value_or(0);
  AddFinding(weight, {Trouble::kQuantizedBefore, elements, elements, static_cast<float>(before)},
             findings);
}

QuantizeOptions OptionsFor(const WeightRef& weight, const PlanEntry& entry,
                           std::span<const float> table) {
  QuantizeOptions options;
  options.mode = entry.mode;
  options.bits = entry.mode == Mode::kFloat32 ? 32 : entry.bits;
  options.channel_axis = weight.tensor.channel_axis;
  options.per_channel = entry.per_channel;
  options.range = entry.range;
  options.rounding = entry.rounding;
  options.table = table;
  return options;
}

absl::StatusOr<std::vector<float>> ValuesOf(const WeightRef& weight) {
  std::vector<float> values(static_cast<size_t>(ElementCount(weight.tensor.shape).value_or(0)));
  NBITS_RETURN_IF_ERROR(Dequantize(weight.tensor, values));
  return values;
}

// A caller's table, and the weight's values where its function has seen them.
struct TableAndValues {
  CustomTable table;
  std::optional<std::vector<float>> values;
};

absl::StatusOr<TableAndValues> TableOf(const WeightRef& weight, const PlanEntry& entry,
                                       const TableFunction& table_function) {
  if (entry.mode != Mode::kCustomLut) return TableAndValues();
  if (!entry.table.empty()) return TableAndValues{{entry.table, {}}, {}};
  if (!table_function) return absl::InvalidArgumentError("no table");
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, ValuesOf(weight));
  NBITS_ASSIGN_OR_RETURN(CustomTable table, table_function(weight, values, entry.bits));
  return TableAndValues{std::move(table), std::move(values)};
}

// Fills the table up to 2^bits by repeating its last entry, which no weight then uses.
absl::Status FillUp(int bits, CustomTable& table) {
  const size_t most = size_t{1} << bits;
  if (table.table.empty() || table.table.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat("a table of ", table.table.size(), " entries for ", bits, " bits"));
  }
  table.table.resize(most, table.table.back());
  return absl::OkStatus();
}

// The form that the caller has made itself.
absl::StatusOr<PackedTensor> PackIndices(const WeightRef& weight, const PlanEntry& entry,
                                         const CustomTable& table) {
  const int64_t elements = ElementCount(weight.tensor.shape).value_or(0);
  const auto is_inside = [&table](uint8_t index) { return index < table.table.size(); };
  if (static_cast<int64_t>(table.indices.size()) != elements ||
      !std::all_of(table.indices.begin(), table.indices.end(), is_inside)) {
    return absl::InvalidArgumentError("indices that do not fit the weight or the table");
  }
  PackedTensor packed;
  packed.scheme = Scheme::kLookupTable;
  packed.bits = entry.bits;
  packed.shape = weight.tensor.shape;
  packed.channel_axis = weight.tensor.channel_axis;
  packed.table = table.table;
  const auto encode = [&table](int64_t begin, std::span<uint8_t> codes) {
    std::copy_n(table.indices.begin() + begin, codes.size(), codes.begin());
  };
  EncodePacked(elements, encode, packed);
  NBITS_RETURN_IF_ERROR(Validate(packed));
  return packed;
}

absl::StatusOr<Requantized> Pack(const WeightRef& weight, const PlanEntry& entry,
                                 const TableAndValues& given) {
  const CustomTable& table = given.table;
  const QuantizeOptions options = OptionsFor(weight, entry, table.table);
  if (!given.values) return Requantize(weight.tensor, options);
  NBITS_ASSIGN_OR_RETURN(PackedTensor packed,
                         table.indices.empty()
                             ? Quantize(*given.values, weight.tensor.shape, options)
                             : PackIndices(weight, entry, table));
  const ValueErrors errors = AllErrors(packed, *given.values);
  return Requantized{std::move(packed), errors};
}

// What a weight is that Quantize refused.
TroubleCount Unrepresentable(std::span<const float> values, Mode mode) {
  return mode == Mode::kFloat16 ? CountAboveFloat16(values) : CountNotFinite(values);
}

// The mode cannot hold all values: an error, the weight as it was, or its nearest values.
absl::StatusOr<Conversion> HandleOverflow(const WeightRef& weight, const PlanEntry& entry,
                                          Overflow on_overflow, const CustomTable& table,
                                          const absl::Status& refused) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, ValuesOf(weight));
  const TroubleCount count = Unrepresentable(values, entry.mode);
  if (count.count == 0) return AtWeight(weight, refused);  // The grid's own overflow.
  const Finding finding = MakeFinding(weight, count);
  if (on_overflow == Overflow::kError) {
    return absl::FailedPreconditionError(absl::StrCat("weight ", FindingText(finding)));
  }
  Conversion conversion{std::nullopt, {}, {finding}};
  if (on_overflow == Overflow::kKeepFloat) return conversion;
  const std::vector<float> clamped = Clamped(values, entry.mode);
  auto packed = Quantize(clamped, weight.tensor.shape, OptionsFor(weight, entry, table.table));
  if (!packed.ok()) return AtWeight(weight, packed.status());
  conversion.errors = AllErrors(*packed, values);
  conversion.packed = *std::move(packed);
  return conversion;
}

}  // namespace

absl::StatusOr<Conversion> ConvertWeight(const WeightRef& weight, const PlanEntry& entry,
                                         Overflow on_overflow,
                                         const TableFunction& table_function) {
  auto given = TableOf(weight, entry, table_function);
  int64_t entries = int64_t{1} << (entry.bits & 15);
  if (given.ok() && entry.mode == Mode::kCustomLut) {
    entries = static_cast<int64_t>(given->table.table.size());
    if (const absl::Status filled = FillUp(entry.bits, given->table); !filled.ok()) given = filled;
  }
  if (!given.ok()) return AtWeight(weight, given.status());
  auto packed = Pack(weight, entry, *given);
  Conversion conversion;
  if (packed.ok()) {
    conversion.packed = std::move(packed->tensor);
    conversion.errors = packed->errors;
  } else if (packed.status().code() == absl::StatusCode::kFailedPrecondition) {
    NBITS_ASSIGN_OR_RETURN(
        conversion, HandleOverflow(weight, entry, on_overflow, given->table, packed.status()));
  } else {
    return AtWeight(weight, packed.status());
  }
  if (conversion.packed) {
    AddPackedFindings(weight, entry, entries, *conversion.packed, conversion.findings);
  }
  return conversion;
}

}  // namespace nbits
