// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/layer_edit.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/wire/wire_tree.h"

namespace nbits {
namespace {

// Feature names that more than one network of a model knows, or that the model itself hands out.
class SharedNames {
 public:
  void Add(const NetworkEntry& network, size_t id) {
    for (const auto& layer : *network.layers) {
      for (const std::string& name : layer.input()) Note(name, id);
      for (const std::string& name : layer.output()) Note(name, id);
      if (layer.has_loop()) MarkShared(layer.loop().conditionvar());
    }
    for (const auto& output : network.model->description().output()) MarkShared(output.name());
    MarkShared(network.model->neuralnetworkclassifier().labelprobabilitylayername());
  }
  void MarkShared(const std::string& name) { users_[name] = kSeveral; }
  bool Contains(const std::string& name) const {
    const auto found = users_.find(name);
    return found != users_.end() && found->second == kSeveral;
  }

 private:
  static constexpr size_t kSeveral = ~size_t{0};
  void Note(const std::string& name, size_t id) {
    const auto [user, is_new] = users_.emplace(name, id);
    if (!is_new && user->second != id) user->second = kSeveral;
  }
  std::map<std::string, size_t> users_;
};

// A classifier that does not name the feature of its probabilities takes the last layer's.
void MarkImplicitProbabilities(const NetworkEntry& network, SharedNames& shared) {
  const schema::Model& model = *network.model;
  if (!model.has_neuralnetworkclassifier()) return;
  const schema::NeuralNetworkClassifier& classifier = model.neuralnetworkclassifier();
  if (network.layers != &classifier.layers() || classifier.layers().empty()) return;
  if (!classifier.labelprobabilitylayername().empty()) return;
  const auto& last = classifier.layers(classifier.layers_size() - 1);
  for (const std::string& name : last.output()) shared.MarkShared(name);
}

std::map<const schema::Model*, SharedNames> FindSharedNames(
    const std::vector<NetworkEntry>& networks) {
  std::map<const schema::Model*, SharedNames> shared;
  for (size_t i = 0; i < networks.size(); ++i) {
    SharedNames& names = shared[networks[i].model];
    names.Add(networks[i], i);
    MarkImplicitProbabilities(networks[i], names);
  }
  return shared;
}

bool HasExactShapes(const schema::Model& model) {
  const auto exact = schema::EXACT_ARRAY_MAPPING;
  return model.neuralnetwork().arrayinputshapemapping() == exact ||
         model.neuralnetworkclassifier().arrayinputshapemapping() == exact ||
         model.neuralnetworkregressor().arrayinputshapemapping() == exact;
}

NetworkRef MakeRef(const NetworkEntry& entry, const SharedNames& shared) {
  NetworkRef ref;
  ref.path = entry.path;
  ref.exact_shapes = HasExactShapes(*entry.model);
  for (const auto& layer : *entry.layers) {
    ref.layers.push_back(&layer);
    for (const std::string& name : layer.output()) {
      if (shared.Contains(name)) ref.output_names.push_back(name);
    }
  }
  return ref;
}

// Where a layer stands: its network's node and the place among the pieces of that node.
struct LayerPlace {
  WireNode* network = nullptr;
  size_t piece = 0;
};

absl::StatusOr<LayerPlace> FindLayer(const Model& model, size_t network, size_t layer) {
  const auto networks = ListNetworks(model.impl().skeleton, model.impl().tree->root);
  if (network >= networks.size()) {
    return absl::OutOfRangeError(absl::StrCat("network ", network, " of ", networks.size()));
  }
  WireNode* node = networks[network].node;
  size_t seen = 0;
  for (size_t i = 0; i < node->pieces.size(); ++i) {
    if (node->pieces[i].child && seen++ == layer) return LayerPlace{node, i};
  }
  return absl::OutOfRangeError(absl::StrCat("layer ", layer, " of ", seen));
}

// nbits_weight_index of a message that stands in place of a weight; 0 when it holds its own values.
uint64_t WeightIndexOf(const WireNode& weight) {
  uint64_t index = 0;
  for (const WirePiece& piece : weight.pieces) {
    WireField field;
    if (piece.field == wire::kWeightIndex && WireReader(piece.bytes).Next(field).ok()) {
      index = field.varint;
    }
  }
  return index;
}

// Weights have no child messages, and their bytes live as long as the tree or the piece's owner.
void CopyWeight(const WireNode& from, WireNode& to) {
  to.pieces.clear();
  for (const WirePiece& piece : from.pieces) {
    to.pieces.push_back(
        {.field = piece.field, .bytes = piece.bytes, .child = nullptr, .owner = piece.owner});
  }
  to.replacement = from.replacement;
  MarkEdited(&to);
}

// Puts the model's values in place of the indices that stand for them, all over `node`.
absl::Status FillWeights(const WireTree& tree, WireNode& node) {
  for (WirePiece& piece : node.pieces) {
    if (piece.child) NBITS_RETURN_IF_ERROR(FillWeights(tree, *piece.child));
  }
  const uint64_t index = node.kind == MessageKind::kWeight ? WeightIndexOf(node) : 0;
  if (index == 0) return absl::OkStatus();
  if (index > tree.weights.size()) {
    return absl::InvalidArgumentError(absl::StrCat("the model has no weight ", index - 1));
  }
  CopyWeight(*tree.weights[index - 1], node);
  return absl::OkStatus();
}

// Gives every raw piece below `node` a share in the bytes that it views.
void ShareOwner(const std::shared_ptr<const void>& owner, WireNode& node) {
  for (WirePiece& piece : node.pieces) {
    if (piece.child) ShareOwner(owner, *piece.child);
    if (!piece.owner) piece.owner = owner;
  }
  MarkEdited(&node);
}

absl::StatusOr<std::unique_ptr<WireNode>> MakeLayerNode(const schema::NeuralNetworkLayer& layer,
                                                        const WireTree& tree) {
  auto body = std::make_shared<const std::string>(layer.SerializeAsString());
  auto node = std::make_unique<WireNode>();
  node->kind = MessageKind::kLayer;
  node->field = wire::kLayers;
  NBITS_RETURN_IF_ERROR(ParseNode(std::as_bytes(std::span(*body)), *node));
  ShareOwner(body, *node);
  NBITS_RETURN_IF_ERROR(FillWeights(tree, *node));
  return node;
}

// Puts nodes in place of pieces, or takes pieces away where the node is null.
absl::Status SwapLayers(Model& model, WireNode& network,
                        std::map<size_t, std::unique_ptr<WireNode>> nodes) {
  std::vector<WirePiece> before = std::exchange(network.pieces, {});
  std::vector<std::pair<size_t, size_t>> moved;  // Pieces that stay: index before and now.
  for (size_t i = 0; i < before.size(); ++i) {
    const auto edit = nodes.find(i);
    if (edit == nodes.end()) {
      moved.emplace_back(i, network.pieces.size());
      network.pieces.push_back(std::move(before[i]));
    } else if (edit->second != nullptr) {
      WirePiece& piece = network.pieces.emplace_back();
      piece.field = before[i].field;
      piece.child = std::move(edit->second);
    }
  }
  const absl::Status status = model.impl().Refresh();
  if (status.ok()) {
    MarkEdited(&network);
    return status;
  }
  for (const auto& [old_place, place] : moved) before[old_place] = std::move(network.pieces[place]);
  network.pieces = std::move(before);
  NumberWeights(*model.impl().tree);
  return status;
}

}  // namespace

std::vector<NetworkRef> Networks(const Model& model) {
  const auto entries = ListNetworks(model.impl().skeleton, model.impl().tree->root);
  const auto shared = FindSharedNames(entries);
  std::vector<NetworkRef> networks;
  for (const NetworkEntry& entry : entries) {
    networks.push_back(MakeRef(entry, shared.at(entry.model)));
  }
  return networks;
}

absl::Status EditLayers(Model& model, size_t network, LayerEdits edits) {
  std::map<size_t, std::unique_ptr<WireNode>> nodes;  // By piece; null: removed.
  WireNode* node = nullptr;
  for (auto& [layer, replacement] : edits) {
    NBITS_ASSIGN_OR_RETURN(const LayerPlace place, FindLayer(model, network, layer));
    node = place.network;
    std::unique_ptr<WireNode>& edited = nodes[place.piece];
    if (replacement == nullptr) continue;
    NBITS_ASSIGN_OR_RETURN(edited, MakeLayerNode(*replacement, *model.impl().tree));
    edited->parent = node;
    replacement.reset();  // Its values are in the node now.
  }
  return node == nullptr ? absl::OkStatus() : SwapLayers(model, *node, std::move(nodes));
}

absl::Status ReplaceLayer(Model& model, size_t network, size_t layer,
                          const schema::NeuralNetworkLayer& replacement) {
  LayerEdits edits;
  edits[layer] = std::make_unique<schema::NeuralNetworkLayer>(replacement);
  return EditLayers(model, network, std::move(edits));
}

absl::Status RemoveLayer(Model& model, size_t network, size_t layer) {
  LayerEdits edits;
  edits[layer] = nullptr;
  return EditLayers(model, network, std::move(edits));
}

}  // namespace nbits
