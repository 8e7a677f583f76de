// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "cli/command.h"
#include "cli/run/run_outputs.h"
#include "cli/run/run_values.h"
#include "cli/text_table.h"
#include "nbits/target.h"

namespace nbits::cli {
namespace {

using Json = nlohmann::ordered_json;

// " 98.31 %"; where two decimals would say nothing, the number itself: "  3.1e-09".
std::string ProbabilityText(double probability) {
  if (std::abs(probability) >= 0.00005 || probability == 0) {
    return absl::StrFormat("%6.2f %%", probability * 100);
  }
  return absl::StrFormat("%8.1e", probability);
}

std::string OutputText(const OutputReport& output) {
  std::string text = absl::StrCat(Printable(output.name), "  ", ShapeText(output.shape), "  ",
                                  absl::StrJoin(output.files, ", "), "\n");
  for (const ClassShare& part : output.classes) {
    absl::StrAppendFormat(&text, "  %6.2f %%  %s  %s\n", part.share * 100, part.color,
                          Printable(part.label));
  }
  for (const LabelProbability& label : output.top_labels) {
    absl::StrAppend(&text, "  ", ProbabilityText(label.probability), "  ", Printable(label.label),
                    "\n");
  }
  return text;
}

std::string Decimals(double value, int count) { return absl::StrFormat("%.*f", count, value); }

// Slowest layers first.
std::string ProfileText(std::vector<LayerProfile> profile) {
  std::stable_sort(
      profile.begin(), profile.end(),
      [](const LayerProfile& a, const LayerProfile& b) { return a.milliseconds > b.milliseconds; });
  double total = 0;
  for (const LayerProfile& layer : profile) total += layer.milliseconds;
  std::string text = absl::StrCat("kernels use ", VectorTarget(), "\n");
  TextTable table({true, true, true, true, false, false, false});
  table.LeaveOutFirst({2, 3});
  table.Add({"ms", "%", "out MB", "weights MB", "kind", "kernel", "layer"});
  const auto megabytes = [](int64_t bytes) {
    return Decimals(static_cast<double>(bytes) / 1e6, 3);
  };
  for (const LayerProfile& layer : profile) {
    const double share = total > 0 ? layer.milliseconds / total * 100 : 0;
    table.Add({Decimals(layer.milliseconds, 3), Decimals(share, 2), megabytes(layer.output_bytes),
               megabytes(layer.weight_bytes), layer.kind, layer.kernel, Printable(layer.name)});
  }
  text += "\n";
  table.AppendTo(text);
  return text;
}

Json OutputJson(const OutputReport& output) {
  Json json = {{"name", output.name}, {"shape", output.shape}, {"files", output.files}};
  for (const ClassShare& part : output.classes) {
    json["classes"].push_back(
        {{"id", part.id}, {"label", part.label}, {"color", part.color}, {"share", part.share}});
  }
  for (const LabelProbability& label : output.top_labels) {
    json["top"].push_back({{"label", label.label}, {"probability", label.probability}});
  }
  return json;
}

Json LayerJson(const LayerProfile& layer) {
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"kernel", layer.kernel},
          {"milliseconds", layer.milliseconds},
          {"output_bytes", layer.output_bytes},
          {"weight_bytes", layer.weight_bytes}};
}

std::string OneText(const RunReport& report) {
  std::string text;
  for (const OutputReport& output : report.outputs) absl::StrAppend(&text, OutputText(output));
  absl::StrAppend(&text, ValuesText(report.values));
  if (report.detections) absl::StrAppend(&text, DetectionsText(*report.detections));
  absl::StrAppendFormat(&text, "%.1f ms, %s of activations\n", report.milliseconds,
                        BytesText(report.activation_bytes));
  if (!report.profile.empty()) absl::StrAppend(&text, ProfileText(report.profile));
  return text;
}

Json OneJson(const RunReport& report) {
  Json json = {{"model", report.model},
               {"milliseconds", report.milliseconds},
               {"activation_bytes", report.activation_bytes},
               {"target", VectorTarget()},
               {"outputs", Json::array()}};
  if (!report.input.empty()) json["input"] = report.input;
  for (const OutputReport& output : report.outputs) json["outputs"].push_back(OutputJson(output));
  // What was formatted as JSON before is read again, not formatted twice.
  if (!report.values.empty()) json["values"] = Json::parse(ValuesJson(report.values));
  if (report.detections) {
    json["detections"] = {{"files", report.detections->files},
                          {"found", Json::parse(DetectionsJson(*report.detections))}};
  }
  for (const LayerProfile& layer : report.profile) json["profile"].push_back(LayerJson(layer));
  if (!report.notes.empty()) json["notes"] = report.notes;
  return json;
}

}  // namespace

std::string RunText(const std::vector<RunReport>& reports) {
  if (reports.size() == 1) return OneText(reports[0]);
  std::string text;
  for (const RunReport& report : reports) {
    absl::StrAppend(&text, Printable(report.input), "\n", OneText(report));
  }
  return text;
}

std::string RunJson(const std::vector<RunReport>& reports) {
  Json json = Json::array();
  for (const RunReport& report : reports) json.push_back(OneJson(report));
  if (reports.size() == 1) json = Json(json[0]);
  // Names come from the model: whatever is not UTF-8 in them is replaced, not thrown over.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nbits::cli
