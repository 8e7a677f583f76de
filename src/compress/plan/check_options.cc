// SPDX-License-Identifier: Apache-2.0
// What can be said against options before there is a model.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compress/plan/selection.h"
#include "compress/weight_format.h"
#include "nbits/plan.h"

namespace nbits {
namespace {

std::vector<WeightFormat> AllFormats(const CompressOptions& options) {
  std::vector<WeightFormat> formats;
  if (!options.only_rules) formats.push_back({.mode = options.mode, .bits = options.bits});
  for (const auto& rule : options.types) formats.push_back(rule.second);
  for (const NamedFormat& rule : options.layers) formats.push_back(rule.format);
  std::erase_if(formats, [](const WeightFormat& format) { return format.keep; });
  return formats;
}

absl::Status CheckTables(const std::vector<WeightFormat>& formats, const CompressOptions& options) {
  if (!options.tables.empty() || options.table_function) return absl::OkStatus();
  for (const WeightFormat& format : formats) {
    if (format.mode != Mode::kCustomLut) continue;
    return absl::InvalidArgumentError(
        "custom_lut takes a table of the caller's, and none is there");
  }
  return absl::OkStatus();
}

absl::Status CheckCoremltools(const std::vector<WeightFormat>& formats,
                              const CompressOptions& options) {
  if (options.policy != Policy::kCoremltools) return absl::OkStatus();
  if (options.range == Range::kMeanSquaredError) {
    return absl::InvalidArgumentError("coremltools has no ranges of least squared error");
  }
  if (options.rounding == Rounding::kBalanced) {
    return absl::InvalidArgumentError("coremltools has no balanced rounding");
  }
  for (const WeightFormat& format : formats) {
    if (format.mode != Mode::kLinearSymmetric || format.bits == 8) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("coremltools' linear_symmetric takes 8 bits only, not ", format.bits));
  }
  return absl::OkStatus();
}

absl::Status CheckTypes(const CompressOptions& options) {
  std::vector<std::string> types = options.conditions.only_types;
  types.insert(types.end(), options.conditions.skip_types.begin(),
               options.conditions.skip_types.end());
  for (const auto& rule : options.types) types.push_back(rule.first);
  for (const std::string& type : types) {
    if (IsKnownType(type)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("\"", type, "\" is no type of layer that has weights: ", KnownTypes()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOptions(const CompressOptions& options) {
  const std::vector<WeightFormat> formats = AllFormats(options);
  for (const WeightFormat& format : formats) NBITS_RETURN_IF_ERROR(CheckFormat(format));
  NBITS_RETURN_IF_ERROR(CheckTables(formats, options));
  NBITS_RETURN_IF_ERROR(CheckCoremltools(formats, options));
  return CheckTypes(options);
}

}  // namespace nbits
