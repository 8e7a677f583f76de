// SPDX-License-Identifier: Apache-2.0
// From words and numbers that stand for things to places and back.
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/import/transform.h"
#include "pipeline/values.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

// Things in a list by their place; of equals the first.
struct Places {
  bool integers = false;
  size_t count = 0;
  std::unordered_map<std::string, size_t> place;

  template <typename Text, typename Integers>
  static Places Of(bool integers, const Text& text, const Integers& numbers) {
    Places places{integers, 0, {}};
    if (integers) {
      for (const int64_t number : numbers) places.Add(absl::StrCat(number));
    } else {
      for (const std::string& word : text) places.Add(word);
    }
    return places;
  }

  void Add(const std::string& thing) { place.emplace(thing, count++); }
};

// Integers as decimal text, which is how they are looked up.
absl::StatusOr<std::string> Key(const FeatureValue& value, bool integers) {
  if (!integers) return ToText(value);
  NBITS_ASSIGN_OR_RETURN(const int64_t number, ToInteger(value));
  return absl::StrCat(number);
}

absl::Status Unknown(const std::string& key) {
  return absl::InvalidArgumentError(absl::StrCat("'", key, "' is none that the model knows"));
}

absl::StatusOr<FeatureValue> OneHot(const Places& places, bool ignore_unknown,
                                    const FeatureValue& value) {
  NBITS_ASSIGN_OR_RETURN(const std::string key, Key(value, places.integers));
  const auto found = places.place.find(key);
  if (found == places.place.end() && !ignore_unknown) return Unknown(key);
  DoubleArray array{{static_cast<int64_t>(places.count)}, std::vector<double>(places.count)};
  if (found != places.place.end()) array.values[found->second] = 1;
  return array;
}

absl::StatusOr<FeatureValue> Vectorize(const Places& places, const FeatureValue& value) {
  NBITS_ASSIGN_OR_RETURN(const Dictionary dictionary, ToDictionary(value));
  DoubleArray array{{static_cast<int64_t>(places.count)}, std::vector<double>(places.count)};
  for (const auto& [key, number] : dictionary.entries) {
    const auto found = places.place.find(key);
    if (found == places.place.end()) return Unknown(key);
    array.values[found->second] = number;
  }
  return array;
}

// Texts by what they are mapped from, and what all else is mapped to.
struct Mapping {
  bool from_integers = false;
  std::unordered_map<std::string, FeatureValue> values;
  std::optional<FeatureValue> unknown;
};

absl::StatusOr<FeatureValue> Map(const Mapping& mapping, const FeatureValue& value) {
  NBITS_ASSIGN_OR_RETURN(const std::string key, Key(value, mapping.from_integers));
  const auto found = mapping.values.find(key);
  if (found != mapping.values.end()) return found->second;
  if (!mapping.unknown) return Unknown(key);
  return *mapping.unknown;
}

}  // namespace

MadeStage MakeOneHotEncoder(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::OneHotEncoder>(source));
  Places places = Places::Of(params.has_int64categories(), params.stringcategories().vector(),
                             params.int64categories().vector());
  const bool ignore = params.handleunknown() == schema::OneHotEncoder::IgnoreUnknown;
  return MakeNeedyTransform(std::move(source),
                            [places = std::move(places), ignore](const FeatureValue& value) {
                              return OneHot(places, ignore, value);
                            });
}

MadeStage MakeDictVectorizer(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::DictVectorizer>(source));
  Places places = Places::Of(params.has_int64toindex(), params.stringtoindex().vector(),
                             params.int64toindex().vector());
  return MakeNeedyTransform(
      std::move(source),
      [places = std::move(places)](const FeatureValue& value) { return Vectorize(places, value); });
}

MadeStage MakeCategoricalMapping(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::CategoricalMapping>(source));
  Mapping mapping;
  mapping.from_integers = params.has_int64tostringmap();
  for (const auto& [from, to] : params.stringtoint64map().map()) mapping.values[from] = to;
  for (const auto& [from, to] : params.int64tostringmap().map()) {
    mapping.values[absl::StrCat(from)] = to;
  }
  using schema::CategoricalMapping;
  if (params.ValueOnUnknown_case() == CategoricalMapping::kStrValue) {
    mapping.unknown = params.strvalue();
  } else if (params.ValueOnUnknown_case() == CategoricalMapping::kInt64Value) {
    mapping.unknown = int64_t{params.int64value()};
  }
  return MakeNeedyTransform(
      std::move(source),
      [mapping = std::move(mapping)](const FeatureValue& value) { return Map(mapping, value); });
}

}  // namespace nbits
