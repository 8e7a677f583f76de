// SPDX-License-Identifier: Apache-2.0
#include "cli/run/run_values.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "data/shape.h"
#include "nbits/input.h"
#include "nbits/npy.h"

namespace nbits::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownEntries = 5;

absl::Status NotA(const FeatureDescription& feature, const std::string& text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" does not fit ", DescribeValue(feature)));
}

absl::StatusOr<FeatureValue> ParseNumber(const FeatureDescription& feature,
                                         const std::string& text) {
  int64_t integer = 0;
  double number = 0;
  if (feature.kind == FeatureKind::kInt64 && absl::SimpleAtoi(text, &integer)) return integer;
  if (absl::EndsWithIgnoreCase(text, ".npy")) {
    NBITS_ASSIGN_OR_RETURN(Tensor tensor, ReadNpy(text));
    if (tensor.values.size() == 1) return tensor;
    return absl::InvalidArgumentError(absl::StrCat(text, " holds ", tensor.values.size(),
                                                   " values, input '", feature.name,
                                                   "' is one number"));
  }
  if (!absl::SimpleAtod(text, &number)) return NotA(feature, text);
  if (feature.kind == FeatureKind::kInt64 && std::floor(number) != number) {
    return NotA(feature, text);
  }
  return number;
}

absl::StatusOr<FeatureValue> ParseDictionary(const FeatureDescription& feature,
                                             const std::string& text) {
  std::string json = text;
  if (!absl::StartsWith(text, "{")) {
    NBITS_ASSIGN_OR_RETURN(json, ReadFile(text));
  }
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return NotA(feature, text);
  Dictionary dictionary{true, {}};
  for (const auto& [key, value] : object.items()) {
    int64_t integer = 0;
    if (!value.is_number()) return NotA(feature, text);
    dictionary.integer_keys = dictionary.integer_keys && absl::SimpleAtoi(key, &integer);
    dictionary.entries.emplace_back(key, value.get<double>());
  }
  return dictionary;
}

// "5.1,3.5": nothing when a part is no number.
std::optional<FeatureValue> ParseList(const FeatureDescription& feature, const std::string& text) {
  Tensor tensor;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    float number = 0;
    if (!absl::SimpleAtof(part, &number)) return std::nullopt;
    tensor.values.push_back(number);
  }
  tensor.shape = {static_cast<int64_t>(tensor.values.size())};
  if (WithoutOnes(feature.shape) == WithoutOnes(tensor.shape)) tensor.shape = feature.shape;
  return tensor;
}

// The largest values first, as probabilities are read.
std::vector<std::pair<std::string, double>> Largest(const Dictionary& dictionary) {
  std::vector<std::pair<std::string, double>> entries = dictionary.entries;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (entries.size() > kShownEntries) entries.resize(kShownEntries);
  return entries;
}

std::string DictionaryText(const Dictionary& dictionary) {
  std::string text = absl::StrFormat("%d entries\n", dictionary.entries.size());
  for (const auto& [key, value] : Largest(dictionary)) {
    absl::StrAppendFormat(&text, "  %10.6g  %s\n", value, Printable(key));
  }
  return text;
}

std::string ValueText(const FeatureValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return Printable(*text) + "\n";
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer, "\n");
  if (const auto* number = std::get_if<double>(&value)) return absl::StrFormat("%.9g\n", *number);
  if (const auto* dictionary = std::get_if<Dictionary>(&value)) return DictionaryText(*dictionary);
  return "an array\n";
}

Json ValueJson(const FeatureValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  Json object = Json::object();
  if (const auto* dictionary = std::get_if<Dictionary>(&value)) {
    for (const auto& [key, entry] : dictionary->entries) object[key] = entry;
  }
  return object;
}

}  // namespace

std::string DescribeValue(const FeatureDescription& feature) {
  switch (feature.kind) {
    case FeatureKind::kInt64:
      return absl::StrCat("whole number '", feature.name, "': such as 3");
    case FeatureKind::kDouble:
      return absl::StrCat("number '", feature.name, "': such as 3.5");
    case FeatureKind::kString:
      return absl::StrCat("text '", feature.name, "'");
    case FeatureKind::kDictionary:
      return absl::StrCat("dictionary '", feature.name,
                          "': numbers such as {\"rooms\": 3}, or a .json file of them");
    default:
      return DescribeInput(feature);
  }
}

absl::StatusOr<std::optional<FeatureValue>> ParseValue(const FeatureDescription& feature,
                                                       const std::string& text) {
  std::error_code error;
  std::optional<FeatureValue> value;
  switch (feature.kind) {
    case FeatureKind::kInt64:
    case FeatureKind::kDouble: {
      NBITS_ASSIGN_OR_RETURN(value, ParseNumber(feature, text));
      return value;
    }
    case FeatureKind::kString:
      return FeatureValue(text);
    case FeatureKind::kDictionary: {
      NBITS_ASSIGN_OR_RETURN(value, ParseDictionary(feature, text));
      return value;
    }
    case FeatureKind::kMultiArray:
      if (!std::filesystem::exists(text, error)) value = ParseList(feature, text);
      return value;
    default:
      return value;
  }
}

std::string ValuesJson(const FeatureMap& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = ValueJson(value);
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ValuesText(const FeatureMap& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    absl::StrAppend(&text, Printable(name), "  ", ValueText(value));
  }
  return text;
}

}  // namespace nbits::cli
