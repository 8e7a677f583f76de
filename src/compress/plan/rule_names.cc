// SPDX-License-Identifier: Apache-2.0
#include "compress/plan/rule_names.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest.h"
#include "base/status_macros.h"
#include "compress/plan/selection.h"
#include "formats/name_pattern.h"

namespace nbits {
namespace {

constexpr size_t kNearest = 3;

// Layers' names, or weights' where the pattern has a weight's form.
std::vector<std::string> Names(const Model& model, bool of_weights) {
  std::vector<std::string> names;
  for (const WeightRef& weight : model.weights()) {
    const std::string& name = of_weights ? weight.path : weight.layer;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::string NearestText(const Model& model, const std::string& pattern) {
  const std::vector<std::string> layers = Names(model, /*of_weights=*/false);
  const std::vector<std::string> weights = Names(model, /*of_weights=*/true);
  const bool of_weights = absl::EndsWith(pattern, "/weights") || absl::EndsWith(pattern, "/bias");
  const auto nearest = NearestNames(pattern, of_weights ? weights : layers, kNearest);
  return nearest.empty() ? "" : absl::StrCat("; the nearest are ", absl::StrJoin(nearest, ", "));
}

absl::Status CheckPattern(const Model& model, const std::string& pattern) {
  const auto weights = model.weights();
  const bool matches = std::any_of(weights.begin(), weights.end(), [&](const WeightRef& weight) {
    return MatchesWeight(pattern, weight);
  });
  if (matches) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("no layer with weights and no weight is called \"", pattern, "\"",
                   NearestText(model, pattern),
                   " (nbits info MODEL --weights lists all; layers that are folded into others are "
                   "gone, see --no-fold)"));
}

std::string TypesOf(const Model& model) {
  std::set<std::string> types;
  for (const WeightRef& weight : model.weights()) types.insert(weight.layer_type);
  return types.empty() ? "none" : absl::StrJoin(types, ", ");
}

// One of several types may be absent: they are known words, and a command may be meant for many
// models.
absl::Status CheckTypes(const Model& model, const std::vector<LayerFacts>& facts,
                        const std::vector<std::string>& types) {
  for (const std::string& type : types) {
    for (size_t i = 0; i < facts.size(); ++i) {
      if (IsOfType(model.weights()[i], facts[i], type)) return absl::OkStatus();
    }
  }
  if (types.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("no layer with weights is of type ",
                                                 absl::StrJoin(types, " or "),
                                                 "; those of this model are of ", TypesOf(model)));
}

absl::Status CheckPatterns(const Model& model, const CompressOptions& options) {
  std::vector<std::string> patterns;
  for (const NamedFormat& rule : options.layers) patterns.push_back(rule.pattern);
  for (const NamedTable& table : options.tables) patterns.push_back(table.pattern);
  for (const auto* more : {&options.keep, &options.conditions.only_layers}) {
    patterns.insert(patterns.end(), more->begin(), more->end());
  }
  for (const std::string& pattern : patterns) NBITS_RETURN_IF_ERROR(CheckPattern(model, pattern));
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRuleNames(const Model& model, const std::vector<LayerFacts>& facts,
                            const CompressOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckPatterns(model, options));
  NBITS_RETURN_IF_ERROR(CheckTypes(model, facts, options.conditions.only_types));
  std::vector<std::string> types;
  for (const auto& rule : options.types) types.push_back(rule.first);
  return CheckTypes(model, facts, types);
}

}  // namespace nbits
