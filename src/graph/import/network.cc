// Imports the network as a whole: inputs with their preprocessing, layers, outputs.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "coreml/model_impl.h"
#include "graph/import/import.h"
#include "graph/import/layer.h"

namespace nbits::graph {
namespace {

using schema::NeuralNetworkPreprocessing;

// The three network messages of the format have the same fields.
struct NetworkView {
  const google::protobuf::RepeatedPtrField<schema::NeuralNetworkLayer>* layers;
  const google::protobuf::RepeatedPtrField<NeuralNetworkPreprocessing>* preprocessing;
  bool rank5_arrays, rank5_images;
  std::string probability_blob;  // Classifiers; may be empty.
};

template <typename Network>
NetworkView ViewOf(const Network& network) {
  return {&network.layers(), &network.preprocessing(),
          network.arrayinputshapemapping() == schema::RANK5_ARRAY_MAPPING,
          network.imageinputshapemapping() == schema::RANK5_IMAGE_MAPPING, ""};
}

absl::StatusOr<NetworkView> FindNetwork(const Model& model) {
  const schema::Model& skeleton = model.impl().skeleton;
  if (skeleton.has_neuralnetwork()) return ViewOf(skeleton.neuralnetwork());
  if (skeleton.has_neuralnetworkregressor()) return ViewOf(skeleton.neuralnetworkregressor());
  if (skeleton.has_neuralnetworkclassifier()) {
    NetworkView view = ViewOf(skeleton.neuralnetworkclassifier());
    view.probability_blob = skeleton.neuralnetworkclassifier().labelprobabilitylayername();
    return view;
  }
  return absl::UnimplementedError(
      absl::StrCat("models of type ", model.description().type, " cannot be run"));
}

class NetworkImporter {
 public:
  NetworkImporter(const Model& model, const NetworkView& network,
                  const std::map<std::string, Shape>& shapes)
      : model_(model), network_(network), shapes_(shapes) {}

  absl::StatusOr<Graph> Import() {
    NBITS_RETURN_IF_ERROR(CheckShapeNames());
    for (const FeatureDescription& feature : model_.description().inputs) {
      NBITS_RETURN_IF_ERROR(Named("input", feature.name, ImportInput(feature)));
    }
    for (const schema::NeuralNetworkLayer& layer : *network_.layers) {
      NBITS_RETURN_IF_ERROR(ImportLayer(layer));
    }
    for (const FeatureDescription& feature : model_.description().outputs) {
      NBITS_RETURN_IF_ERROR(Named("output", feature.name, ImportOutput(feature)));
    }
    return std::move(builder_.graph());
  }

 private:
  static absl::Status Named(absl::string_view what, const std::string& name, absl::Status status) {
    if (status.ok()) return status;
    return absl::Status(status.code(), absl::StrCat(what, " '", name, "': ", status.message()));
  }

