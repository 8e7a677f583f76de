// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/layer_list.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

using schema::NeuralNetworkLayer;

absl::string_view KindName(const NeuralNetworkLayer& layer) {
  const LayerKind* kind = FindLayerKind(layer.layer_case());
  return kind == nullptr ? "unknown" : kind->name;
}

std::string CustomClass(const NeuralNetworkLayer& layer) {
  return layer.has_custom() ? absl::StrCat(" (class ", layer.custom().classname(), ")") : "";
}

absl::Status UnsupportedError(const NeuralNetworkLayer& layer) {
  return absl::UnimplementedError(absl::StrCat("layer '", layer.name(), "' of type ",
                                               KindName(layer), CustomClass(layer),
                                               " is not supported"));
}

// Calls `visit` with the layer lists of a branch or loop; stops at the first error.
template <typename Visit>
absl::Status VisitNested(const NeuralNetworkLayer& layer, const Visit& visit) {
  if (layer.has_branch()) {
    NBITS_RETURN_IF_ERROR(visit(layer.branch().ifbranch().layers()));
    return visit(layer.branch().elsebranch().layers());
  }
  if (!layer.has_loop()) return absl::OkStatus();
  NBITS_RETURN_IF_ERROR(visit(layer.loop().conditionnetwork().layers()));
  return visit(layer.loop().bodynetwork().layers());
}

}  // namespace

absl::Status NameLayer(const NeuralNetworkLayer& layer, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("layer '", layer.name(), "' of type '",
                                                  KindName(layer), "': ", status.message()));
}

bool IsTrue(float value) {
  constexpr float kClosestToZero = 1e-6f;  // The format's own constant.
  return std::abs(value) > kClosestToZero;
}

absl::Status ImportLayer(const NeuralNetworkLayer& source, const ImportContext& context,
                         Builder& builder) {
  const LayerKind* kind = FindLayerKind(source.layer_case());
  if (kind == nullptr || kind->import == nullptr) return UnsupportedError(source);
  builder.BeginLayer(source.name(), std::string(kind->name));
  std::vector<TensorId> inputs;
  for (const std::string& blob : source.input()) {
    const absl::StatusOr<TensorId> tensor = builder.Find(blob);
    if (!tensor.ok()) return NameLayer(source, tensor.status());
    inputs.push_back(*tensor);
  }
  Layer layer(source, std::move(inputs), context.weights, context.rank5, builder);
  const absl::Status status = kind->import(layer);
  return status.ok() ? status : NameLayer(source, status);
}

absl::Status CheckSupported(const LayerList& layers) {
  for (const NeuralNetworkLayer& layer : layers) {
    const LayerKind* kind = FindLayerKind(layer.layer_case());
    if (kind == nullptr || kind->import == nullptr) {
      return UnsupportedError(layer);
    }
    NBITS_RETURN_IF_ERROR(VisitNested(layer, CheckSupported));
  }
  return absl::OkStatus();
}

void BlobNames::Add(const NeuralNetworkLayer& layer) {
  reads.insert(layer.input().begin(), layer.input().end());
  writes.insert(layer.output().begin(), layer.output().end());
  if (layer.has_loop()) reads.insert(layer.loop().conditionvar());
  const auto add = [this](const LayerList& nested) {
    Add(nested);
    return absl::OkStatus();
  };
  VisitNested(layer, add).IgnoreError();  // `add` returns none.
}

void BlobNames::Add(const LayerList& layers) {
  for (const NeuralNetworkLayer& layer : layers) Add(layer);
}

}  // namespace nbits::graph
