// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <nlohmann/json.hpp>

#include "cli/info/info_outputs.h"
#include "cli/info/info_report.h"
#include "nbits/forms.h"

namespace nbits::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* JsonKindName(FeatureKind kind) {
  static constexpr std::array<const char*, 9> kNames = {"multiArray", "image",  "int64",
                                                        "double",     "string", "dictionary",
                                                        "sequence",   "state",  "other"};
  return kNames[static_cast<size_t>(kind)];
}

const char* JsonColorName(ImageColor color) {
  static constexpr std::array<const char*, 4> kNames = {"GRAYSCALE", "RGB", "BGR",
                                                        "GRAYSCALE_FLOAT16"};
  return kNames[static_cast<size_t>(color)];
}

Json FeatureJson(const FeatureDescription& feature) {
  Json json = {{"name", feature.name}, {"kind", JsonKindName(feature.kind)}};
  if (!feature.description.empty()) json["description"] = feature.description;
  json["optional"] = feature.optional;
  const bool is_image = feature.kind == FeatureKind::kImage;
  if (is_image) json["color"] = JsonColorName(feature.color);
  if (!feature.element_type.empty()) json["element_type"] = feature.element_type;
  if (is_image || !feature.element_type.empty()) json["shape"] = feature.shape;
  if (!feature.enumerated_shapes.empty()) json["enumerated_shapes"] = feature.enumerated_shapes;
  if (!feature.shape_range.empty()) json["shape_range"] = feature.shape_range;
  return json;
}

Json FeaturesJson(const std::vector<FeatureDescription>& features) {
  Json json = Json::array();
  for (const auto& feature : features) json.push_back(FeatureJson(feature));
  return json;
}

Json LayersJson(const ModelDescription& description) {
  Json json = Json::array();
  for (const auto& [kind, count] : description.layer_counts) {
    json.push_back({{"kind", kind}, {"count", count}});
  }
  return json;
}

Json StorageJson(const Model& model) {
  Json json = Json::array();
  for (const StorageSummary& row : SummarizeStorage(model)) {
    json.push_back({{"storage", row.storage},
                    {"count", row.count},
                    {"elements", row.elements},
                    {"bytes", row.bytes}});
  }
  return json;
}

Json BreachesJson(const Model& model) {
  Json json = Json::array();
  for (const FormBreach& breach : FormBreaches(model)) {
    json.push_back({{"path", breach.path}, {"reason", breach.reason}});
  }
  return json;
}

Json EachWeightJson(const Model& model) {
  Json json = Json::array();
  for (const WeightRef& weight : model.weights()) {
    json.push_back({{"path", weight.path},
                    {"layer_type", weight.layer_type},
                    {"field", weight.field},
                    {"shape", weight.tensor.shape},
                    {"storage", StorageName(weight.tensor)},
                    {"bits", weight.tensor.bits},
                    {"bytes", StoredBytes(weight.tensor)}});
  }
  return json;
}

Json MembersJson(const ModelDescription& description) {
  Json json = Json::array();
  for (const MemberDescription& member : description.members) {
    json.push_back({{"path", member.path},
                    {"name", member.name},
                    {"type", member.type},
                    {"bytes", member.bytes},
                    {"updatable", member.updatable}});
  }
  return json;
}

Json MetadataJson(const ModelDescription& description) {
  Json user_defined = Json::object();
  for (const auto& [key, value] : description.user_defined) user_defined[key] = value;
  return {{"description", description.short_description},
          {"version", description.version},
          {"author", description.author},
          {"license", description.license},
          {"user_defined", user_defined}};
}

}  // namespace

std::string InfoJson(const Model& model, const std::string& path, bool each_weight) {
  const ModelDescription& description = model.description();
  Json json = {{"file", path},
               {"bytes", model.file_size()},
               {"type", description.type},
               {"specification_version", description.specification_version},
               {"updatable", description.updatable},
               {"inputs", FeaturesJson(description.inputs)},
               {"outputs", FeaturesJson(OutputsWithShapes(model))},
               {"predicted_feature", description.predicted_feature_name},
               {"predicted_probabilities", description.predicted_probabilities_name},
               {"layers", LayersJson(description)},
               {"weights", StorageJson(model)},
               {"refused", BreachesJson(model)},
               {"class_labels", description.class_labels},
               {"metadata", MetadataJson(description)}};
  if (!description.members.empty()) json["members"] = MembersJson(description);
  if (each_weight) json["each_weight"] = EachWeightJson(model);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nbits::cli
