// SPDX-License-Identifier: Apache-2.0
// Puts usual values in place of missing ones.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/import/transform.h"
#include "pipeline/values.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

using schema::Imputer;

// The number that stands for a missing one: NaN where the model does not say.
double MissingNumber(const Imputer& params) {
  if (params.has_replacedoublevalue()) return params.replacedoublevalue();
  if (params.has_replaceint64value()) return static_cast<double>(params.replaceint64value());
  return std::numeric_limits<double>::quiet_NaN();
}

bool IsMissing(double value, double missing) {
  return std::isnan(missing) ? std::isnan(value) : value == missing;
}

// One for all, or one for each.
std::vector<double> ImputedNumbers(const Imputer& params) {
  switch (params.ImputedValue_case()) {
    case Imputer::kImputedDoubleValue:
      return {params.imputeddoublevalue()};
    case Imputer::kImputedInt64Value:
      return {static_cast<double>(params.imputedint64value())};
    case Imputer::kImputedDoubleArray:
      return {params.imputeddoublearray().vector().begin(),
              params.imputeddoublearray().vector().end()};
    default:
      return {params.imputedint64array().vector().begin(),
              params.imputedint64array().vector().end()};
  }
}

absl::StatusOr<FeatureValue> ImputeNumbers(const Imputer& params, const FeatureValue* value) {
  const std::vector<double> imputed = ImputedNumbers(params);
  if (value == nullptr) return DoubleArray{{static_cast<int64_t>(imputed.size())}, imputed};
  const double missing = MissingNumber(params);
  NBITS_ASSIGN_OR_RETURN(DoubleArray array, ToArray(*value));
  if (imputed.size() != 1 && imputed.size() != array.values.size()) {
    return absl::InvalidArgumentError(absl::StrCat("it holds ", array.values.size(),
                                                   " numbers, the imputer has ", imputed.size()));
  }
  for (size_t i = 0; i < array.values.size(); ++i) {
    if (!IsMissing(array.values[i], missing)) continue;
    array.values[i] = imputed.size() == 1 ? imputed[0] : imputed[i];
  }
  return array;
}

// Integers pass as such: a double would round the largest.
absl::StatusOr<FeatureValue> ImputeInteger(const Imputer& params, const FeatureValue* value) {
  if (value != nullptr && !std::holds_alternative<int64_t>(*value)) {
    return ImputeNumbers(params, value);
  }
  const bool missing =
      value == nullptr ||
      (params.has_replaceint64value() && std::get<int64_t>(*value) == params.replaceint64value());
  return missing ? FeatureValue(int64_t{params.imputedint64value()}) : *value;
}

absl::StatusOr<FeatureValue> ImputeText(const Imputer& params, const FeatureValue* value) {
  if (value == nullptr) return params.imputedstringvalue();
  NBITS_ASSIGN_OR_RETURN(const std::string text, ToText(*value));
  const bool missing = params.has_replacestringvalue() && text == params.replacestringvalue();
  return missing ? params.imputedstringvalue() : text;
}

// What the dictionary lacks, and NaN, comes from the model's own.
template <typename Own>
absl::StatusOr<FeatureValue> ImputeDictionary(const Own& own, bool integers,
                                              const FeatureValue* value) {
  Dictionary dictionary{integers, {}};
  if (value != nullptr) {
    NBITS_ASSIGN_OR_RETURN(dictionary, ToDictionary(*value));
  }
  std::map<std::string, double> entries;
  for (const auto& [key, number] : own) entries[absl::StrCat(key)] = number;
  for (const auto& [key, number] : dictionary.entries) {
    if (!std::isnan(number) || !entries.contains(key)) entries[key] = number;
  }
  dictionary.entries.assign(entries.begin(), entries.end());
  return dictionary;
}

absl::StatusOr<FeatureValue> Impute(const Imputer& params, const FeatureValue* value) {
  switch (params.ImputedValue_case()) {
    case Imputer::kImputedInt64Value:
      return ImputeInteger(params, value);
    case Imputer::kImputedStringValue:
      return ImputeText(params, value);
    case Imputer::kImputedStringDictionary:
      return ImputeDictionary(params.imputedstringdictionary().map(), false, value);
    case Imputer::kImputedInt64Dictionary:
      return ImputeDictionary(params.imputedint64dictionary().map(), true, value);
    default:
      return ImputeNumbers(params, value);
  }
}

}  // namespace

MadeStage MakeImputer(Source source) {
  NBITS_ASSIGN_OR_RETURN(auto params, ParseContent<Imputer>(source));
  if (params.ImputedValue_case() == Imputer::IMPUTEDVALUE_NOT_SET) {
    return absl::InvalidArgumentError("it does not say what to put in place of missing values");
  }
  return MakeTransform(std::move(source), [params = std::move(params)](const FeatureValue* value) {
    return Impute(params, value);
  });
}

}  // namespace nbits
