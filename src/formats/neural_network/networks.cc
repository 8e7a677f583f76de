// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/networks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

schema::Pipeline* MutablePipelineOf(schema::Model& model) {
  return const_cast<schema::Pipeline*>(PipelineOf(model));
}

const LayerList* LayersOf(const schema::Model& model) {
  switch (model.Type_case()) {
    case schema::Model::kNeuralNetwork:
      return &model.neuralnetwork().layers();
    case schema::Model::kNeuralNetworkClassifier:
      return &model.neuralnetworkclassifier().layers();
    case schema::Model::kNeuralNetworkRegressor:
      return &model.neuralnetworkregressor().layers();
    default:
      return nullptr;
  }
}

// The node of the pipeline within a model's node, past the wrapper of classifiers and regressors.
const WireNode* PipelineNode(const schema::Model& model, const WireNode& node) {
  const WireNode* child = node.Child(static_cast<uint32_t>(model.Type_case()));
  if (child != nullptr && child->kind == MessageKind::kPipelineHolder) child = child->Child(1);
  return child;
}

class Lister {
 public:
  void AddModel(const schema::Model& model, const WireNode& node, const std::string& path) {
    if (const schema::Pipeline* pipeline = PipelineOf(model))
      AddMembers(*pipeline, model, node, path);
    const LayerList* layers = LayersOf(model);
    if (layers == nullptr) return;
    model_ = &model;
    AddNetwork(*layers, node.Child(static_cast<uint32_t>(model.Type_case())), path);
  }

  std::vector<NetworkEntry> entries;

 private:
  void AddMembers(const schema::Pipeline& pipeline, const schema::Model& model,
                  const WireNode& node, const std::string& path) {
    const WireNode* pipeline_node = PipelineNode(model, node);
    if (pipeline_node == nullptr) return;
    const std::vector<WireNode*> members = pipeline_node->Children(MessageKind::kModel);
    const size_t count = std::min<size_t>(members.size(), pipeline.models_size());
    for (size_t i = 0; i < count; ++i) {
      AddModel(pipeline.models(i), *members[i], absl::StrCat(path, "models[", i, "]/"));
    }
  }

  void AddNetwork(const LayerList& layers, WireNode* node, const std::string& path) {
    if (node == nullptr) return;
    entries.push_back({path, model_, &layers, node});
    const std::vector<WireNode*> nodes = node->Children(MessageKind::kLayer);
    const size_t count = std::min<size_t>(nodes.size(), layers.size());
    for (size_t i = 0; i < count; ++i) AddNested(layers.Get(i), *nodes[i], path);
  }

  void AddNested(const schema::NeuralNetworkLayer& layer, const WireNode& node,
                 const std::string& path) {
    const WireNode* params = node.Child(static_cast<uint32_t>(layer.layer_case()));
    if (params == nullptr) return;
    const std::string prefix = absl::StrCat(path, layer.name(), "/");
    if (layer.has_branch()) {
      AddNetwork(layer.branch().ifbranch().layers(), params->Child(1), prefix + "ifBranch/");
      AddNetwork(layer.branch().elsebranch().layers(), params->Child(2), prefix + "elseBranch/");
    } else if (layer.has_loop()) {
      AddNetwork(layer.loop().conditionnetwork().layers(), params->Child(3),
                 prefix + "conditionNetwork/");
      AddNetwork(layer.loop().bodynetwork().layers(), params->Child(4), prefix + "bodyNetwork/");
    }
  }

  const schema::Model* model_ = nullptr;
};

const WireNode* EnclosingModel(const WireNode& node) {
  const WireNode* outer = node.parent;
  while (outer != nullptr && outer->kind != MessageKind::kModel) outer = outer->parent;
  return outer;
}

}  // namespace

const schema::Pipeline* PipelineOf(const schema::Model& model) {
  switch (model.Type_case()) {
    case schema::Model::kPipeline:
      return &model.pipeline();
    case schema::Model::kPipelineClassifier:
      return &model.pipelineclassifier().pipeline();
    case schema::Model::kPipelineRegressor:
      return &model.pipelineregressor().pipeline();
    default:
      return nullptr;
  }
}

std::vector<NetworkEntry> ListNetworks(const schema::Model& skeleton, const WireNode& root) {
  Lister lister;
  lister.AddModel(skeleton, root, "");
  return std::move(lister.entries);
}

schema::Model* SkeletonOf(const WireNode& node, schema::Model& root_skeleton) {
  const WireNode* outer = EnclosingModel(node);
  if (outer == nullptr) return &root_skeleton;
  schema::Model* outer_skeleton = SkeletonOf(*outer, root_skeleton);
  schema::Pipeline* pipeline =
      outer_skeleton == nullptr ? nullptr : MutablePipelineOf(*outer_skeleton);
  if (pipeline == nullptr) return nullptr;
  const std::vector<WireNode*> members = node.parent->Children(MessageKind::kModel);
  const int index =
      static_cast<int>(std::find(members.begin(), members.end(), &node) - members.begin());
  return index < pipeline->models_size() ? pipeline->mutable_models(index) : nullptr;
}

}  // namespace nbits
