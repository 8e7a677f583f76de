// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/description.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
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

std::vector<std::pair<std::string, int>> CountLayers(const schema::Model& skeleton,
                                                     const WireNode& root) {
  std::map<std::string, int> counts;
  for (const NetworkEntry& network : ListNetworks(skeleton, root)) {
    for (const auto& layer : *network.layers) {
      const absl::string_view name = LayerKindName(layer.layer_case());
      ++counts[name.empty() ? "unknown" : std::string(name)];
    }
  }
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
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

bool HoldsProgram(const WireNode& root) {
  if (root.kind == MessageKind::kModel && ModelTypeOf(root) == "mlProgram") return true;
  return std::any_of(root.pieces.begin(), root.pieces.end(), [](const WirePiece& piece) {
    return piece.child != nullptr && HoldsProgram(*piece.child);
  });
}

ModelDescription Describe(const schema::Model& skeleton, const WireNode& root) {
  ModelDescription description;
  description.type = ModelTypeOf(root);
  description.specification_version = skeleton.specificationversion();
  const schema::ModelDescription& source = skeleton.description();
  for (const auto& input : source.input()) description.inputs.push_back(DescribeFeature(input));
  for (const auto& output : source.output()) {
    description.outputs.push_back(DescribeFeature(output));
  }
  description.predicted_feature_name = source.predictedfeaturename();
  description.predicted_probabilities_name = source.predictedprobabilitiesname();
  DescribeMetadata(source.metadata(), description);
  description.class_labels = LabelsOf(skeleton, root);
  description.layer_counts = CountLayers(skeleton, root);
  description.updatable = skeleton.isupdatable();
  description.members = DescribeMembers(skeleton, root);
  description.detector = DetectorOf(skeleton, root);
  return description;
}

}  // namespace nbits
