// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/quantize/quantize_report.h"

namespace nbits::cli {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no infinity: an exact weight's SNR is null.
Json Finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json PathOrNull(const std::string& path) { return path.empty() ? Json(nullptr) : Json(path); }

std::string TroubleName(Trouble trouble) {
  static constexpr std::array<const char*, 7> kNames = {
      "not_finite",           "above_float16",    "below_float16", "constant_channels",
      "unused_table_entries", "quantized_before", "other_form"};
  return kNames[static_cast<size_t>(trouble)];
}

Json ToJson(const WeightRow& row) {
  Json json = {{"path", row.path},
               {"layer", row.layer},
               {"layer_type", row.layer_type},
               {"elements", row.elements},
               {"from", row.from},
               {"bytes_before", row.bytes_before},
               {"bytes_after", row.bytes_after}};
  if (row.error == nullptr) {
    json["reason"] = row.reason;
    return json;
  }
  json["mode"] = std::string(ModeName(row.error->mode));
  json["bits"] = row.error->bits;
  json["snr_db"] = Finite(row.error->snr_db);
  json["squared_error"] = Finite(row.error->squared_error);
  json["max_absolute_error"] = Finite(row.error->max_absolute_error);
  json["zeros_flipped"] = row.error->zeros_flipped;
  json["zeros_flipped_share"] = FlippedShare(*row.error);
  return json;
}

Json ToJson(const Finding& finding) {
  return {{"trouble", TroubleName(finding.trouble)},
          {"path", finding.path},
          {"layer", finding.layer},
          {"count", finding.count},
          {"total", finding.total},
          {"worst", Finite(finding.worst)},
          {"harmless", finding.harmless},
          {"text", FindingText(finding)}};
}

}  // namespace

std::string QuantizeJson(const QuantizeResult& result) {
  const CompressReport& report = result.report;
  const int worst = report.WorstWeight();
  Json document = {
      {"model", result.model},
      {"output", PathOrNull(result.output)},
      {"plan", PathOrNull(result.plan)},
      {"report", PathOrNull(result.csv)},
      {"bytes_before", report.bytes_before},
      {"bytes_after", report.bytes_after},
      {"folded_layers", report.folded_layers},
      {"worst", worst < 0 ? Json(nullptr) : Json(report.changed[static_cast<size_t>(worst)].path)},
      {"seconds", result.seconds},
      {"changed", Json::array()},
      {"kept", Json::array()},
      {"findings", Json::array()}};
  for (const WeightRow& row : result.rows) {
    document[row.error != nullptr ? "changed" : "kept"].push_back(ToJson(row));
  }
  for (const Finding& finding : report.findings) document["findings"].push_back(ToJson(finding));
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nbits::cli