  absl::Status CheckShapeNames() const {
    for (const auto& [name, shape] : shapes_) {
      const auto& inputs = model_.description().inputs;
      if (std::none_of(inputs.begin(), inputs.end(),
                       [&](const FeatureDescription& input) { return input.name == name; })) {
        return absl::InvalidArgumentError(absl::StrCat("the model has no input '", name, "'"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ImportInput(const FeatureDescription& feature) {
    builder_.BeginLayer(feature.name, "input");
    switch (feature.kind) {
      case FeatureKind::kImage:
        return ImportImage(feature);
      case FeatureKind::kMultiArray:
      case FeatureKind::kInt64:
      case FeatureKind::kDouble:
        return ImportArray(feature);
      default:
        return absl::UnimplementedError("inputs of this type are not supported");
    }
  }

  absl::StatusOr<TensorId> AddPort(const FeatureDescription& feature, Shape outside, Shape inside) {
    NBITS_ASSIGN_OR_RETURN(const TensorId tensor,
                           builder_.AddInput(feature.name, std::move(inside)));
    Port port{feature, tensor};
    port.feature.shape = std::move(outside);
    builder_.graph().inputs.push_back(std::move(port));
    return tensor;
  }

  absl::StatusOr<Shape> ImageShape(const FeatureDescription& feature) const {
    const int64_t channels =
        feature.color == ImageColor::kRgb || feature.color == ImageColor::kBgr ? 3 : 1;
    if (feature.shape.size() != 2) return absl::InvalidArgumentError("image without a size");
    const Shape usual = {channels, feature.shape[0], feature.shape[1]};
    const auto given = shapes_.find(feature.name);
    if (given == shapes_.end() || given->second == usual) return usual;
    if (given->second.size() == 3 && given->second[0] == channels &&
        AllowsSize(feature, {given->second[1], given->second[2]})) {
      return given->second;
    }
    return absl::InvalidArgumentError(absl::StrCat("the model does not take an image of ",
                                                   ShapeText(given->second), " (its own size is ",
                                                   ShapeText(usual), ")"));
  }

  static bool AllowsSize(const FeatureDescription& feature, const Shape& size) {
    const auto& listed = feature.enumerated_shapes;
    if (std::find(listed.begin(), listed.end(), size) != listed.end()) return true;
    if (feature.shape_range.size() != 2) return false;
    for (size_t i = 0; i < 2; ++i) {
      const auto [lowest, highest] = feature.shape_range[i];
      if (size[i] < lowest || (highest >= 0 && size[i] > highest)) return false;
    }
    return true;
  }

  absl::Status ImportImage(const FeatureDescription& feature) {
    NBITS_ASSIGN_OR_RETURN(const Shape shape, ImageShape(feature));
    Shape inside = shape;
    inside.insert(inside.begin(), network_.rank5_images ? 2 : 1, 1);
    NBITS_ASSIGN_OR_RETURN(TensorId tensor, AddPort(feature, shape, inside));
    for (const NeuralNetworkPreprocessing& step : *network_.preprocessing) {
      // Without a name it applies to the only image there is.
      if (!step.featurename().empty() && step.featurename() != feature.name) continue;
      NBITS_ASSIGN_OR_RETURN(tensor, Preprocess(step, feature.color, shape, tensor));
    }
    builder_.Bind(feature.name, tensor);
    return absl::OkStatus();
  }

  absl::StatusOr<TensorId> Preprocess(const NeuralNetworkPreprocessing& step, ImageColor color,
                                      const Shape& shape, TensorId image) {
    builder_.BeginLayer("preprocessing", "preprocessing");
    if (step.has_meanimage()) {
      const auto& mean = step.meanimage().meanimage();
      NBITS_ASSIGN_OR_RETURN(const TensorId constant,
                             builder_.AddConstant({mean.begin(), mean.end()}, shape));
      return builder_.AddOne(Binary{BinaryOperation::kSubtract}, {image, constant});
    }
    if (!step.has_scaler()) return image;
    return builder_.AddOne(ScalerOf(step.scaler(), color), {image});
  }

  // One bias a channel, in the order in which the channels of the image come.
  static ChannelAffine ScalerOf(const schema::NeuralNetworkImageScaler& scaler, ImageColor color) {
    ChannelAffine op;
    if (color == ImageColor::kRgb) {
      op.offset = {scaler.redbias(), scaler.greenbias(), scaler.bluebias()};
    } else if (color == ImageColor::kBgr) {
      op.offset = {scaler.bluebias(), scaler.greenbias(), scaler.redbias()};
    } else {
      op.offset = {scaler.graybias()};
    }
    // A scale of 0 would make every picture the same: it means that the field is not set.
    op.scale.assign(op.offset.size(), scaler.channelscale() == 0 ? 1.0f : scaler.channelscale());
    return op;
  }

  absl::Status ImportArray(const FeatureDescription& feature) {
    const Shape declared = feature.kind == FeatureKind::kMultiArray ? feature.shape : Shape{1};
    const auto given = shapes_.find(feature.name);
    const Shape& shape = given == shapes_.end() ? declared : given->second;
    if (shape.empty()) {
      return absl::InvalidArgumentError("the model does not say a shape: give one");
    }
    Shape inside = shape;
    if (network_.rank5_arrays) {
      NBITS_ASSIGN_OR_RETURN(inside, Rank5Shape(shape, declared.empty() ? shape : declared));
    }
    NBITS_ASSIGN_OR_RETURN(const TensorId tensor, AddPort(feature, shape, std::move(inside)));
    builder_.Bind(feature.name, tensor);
    return absl::OkStatus();
  }

  // [C] or [C, H, W], or these behind a batch axis, or behind a sequence and a batch axis.
  static absl::StatusOr<Shape> Rank5Shape(Shape shape, const Shape& declared) {
    const size_t rank = declared.size() == 1 ? 1 : 3;
    if (shape.size() < rank || shape.size() > rank + 2) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", ShapeText(shape), " for an input of ", ShapeText(declared)));
    }
    shape.insert(shape.begin(), rank + 2 - shape.size(), 1);
    shape.resize(5, 1);
    return shape;
  }

  absl::Status ImportLayer(const schema::NeuralNetworkLayer& source) {
    const LayerKind* kind = FindLayerKind(source.layer_case());
    const std::string name(kind == nullptr ? absl::string_view("unknown") : kind->name);
    if (kind == nullptr || kind->import == nullptr) {
      return absl::UnimplementedError(absl::StrCat("layer '", source.name(), "' of type ", name,
                                                   CustomClass(source), " is not supported"));
    }
    builder_.BeginLayer(source.name(), name);
    absl::Status status = ImportKnownLayer(source, *kind);
    return Named("layer", absl::StrCat(source.name(), "' of type '", name), std::move(status));
  }

  static std::string CustomClass(const schema::NeuralNetworkLayer& source) {
    return source.has_custom() ? absl::StrCat(" (class ", source.custom().classname(), ")") : "";
  }

  absl::Status ImportKnownLayer(const schema::NeuralNetworkLayer& source, const LayerKind& kind) {
    std::vector<TensorId> inputs;
    for (const std::string& blob : source.input()) {
      NBITS_ASSIGN_OR_RETURN(const TensorId tensor, builder_.Find(blob));
      inputs.push_back(tensor);
    }
    Layer layer(source, std::move(inputs), model_.weights(), network_.rank5_arrays, builder_);
    return kind.import(layer);
  }

  // The blob of an output. Probabilities of a classifier have a name of their own; the number of a
  // regressor is what the last layer makes.
  absl::StatusOr<TensorId> FindOutput(const FeatureDescription& feature) const {
    if (feature.kind == FeatureKind::kDictionary && !network_.probability_blob.empty()) {
      return builder_.Find(network_.probability_blob);
    }
    absl::StatusOr<TensorId> found = builder_.Find(feature.name);
    const bool predicted =
        feature.kind == FeatureKind::kDictionary || feature.kind == FeatureKind::kDouble;
    if (found.ok() || !predicted || network_.layers->empty()) return found;
    const schema::NeuralNetworkLayer& last = *network_.layers->rbegin();
    if (last.output().empty()) return found;
    return builder_.Find(last.output(0));
  }

  absl::Status ImportOutput(const FeatureDescription& feature) {
    // The predicted label follows from the probabilities.
    if (feature.kind == FeatureKind::kString || feature.kind == FeatureKind::kInt64) {
      return absl::OkStatus();
    }
    NBITS_ASSIGN_OR_RETURN(const TensorId tensor, FindOutput(feature));
    Port port{feature, tensor};
    port.feature.shape = OutsideShape(feature, builder_.ShapeOf(tensor));
    if (feature.kind != FeatureKind::kImage) port.feature.kind = FeatureKind::kMultiArray;
    builder_.graph().outputs.push_back(std::move(port));
    return absl::OkStatus();
  }

  // What the caller sees: images [C, H, W]; probabilities one axis; arrays as the file declares
  // them, or without the sequence and batch axes of older networks when these are 1.
  Shape OutsideShape(const FeatureDescription& feature, const Shape& inside) const {
    if (feature.kind == FeatureKind::kDictionary) return {Product(inside)};
    const bool image = feature.kind == FeatureKind::kImage;
    if (!image && !network_.rank5_arrays) return inside;
    if (!image && !feature.shape.empty()) {
      const auto count = CheckedElementCount(feature.shape);
      if (count.ok() && *count == Product(inside)) return feature.shape;
    }
    const size_t leading = inside.size() > 3 ? inside.size() - 3 : 0;
    if (Product(inside, 0, leading) != 1) return inside;
    return {inside.begin() + static_cast<int64_t>(leading), inside.end()};
  }

  const Model& model_;
  const NetworkView& network_;
  const std::map<std::string, Shape>& shapes_;
  Builder builder_;
};

}  // namespace

absl::StatusOr<Graph> ImportModel(const Model& model, const std::map<std::string, Shape>& shapes) {
  NBITS_ASSIGN_OR_RETURN(const NetworkView network, FindNetwork(model));
  return NetworkImporter(model, network, shapes).Import();
}

}  // namespace nbits::graph
