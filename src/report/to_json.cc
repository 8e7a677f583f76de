#include "report/to_json.h"

#include <cmath>

#include "nbits/report.h"
#include "report/metric_fields.h"

namespace nbits {
namespace {

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json Optional(const std::optional<double>& value) { return value ? Number(*value) : Json(nullptr); }

template <typename T>
Json Optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json Metrics(const ResultMetrics& metrics) {
  Json json = Json::object();
  for (const MetricField& field : kMetricFields) json[field.name] = Optional(metrics.*field.member);
  json["class_iou"] = Json::array();
  for (const auto& iou : metrics.class_iou) json["class_iou"].push_back(Optional(iou));
  return json;
}

Json Times(const std::vector<double>& times) {
  Json json = Json::array();
  for (double time : times) json.push_back(Number(time));
  return json;
}

Json Variant(const VariantResult& variant) {
  return {{"name", variant.name},
          {"file", variant.file},
          {"is_original", variant.is_original},
          {"bits", Optional(variant.bits)},
          {"mode", Optional(variant.mode)},
          {"bytes", variant.bytes},
          {"load_ms", Optional(variant.load_ms)},
          {"times_ms", Times(variant.times_ms)},
          {"median_ms", Optional(variant.median_ms)},
          {"min_ms", Optional(variant.min_ms)},
          {"spread_ms", Optional(variant.spread_ms)},
          {"peak_memory_bytes", Optional(variant.peak_memory_bytes)},
          {"metrics", Metrics(variant.metrics)},
          {"error", Optional(variant.error)}};
}

Json Output(const PictureOutput& output) {
  Json top = Json::array();
  for (const RankedLabel& ranked : output.top) {
    top.push_back({{"label", ranked.label}, {"probability", Number(ranked.probability)}});
  }
  return {{"agreement", Optional(output.agreement)},
          {"miou", Optional(output.miou)},
          {"ids", Optional(output.ids)},
          {"image", Optional(output.image)},
          {"top", top}};
}

Json Picture(const PictureResult& picture) {
  Json outputs = Json::array();
  for (const PictureOutput& output : picture.outputs) outputs.push_back(Output(output));
  return {{"name", picture.name},
          {"width", picture.width},
          {"height", picture.height},
          {"image", picture.image},
          {"ground_truth", Optional(picture.ground_truth)},
          {"outputs", outputs}};
}

template <typename T, typename Function>
Json List(const std::vector<T>& items, Function convert) {
  Json json = Json::array();
  for (const T& item : items) json.push_back(convert(item));
  return json;
}

Json ModelPart(const Results& results) {
  return {{"name", results.model_name},
          {"type", results.model_type},
          {"input", results.input},
          {"task", results.task},
          {"labels", results.labels},
          {"colors", results.colors},
          {"background_id", results.background_id}};
}

}  // namespace

Json ToJsonValue(const Results& results) {
  Json json = Json::object();
  json["format"] = "nbits-results";
  json["version"] = 1;
  json["created"] = results.created;
  json["nbits_version"] = results.nbits_version;
  json["machine"] = {{"cpu", results.cpu}, {"cores", results.cores}, {"threads", results.threads}};
  json["model"] = ModelPart(results);
  json["noise_floor"] = {{"time_ratio_spread", Number(results.time_ratio_spread)}};
  json["variants"] = List(results.variants, Variant);
  json["pictures"] = List(results.pictures, Picture);
  json["skipped"] = List(results.skipped, [](const SkippedFile& skipped) -> Json {
    return {{"file", skipped.file}, {"reason", skipped.reason}};
  });
  return json;
}

std::string DumpJson(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string ResultsToJson(const Results& results) {
  return DumpJson(ToJsonValue(results), 1) + "\n";
}

}  // namespace nbits
