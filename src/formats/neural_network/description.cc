// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/description.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/labels.h"
#include "formats/ml_program/program.h"
#include "formats/ml_program/weights.h"
#include "formats/neural_network/members.h"
#include "formats/neural_network/weights/layer_kinds.h"

namespace nbits {
namespace {

int64_t Clamp(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
}

std::pair<int64_t, int64_t> RangeOf(const schema::SizeRange& range) {
  return {Clamp(range.lowerbound()), std::max<int64_t>(range.upperbound(), -1)};
}

const char* ElementTypeName(schema::ArrayFeatureType::ArrayDataType type) {
  switch (type) {
    case schema::ArrayFeatureType::FLOAT32:
      return "float32";
    case schema::ArrayFeatureType::DOUBLE:
      return "double";
    case schema::ArrayFeatureType::INT32:
      return "int32";
    case schema::ArrayFeatureType::INT8:
      return "int8";
    case schema::ArrayFeatureType::FLOAT16:
      return "float16";
    default:
      return "";
  }
}

ImageColor ColorOf(schema::ImageFeatureType::ColorSpace space) {
  switch (space) {
    case schema::ImageFeatureType::GRAYSCALE:
      return ImageColor::kGrayscale;
    case schema::ImageFeatureType::GRAYSCALE_FLOAT16:
      return ImageColor::kGrayscaleFloat16;
    case schema::ImageFeatureType::BGR:
      return ImageColor::kBgr;
    default:
      return ImageColor::kRgb;
  }
}

void DescribeArray(const schema::ArrayFeatureType& array, FeatureDescription& feature) {
  feature.kind = FeatureKind::kMultiArray;
  feature.shape.assign(array.shape().begin(), array.shape().end());
  feature.element_type = ElementTypeName(array.datatype());
  for (const auto& shape : array.enumeratedshapes().shapes()) {
    feature.enumerated_shapes.emplace_back(shape.shape().begin(), shape.shape().end());
  }
  for (const auto& range : array.shaperange().sizeranges()) {
    feature.shape_range.push_back(RangeOf(range));
  }
}

void DescribeImage(const schema::ImageFeatureType& image, FeatureDescription& feature) {
  feature.kind = FeatureKind::kImage;
  feature.shape = {image.height(), image.width()};
  feature.color = ColorOf(image.colorspace());
  for (const auto& size : image.enumeratedsizes().sizes()) {
    feature.enumerated_shapes.push_back({Clamp(size.height()), Clamp(size.width())});
  }
  if (!image.has_imagesizerange()) return;
  feature.shape_range = {RangeOf(image.imagesizerange().heightrange()),
                         RangeOf(image.imagesizerange().widthrange())};
}

FeatureKind KindOf(const schema::FeatureType& type) {
  switch (type.Type_case()) {
    case schema::FeatureType::kInt64Type:
      return FeatureKind::kInt64;
    case schema::FeatureType::kDoubleType:
      return FeatureKind::kDouble;
    case schema::FeatureType::kStringType:
      return FeatureKind::kString;
    case schema::FeatureType::kImageType:
      return FeatureKind::kImage;
    case schema::FeatureType::kMultiArrayType:
      return FeatureKind::kMultiArray;
    case schema::FeatureType::kDictionaryType:
      return FeatureKind::kDictionary;
    case schema::FeatureType::kSequenceType:
      return FeatureKind::kSequence;
    case schema::FeatureType::kStateType:
      return FeatureKind::kState;
    default:
      return FeatureKind::kOther;
  }
}

FeatureDescription DescribeFeature(const schema::FeatureDescription& source) {
  FeatureDescription feature;
  feature.name = source.name();
  feature.description = source.shortdescription();
  feature.optional = source.type().isoptional();
  if (source.type().has_multiarraytype()) {
    DescribeArray(source.type().multiarraytype(), feature);
  } else if (source.type().has_imagetype()) {
    DescribeImage(source.type().imagetype(), feature);
  } else if (source.type().has_statetype()) {
    DescribeArray(source.type().statetype().arraytype(), feature);
  }
  feature.kind = KindOf(source.type());
  return feature;
}

// Constants are no steps of a program.
void CountOperations(const schema::mil::Program& program, std::map<std::string, int>& counts) {
  const auto functions = FunctionsOf(program);
  if (!functions.ok()) return;
  for (const ProgramFunction& function : *functions) {
    const auto count = [&counts](const schema::mil::Operation& operation) {
      if (operation.type() != "const") ++counts[operation.type()];
      return absl::OkStatus();
    };
    ForEachOperation(*function.block, count).IgnoreError();  // `count` returns none.
  }
}

std::vector<std::pair<std::string, int>> CountLayers(const schema::Model& skeleton,
                                                     const WireNode& root) {
  std::map<std::string, int> counts;
  for (const NetworkEntry& network : ListNetworks(skeleton, root)) {
    for (const auto& layer : *network.layers) {
      const absl::string_view name = LayerKindName(layer.layer_case());
      ++counts[name.empty() ? "unknown" : std::string(name)];
    }
  }
  for (const ProgramEntry& program : ListPrograms(skeleton, root)) {
    CountOperations(program.model->mlprogram(), counts);
  }
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

// Of a model's description, or of one of its functions.
template <typename Source>
void DescribeFeatures(const Source& source, ModelDescription& description) {
  for (const auto& input : source.input()) description.inputs.push_back(DescribeFeature(input));
  for (const auto& output : source.output()) {
    description.outputs.push_back(DescribeFeature(output));
  }
  for (const auto& state : source.state()) description.states.push_back(DescribeFeature(state));
  description.predicted_feature_name = source.predictedfeaturename();
  description.predicted_probabilities_name = source.predictedprobabilitiesname();
}

absl::Status DescribeProgram(const schema::Model& model, const std::string& function,
                             ModelDescription& description) {
  const schema::ModelDescription& source = model.description();
  const std::string& wanted = function.empty() ? source.defaultfunctionname() : function;
  NBITS_ASSIGN_OR_RETURN(const auto functions, FunctionsOf(model.mlprogram()));
  for (const ProgramFunction& each : functions) description.functions.push_back(each.name);
  NBITS_ASSIGN_OR_RETURN(const ProgramFunction chosen, FindFunction(model.mlprogram(), wanted));
  description.function = chosen.name;
  description.opset = chosen.opset;
  for (const schema::FunctionDescription& each : source.functions()) {
    if (each.name() != chosen.name) continue;
    description.inputs.clear();
    description.outputs.clear();
    description.states.clear();
    DescribeFeatures(each, description);
  }
  return absl::OkStatus();
}

void DescribeMetadata(const schema::Metadata& metadata, ModelDescription& description) {
  description.short_description = metadata.shortdescription();
  description.version = metadata.versionstring();
  description.author = metadata.author();
  description.license = metadata.license();
  description.user_defined.insert(metadata.userdefined().begin(), metadata.userdefined().end());
}

}  // namespace

// Of several alternatives of one choice the last counts.
std::string ModelTypeOf(const WireNode& root) {
  return std::string(ModelTypeName(static_cast<int>(ModelTypeNumber(root))));
}

absl::StatusOr<ModelDescription> Describe(const schema::Model& skeleton, const WireNode& root,
                                          const std::string& function) {
  ModelDescription description;
  description.type = ModelTypeOf(root);
  description.specification_version = skeleton.specificationversion();
  const schema::ModelDescription& source = skeleton.description();
  DescribeFeatures(source, description);
  if (skeleton.has_mlprogram()) {
    NBITS_RETURN_IF_ERROR(DescribeProgram(skeleton, function, description));
  }
  DescribeMetadata(source.metadata(), description);
  description.class_labels = LabelsOf(skeleton, root);
  description.layer_counts = CountLayers(skeleton, root);
  description.updatable = skeleton.isupdatable();
  description.members = DescribeMembers(skeleton, root);
  description.detector = DetectorOf(skeleton, root);
  return description;
}

}  // namespace nbits
