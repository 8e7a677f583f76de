// SPDX-License-Identifier: Apache-2.0
#include "results/verdict_to_json.h"

#include <algorithm>
#include <optional>

#include "results/loss.h"
#include "results/metric_fields.h"
#include "results/verdict.h"
#include "results/words.h"

namespace nbits {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json Facts(const Results& results, const Verdict& verdict) {
  Json standings = Json::array();
  for (Standing each : verdict.standings) standings.push_back(StandingName(each));
  return {{"allowed_loss", verdict.allowed_loss},
          {"smallest", OrNull(verdict.smallest)},
          {"recommended", OrNull(verdict.recommended)},
          {"closest", OrNull(verdict.closest)},
          {"pictures_needed", OrNull(verdict.pictures_needed)},
          {"standings", standings},
          {"words", VerdictSentences(results, verdict)}};
}

// What the page's choice of an allowed loss leads to.
Json Choices(const Results& results, const MetricField& measure, double stated) {
  Json json = Json::array();
  for (double loss : AllowedLosses(measure, stated)) {
    const auto verdict = MakeVerdict(results, loss);
    if (!verdict || verdict->metric != measure.name) continue;
    json.push_back(Facts(results, *verdict));
    json.back()["limit"] = LimitText(results, measure, loss);
  }
  return json;
}

}  // namespace

Json MeasuresToJson(const Results& results) {
  Json json = Json::array();
  for (const MetricField& field : kMetricFields) {
    const auto has = [&](const VariantResult& row) {
      return (row.metrics.*field.member).has_value();
    };
    if (std::none_of(results.variants.begin(), results.variants.end(), has)) continue;
    constexpr const char* kUnits[] = {"share", "decibels", "number"};
    json.push_back({{"name", field.name},
                    {"title", MeasureTitle(results, field.name)},
                    {"meaning", field.meaning},
                    {"unit", kUnits[static_cast<size_t>(field.unit)]},
                    {"against", field.reference == Against::kTruth ? "truth" : "original"},
                    {"less_is_better", field.less_is_better}});
  }
  return json;
}

Json VerdictToJson(const Results& results) {
  if (!results.verdict) return nullptr;
  const Verdict& verdict = *results.verdict;
  Json json = Facts(results, verdict);
  json["metric"] = verdict.metric;
  json["doubtful_truth"] = verdict.doubtful_truth;
  json["pictures"] = verdict.pictures;
  if (const MetricField* measure = FindMetric(verdict.metric)) {
    json["choices"] = Choices(results, *measure, verdict.allowed_loss);
  }
  return json;
}

}  // namespace nbits
