// SPDX-License-Identifier: Apache-2.0
#include "results/results_to_json.h"

#include <cmath>

#include "base/printable.h"
#include "results/change.h"
#include "results/metric_fields.h"
#include "results/verdict_to_json.h"
#include "results/words.h"

namespace nbits {
namespace {

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json Optional(const std::optional<double>& value) { return value ? Number(*value) : Json(nullptr); }

template <typename T>
Json Optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <typename T, typename Function>
Json List(const std::vector<T>& items, Function convert) {
  Json json = Json::array();
  for (const T& item : items) json.push_back(convert(item));
  return json;
}

Json Numbers(const std::vector<double>& values) { return List(values, Number); }

Json Metrics(const ResultMetrics& metrics) {
  Json json = Json::object();
  for (const MetricField& field : kMetricFields) json[field.name] = Optional(metrics.*field.member);
  json["class_iou"] = Json::array();
  for (const auto& iou : metrics.class_iou) json["class_iou"].push_back(Optional(iou));
  return json;
}

Json Intervals(const std::map<std::string, Interval>& intervals) {
  Json json = Json::object();
  for (const auto& [name, interval] : intervals) {
    json[name] = {Number(interval.low), Number(interval.high)};
  }
  return json;
}

Json Layer(const LayerResult& layer) {
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"shape", layer.shape},
          {"elements", layer.elements},
          {"bits", Optional(layer.bits)},
          {"mode", Optional(layer.mode)},
          {"bytes", Optional(layer.bytes)},
          {"snr_db", Optional(layer.snr_db)},
          {"max_error", Optional(layer.max_error)}};
}

Json Grid(const std::optional<WeightGrid>& grid) {
  if (!grid) return nullptr;
  return {{"bits", grid->bits},
          {"mode", grid->mode},
          {"channel", Optional(grid->channel)},
          {"values", Numbers(grid->values)},
          {"uses", grid->uses}};
}

Json Histogram(const WeightHistogram& histogram) {
  return {{"layer", histogram.layer},
          {"kind", histogram.kind},
          {"shape", histogram.shape},
          {"elements", histogram.elements},
          {"edges", Numbers(histogram.edges)},
          {"counts", histogram.counts},
          {"grids", List(histogram.grids, Grid)}};
}

Json Variant(const VariantResult& variant) {
  return {{"name", variant.name},
          {"file", variant.file},
          {"is_original", variant.is_original},
          {"bits", Optional(variant.bits)},
          {"mode", Optional(variant.mode)},
          {"policy", Optional(variant.policy)},
          {"bytes", variant.bytes},
          {"load_ms", Optional(variant.load_ms)},
          {"times_ms", Numbers(variant.times_ms)},
          {"median_ms", Optional(variant.median_ms)},
          {"min_ms", Optional(variant.min_ms)},
          {"spread_ms", Optional(variant.spread_ms)},
          {"peak_memory_bytes", Optional(variant.peak_memory_bytes)},
          {"metrics", Metrics(variant.metrics)},
          {"intervals", Intervals(variant.intervals)},
          {"blank_masks", variant.blank_masks},
          {"nonfinite_values", variant.nonfinite_values},
          {"worst_output", Optional(variant.worst_output)},
          {"layers", List(variant.layers, Layer)},
          {"error", Optional(variant.error)}};
}

Json Summary(const ArraySummary& summary) {
  return {{"output", summary.output},
          {"shape", summary.shape},
          {"elements", summary.elements},
          {"min", Optional(summary.min)},
          {"max", Optional(summary.max)},
          {"mean", Optional(summary.mean)},
          {"deviation", Optional(summary.deviation)},
          {"step", summary.step},
          {"samples", List(summary.samples, Optional<double>)}};
}

Json Points(const std::optional<KeyPoints>& points) {
  if (!points) return nullptr;
  return {{"output", points->output},
          {"x", Numbers(points->x)},
          {"y", Numbers(points->y)},
          {"confidence", Numbers(points->confidence)}};
}

Json Picture(const PictureResult& picture) {
  const auto output = [](const PictureOutput& one) { return ToJsonValue(one); };
  return {{"name", picture.name},
          {"width", picture.width},
          {"height", picture.height},
          {"own_width", Optional(picture.own_width)},
          {"own_height", Optional(picture.own_height)},
          {"image", Optional(picture.image)},
          {"ground_truth", Optional(picture.ground_truth)},
          {"label", Optional(picture.label)},
          {"outputs", List(picture.outputs, output)}};
}

