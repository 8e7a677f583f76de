// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/weights/replacement.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/weights/weight_fields.h"
#include "formats/neural_network/weights/weight_forms.h"

namespace nbits {
namespace {

WireNode* EnclosingModel(WireNode* node) {
  while (node->kind != MessageKind::kModel) node = node->parent;
  return node;
}

WirePiece VersionPiece(int version) {
  auto owner = std::make_shared<std::string>();
  AppendTag(wire::kSpecificationVersion, WireType::kVarint, *owner);
  AppendVarint(static_cast<uint64_t>(version), *owner);
  const ByteSpan bytes = std::as_bytes(std::span(*owner));
  return {.field = wire::kSpecificationVersion, .bytes = bytes, .child = nullptr, .owner = owner};
}

void WriteVersion(int version, WireNode& model) {
  std::erase_if(model.pieces,
                [](const WirePiece& piece) { return piece.field == wire::kSpecificationVersion; });
  model.pieces.insert(model.pieces.begin(), VersionPiece(version));
}

bool IsInUpdatableLayer(size_t index, const Model::Impl& impl) {
  for (const NetworkEntry& network : ListNetworks(impl.skeleton, impl.tree->root)) {
    for (const schema::NeuralNetworkLayer& layer : *network.layers) {
      if (!layer.isupdatable()) continue;
      const std::vector<WeightField> fields = WeightFieldsOf(layer);
      const bool has = std::any_of(fields.begin(), fields.end(), [index](const WeightField& field) {
        return field.index == index;
      });
      if (has) return true;
    }
  }
  return false;
}

// What Core ML would refuse of the weight by itself, whatever becomes of its partners.
std::string FormProblem(const PackedTensor& tensor, size_t index, Model::Impl& impl) {
  const WeightRef& ref = impl.weights[index];
  const WeightForm form = FormOf(tensor);
  if (form == FormOf(ref.tensor)) return "";  // It is no worse than before.
  std::string problem = FormRefusal(ref.layer_type, ref.field, form);
  const schema::Model* model =
      SkeletonOf(*EnclosingModel(impl.tree->weights[index]), impl.skeleton);
  if (!problem.empty() || model == nullptr || !model->isupdatable()) return problem;
  return UpdatableRefusal(IsInUpdatableLayer(index, impl), form);
}

}  // namespace

absl::Status CheckReplacement(const PackedTensor& tensor, size_t index, Model::Impl& impl) {
  if (tensor.bits < 8 && tensor.bit_order != BitOrder::kMostSignificantFirst) {
    return absl::InvalidArgumentError("neural networks store the most significant bit first");
  }
  NBITS_RETURN_IF_ERROR(Validate(tensor));
  const std::string problem = FormProblem(tensor, index, impl);
  return problem.empty() ? absl::OkStatus() : absl::InvalidArgumentError(problem);
}

void RaiseVersion(int version, WireNode& weight, Model::Impl& impl) {
  WireNode* model = EnclosingModel(&weight);
  schema::Model* skeleton = SkeletonOf(*model, impl.skeleton);
  if (skeleton == nullptr || skeleton->specificationversion() >= version) return;
  WriteVersion(version, *model);
  skeleton->set_specificationversion(version);
  impl.description.specification_version = impl.skeleton.specificationversion();
}

}  // namespace nbits
