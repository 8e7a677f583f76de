// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/input.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"

namespace nbits::graph {
namespace {

using schema::NeuralNetworkPreprocessing;

absl::StatusOr<TensorId> AddPort(const FeatureDescription& feature, const Shape& outside,
                                 Shape inside, Builder& builder) {
  NBITS_ASSIGN_OR_RETURN(const TensorId tensor, builder.AddInput(feature.name, std::move(inside)));
  Port port{feature, tensor};
  port.feature.shape = outside;
  builder.graph().inputs.push_back(std::move(port));
  return tensor;
}

// ---- Allowed shapes -----------------------------------------------------------------------------

bool InRange(const FeatureDescription& feature, const Shape& shape) {
  if (feature.shape_range.size() != shape.size() || shape.empty()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto [lowest, highest] = feature.shape_range[i];
    if (shape[i] < lowest || (highest >= 0 && shape[i] > highest)) return false;
  }
  return true;
}

bool Allows(const FeatureDescription& feature, const Shape& shape) {
  const auto& listed = feature.enumerated_shapes;
  return feature.shape.empty() || shape == feature.shape || InRange(feature, shape) ||
         std::find(listed.begin(), listed.end(), shape) != listed.end();
}

std::string RangeText(const FeatureDescription& feature) {
  return absl::StrJoin(feature.shape_range, " x ", [](std::string* text, const auto& range) {
    absl::StrAppend(text, range.first);
    if (range.second < 0) absl::StrAppend(text, " or more");
    if (range.second > range.first) absl::StrAppend(text, "..", range.second);
  });
}

// "2 x 3 or 4 x 5", "1..4 x 3" or the only shape.
std::string AllowedText(const FeatureDescription& feature) {
  if (!feature.enumerated_shapes.empty()) {
    return absl::StrJoin(
        feature.enumerated_shapes, " or ",
        [](std::string* text, const Shape& shape) { absl::StrAppend(text, ShapeText(shape)); });
  }
  return feature.shape_range.empty() ? ShapeText(feature.shape) : RangeText(feature);
}

// ---- Pictures -----------------------------------------------------------------------------------

int64_t ChannelsOf(ImageColor color) {
  return color == ImageColor::kRgb || color == ImageColor::kBgr ? 3 : 1;
}

absl::StatusOr<Shape> ImageShape(const FeatureDescription& feature, const Shape* given) {
  if (feature.shape.size() != 2) return absl::InvalidArgumentError("image without a size");
  const Shape usual = {ChannelsOf(feature.color), feature.shape[0], feature.shape[1]};
  if (given == nullptr) return usual;
  if (given->size() == 3 && (*given)[0] == usual[0] &&
      Allows(feature, {given->begin() + 1, given->end()})) {
    return *given;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the model does not take an image of ", ShapeText(*given), " (its own size is ",
                   ShapeText(usual), ", height x width may be ", AllowedText(feature), ")"));
}

// One bias a channel, in the order in which the channels of the image come.
ChannelAffine ScalerOf(const schema::NeuralNetworkImageScaler& scaler, ImageColor color) {
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

absl::StatusOr<TensorId> Preprocess(const NeuralNetworkPreprocessing& step, ImageColor color,
                                    const Shape& shape, TensorId image, Builder& builder) {
  builder.BeginLayer("preprocessing", "preprocessing");
  if (step.has_meanimage()) {
    const auto& mean = step.meanimage().meanimage();
    NBITS_ASSIGN_OR_RETURN(const TensorId constant,
                           builder.AddConstant({mean.begin(), mean.end()}, shape));
    return builder.AddOne(Binary{BinaryOperation::kSubtract}, {image, constant});
  }
  if (!step.has_scaler()) return image;
  return builder.AddOne(ScalerOf(step.scaler(), color), {image});
}

absl::Status ImportImage(const FeatureDescription& feature, const NetworkView& network,
                         const Shape* given, Builder& builder) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, ImageShape(feature, given));
  Shape inside = shape;
  inside.insert(inside.begin(), network.rank5_images ? 2 : 1, 1);
  NBITS_ASSIGN_OR_RETURN(TensorId tensor, AddPort(feature, shape, std::move(inside), builder));
  for (const NeuralNetworkPreprocessing& step : *network.preprocessing) {
    // Without a name it applies to the only image there is.
    if (!step.featurename().empty() && step.featurename() != feature.name) continue;
    NBITS_ASSIGN_OR_RETURN(tensor, Preprocess(step, feature.color, shape, tensor, builder));
  }
  builder.Bind(feature.name, tensor);
  return absl::OkStatus();
}

// ---- Arrays -------------------------------------------------------------------------------------

// `also`: what else it takes.
absl::Status NotAllowed(const FeatureDescription& feature, const Shape& shape,
                        absl::string_view also = "") {
  return absl::InvalidArgumentError(absl::StrCat("the model does not take shape ", ShapeText(shape),
                                                 " (it takes ", AllowedText(feature), also, ")"));
}

// In networks of five axes every array may be a sequence.
absl::Status NoSequence(const FeatureDescription& feature, const Shape& shape, size_t rank) {
  std::string one = rank == 1 ? "channels" : "channels x height x width";
  if (!feature.shape.empty()) one = ShapeText(feature.shape);
  return NotAllowed(feature, shape, absl::StrCat("; a sequence is steps x 1 x ", one));
}

// In older networks [C] means [1, 1, C, 1, 1] and [C, H, W] means [1, 1, C, H, W]; the caller may
// put a batch axis, or a sequence and a batch axis, before them.
absl::StatusOr<Shape> Rank5Shape(const FeatureDescription& feature, Shape shape) {
  const Shape& declared = feature.shape.empty() ? shape : feature.shape;
  const size_t rank = declared.size() == 1 ? 1 : 3;
  if (shape.size() < rank || shape.size() > rank + 2) return NoSequence(feature, shape, rank);
  const auto leading = static_cast<int64_t>(shape.size() - rank);
  if (declared.size() == rank && !Allows(feature, {shape.begin() + leading, shape.end()})) {
    return NoSequence(feature, shape, rank);
  }
  shape.insert(shape.begin(), rank + 2 - shape.size(), 1);
  shape.resize(5, 1);
  return shape;
}

absl::Status ImportArray(FeatureDescription feature, const NetworkView& network, const Shape* given,
                         Builder& builder) {
  if (feature.kind != FeatureKind::kMultiArray) feature.shape = {1};  // A number.
  const Shape shape = given == nullptr ? feature.shape : *given;
  if (shape.empty()) {
    return absl::InvalidArgumentError("the model does not say a shape: give one");
  }
  Shape inside = shape;
  if (network.rank5_arrays) {
    NBITS_ASSIGN_OR_RETURN(inside, Rank5Shape(feature, shape));
  } else if (!Allows(feature, shape)) {
    return NotAllowed(feature, shape);
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId tensor,
                         AddPort(feature, shape, std::move(inside), builder));
  builder.Bind(feature.name, tensor);
  return absl::OkStatus();
}

}  // namespace

absl::Status ImportInput(const FeatureDescription& feature, const NetworkView& network,
                         const Shape* given, Builder& builder) {
  builder.BeginLayer(feature.name, "input");
  switch (feature.kind) {
    case FeatureKind::kImage:
      return ImportImage(feature, network, given, builder);
    case FeatureKind::kMultiArray:
    case FeatureKind::kInt64:
    case FeatureKind::kDouble:
      return ImportArray(feature, network, given, builder);
    default:
      return absl::UnimplementedError("inputs of this type are not supported");
  }
}

}  // namespace nbits::graph