Json Machine(const Results& results) {
  return {{"cpu", results.cpu},
          {"cores", results.cores},
          {"threads", results.threads},
          {"memory_bytes", Optional(results.memory_bytes)},
          {"system", Optional(results.system)},
          {"instructions", Optional(results.instructions)}};
}

Json JudgedClassPart(const std::optional<JudgedClass>& judged) {
  if (!judged) return nullptr;
  return {{"id", judged->id}, {"label", judged->label}};
}

Json ModelPart(const Results& results) {
  return {{"name", results.model_name},
          {"type", results.model_type},
          {"input", results.input},
          {"output", Optional(results.output)},
          {"task", results.task},
          {"rule", Optional(results.rule)},
          {"truth", Optional(results.truth)},
          {"truth_pictures", Optional(results.truth_pictures)},
          {"proposed_mask_map", Optional(results.proposed_mask_map)},
          {"judged_class", JudgedClassPart(results.judged_class)},
          {"labels", results.labels},
          {"colors", results.colors},
          {"background_id", results.background_id}};
}

Json Noise(const NoiseFloor& noise) {
  Json metrics = Json::object();
  for (const MetricField& field : kMetricFields) {
    if (const auto& value = noise.metrics.*field.member) metrics[field.name] = Number(*value);
  }
  return {{"time_ratio_spread", Number(noise.time_ratio_spread)},
          {"memory_ratio_spread", Optional(noise.memory_ratio_spread)},
          {"metrics", metrics}};
}

// Each row with what noise leaves of its differences from the original.
Json Variants(const Results& results) {
  const VariantResult* original = OriginalOf(results);
  Json json = List(results.variants, Variant);
  for (size_t i = 0; original != nullptr && i < results.variants.size(); ++i) {
    const VariantResult& row = results.variants[i];
    json[i]["time_change"] = ChangeName(TimeChange(*original, row, results.noise_floor));
    json[i]["memory_change"] = ChangeName(MemoryChange(*original, row, results.noise_floor));
  }
  return json;
}

Json Partial(const std::optional<PartialRun>& partial) {
  if (!partial) return nullptr;
  return {{"done", partial->done}, {"total", partial->total}};
}

}  // namespace

Json ToJsonValue(const PictureOutput& output) {
  Json top = Json::array();
  for (const RankedLabel& ranked : output.top) {
    top.push_back({{"label", ranked.label}, {"probability", Number(ranked.probability)}});
  }
  return {{"agreement", Optional(output.agreement)},
          {"miou", Optional(output.miou)},
          {"iou", Optional(output.iou)},
          {"pixel_accuracy", Optional(output.pixel_accuracy)},
          {"boundary_f", Optional(output.boundary_f)},
          {"snr_db", Optional(output.snr_db)},
          {"psnr_db", Optional(output.psnr_db)},
          {"max_relative_difference", Optional(output.max_relative_difference)},
          {"ids", Optional(output.ids)},
          {"matte", Optional(output.matte)},
          {"image", Optional(output.image)},
          {"top", top},
          {"blank", output.blank},
          {"nonfinite_values", output.nonfinite_values},
          {"values", List(output.values, Summary)},
          {"points", Points(output.points)}};
}

Json ToJsonValue(const Results& results) {
  Json json = Json::object();
  json["format"] = "nbits-results";
  json["version"] = 1;
  json["created"] = results.created;
  json["nbits_version"] = results.nbits_version;
  json["commit"] = Optional(results.commit);
  json["command"] = Optional(results.command);
  json["partial"] = Partial(results.partial);
  json["machine"] = Machine(results);
  json["model"] = ModelPart(results);
  json["noise_floor"] = Noise(results.noise_floor);
  json["measures"] = MeasuresToJson(results);
  json["words"] = VerdictSentences(results, results.verdict);
  json["verdict"] = VerdictToJson(results);
  json["variants"] = Variants(results);
  json["histograms"] = List(results.histograms, Histogram);
  json["pictures"] = List(results.pictures, Picture);
  json["skipped"] = List(results.skipped, [](const SkippedFile& skipped) -> Json {
    return {{"file", skipped.file}, {"reason", skipped.reason}};
  });
  return json;
}

std::string DumpJson(const Json& value, int indent) {
  return EscapedJson(value.dump(indent, ' ', false, Json::error_handler_t::replace));
}

std::string ResultsToJson(const Results& results) {
  return DumpJson(ToJsonValue(results), 1) + "\n";
}

}  // namespace nbits
