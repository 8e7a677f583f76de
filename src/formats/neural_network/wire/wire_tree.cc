// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/wire/wire_tree.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

using enum MessageKind;

// Protobuf's own limit; a deeper skeleton could not be parsed either.
constexpr int kMaxDepth = 100;

struct FieldRule {
  MessageKind parent;
  uint32_t field;
  MessageKind child;
  bool repeated = false;
};

// Numbers: proto/model.proto, proto/neural_network.proto.
constexpr auto kRules = std::to_array<FieldRule>({
    {kModel, 200, kPipelineHolder},
    {kModel, 201, kPipelineHolder},
    {kModel, 202, kPipeline},
    {kModel, 303, kNetwork},
    {kModel, 403, kNetwork},
    {kModel, 500, kNetwork},
    {kPipelineHolder, 1, kPipeline},
    {kPipeline, 1, kModel, true},
    {kNetwork, wire::kLayers, kLayer, true},
    {kLayer, 100, kConvolution},
    {kLayer, 130, kActivation},
    {kLayer, 140, kMatrixAndBias},
    {kLayer, 150, kMatrixAndBias},
    {kLayer, 160, kBatchnorm},
    {kLayer, 245, kScale},
    {kLayer, 250, kBiasLayer},
    {kLayer, 290, kLoadConstant},
    {kLayer, 400, kSimpleRecurrent},
    {kLayer, 410, kGru},
    {kLayer, 420, kUniDirectionalLstm},
    {kLayer, 430, kBiDirectionalLstm},
    {kLayer, 500, kCustom},
    {kLayer, 605, kBranch},
    {kLayer, 615, kLoop},
    {kLayer, 1040, kMatrixAndBias},
    {kLayer, 1045, kBatchedMatmul},
    {kLayer, 1070, kLoadConstant},
    {kLayer, 1350, kLayerNormalization},
    {kLayer, 1471, kConvolution3d},
    {kConvolution, 90, kWeight},
    {kConvolution, 91, kWeight},
    {kConvolution3d, 60, kWeight},
    {kConvolution3d, 61, kWeight},
    {kActivation, 25, kPRelu},
    {kActivation, 71, kParametricSoftplus},
    {kPRelu, 1, kWeight},
    {kParametricSoftplus, 1, kWeight},
    {kParametricSoftplus, 2, kWeight},
    {kMatrixAndBias, 20, kWeight},
    {kMatrixAndBias, 21, kWeight},
    {kBatchedMatmul, 8, kWeight},
    {kBatchedMatmul, 9, kWeight},
    {kBatchnorm, 15, kWeight},
    {kBatchnorm, 16, kWeight},
    {kBatchnorm, 17, kWeight},
    {kBatchnorm, 18, kWeight},
    {kScale, 2, kWeight},
    {kScale, 5, kWeight},
    {kBiasLayer, 2, kWeight},
    {kLoadConstant, 2, kWeight},
    {kSimpleRecurrent, 10, kActivation},
    {kSimpleRecurrent, 30, kWeight},
    {kSimpleRecurrent, 31, kWeight},
    {kSimpleRecurrent, 32, kWeight},
    {kGru, 10, kActivation, true},
    {kGru, 30, kWeight},
    {kGru, 31, kWeight},
    {kGru, 32, kWeight},
    {kGru, 50, kWeight},
    {kGru, 51, kWeight},
    {kGru, 52, kWeight},
    {kGru, 70, kWeight},
    {kGru, 71, kWeight},
    {kGru, 72, kWeight},
    {kUniDirectionalLstm, 10, kActivation, true},
    {kUniDirectionalLstm, 20, kLstmWeights},
    {kBiDirectionalLstm, 10, kActivation, true},
    {kBiDirectionalLstm, 11, kActivation, true},
    {kBiDirectionalLstm, 20, kLstmWeights, true},
    {kLstmWeights, 1, kWeight},
    {kLstmWeights, 2, kWeight},
    {kLstmWeights, 3, kWeight},
    {kLstmWeights, 4, kWeight},
    {kLstmWeights, 20, kWeight},
    {kLstmWeights, 21, kWeight},
    {kLstmWeights, 22, kWeight},
    {kLstmWeights, 23, kWeight},
    {kLstmWeights, 40, kWeight},
    {kLstmWeights, 41, kWeight},
    {kLstmWeights, 42, kWeight},
    {kLstmWeights, 43, kWeight},
    {kLstmWeights, 60, kWeight},
    {kLstmWeights, 61, kWeight},
    {kLstmWeights, 62, kWeight},
    {kCustom, 20, kWeight, true},
    {kBranch, 1, kNetwork},
    {kBranch, 2, kNetwork},
    {kLoop, 3, kNetwork},
    {kLoop, 4, kNetwork},
    {kLayerNormalization, 3, kWeight},
    {kLayerNormalization, 4, kWeight},
});

const FieldRule* FindRule(MessageKind parent, const WireField& field) {
  if (field.type != WireType::kLengthDelimited) return nullptr;
  for (const FieldRule& rule : kRules) {
    if (rule.parent == parent && rule.field == field.number) return &rule;
  }
  return nullptr;
}

bool Touch(ByteSpan first, ByteSpan second) { return first.data() + first.size() == second.data(); }

// Raw fields join into runs; models and weights keep them apart by number, to find them again.
void AddRaw(const WireField& field, WireNode& node) {
  const bool by_number = node.kind == kModel || node.kind == kWeight;
  const uint32_t number = by_number ? field.number : 0;
  if (!node.pieces.empty()) {
    WirePiece& last = node.pieces.back();
    if (!last.child && last.field == number && Touch(last.bytes, field.bytes)) {
      last.bytes = {last.bytes.data(), last.bytes.size() + field.bytes.size()};
      return;
    }
  }
  node.pieces.push_back(
      {.field = number, .bytes = field.bytes, .child = nullptr, .owner = nullptr});
}

// With its pieces; a file of empty layers has one for each two bytes.
constexpr int64_t kBytesOfNode = sizeof(WireNode) + 2 * sizeof(WirePiece);

absl::Status ParseAtDepth(ByteSpan body, int depth, WireNode& node);

absl::Status AddChild(const FieldRule& rule, const WireField& field, int depth, WireNode& node) {
  if (!rule.repeated && node.Child(rule.field) != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("field ", rule.field, " stands twice"));
  }
  NBITS_RETURN_IF_ERROR(CheckMemory(kBytesOfNode, "reading its layers"));
  auto child = std::make_unique<WireNode>();
  child->kind = rule.child;
  child->field = rule.field;
  child->parent = &node;
  child->bytes = field.bytes;
  NBITS_RETURN_IF_ERROR(ParseAtDepth(field.payload, depth + 1, *child));
  node.pieces.push_back(
      {.field = rule.field, .bytes = {}, .child = std::move(child), .owner = nullptr});
  return absl::OkStatus();
}

absl::Status ParseAtDepth(ByteSpan body, int depth, WireNode& node) {
  if (depth > kMaxDepth) return absl::InvalidArgumentError("messages nested too deeply");
  WireReader reader(body);
  while (!reader.done()) {
    WireField field;
    NBITS_RETURN_IF_ERROR(reader.Next(field));
    if (const FieldRule* rule = FindRule(node.kind, field)) {
      NBITS_RETURN_IF_ERROR(AddChild(*rule, field, depth, node));
    } else {
      AddRaw(field, node);
    }
  }
  return absl::OkStatus();
}

void NumberWeightsBelow(WireNode& node, WireTree& tree) {
  node.weight_index = -1;
  if (node.kind == kWeight && HoldsValues(node)) {
    node.weight_index = static_cast<int64_t>(tree.weights.size());
    tree.weights.push_back(&node);
  }
  for (WirePiece& piece : node.pieces) {
    if (piece.child) NumberWeightsBelow(*piece.child, tree);
  }
}

}  // namespace

WireNode* WireNode::Child(uint32_t number) const {
  for (const WirePiece& piece : pieces) {
    if (piece.child && piece.field == number) return piece.child.get();
  }
  return nullptr;
}

std::vector<WireNode*> WireNode::Children(MessageKind wanted) const {
  std::vector<WireNode*> found;
  for (const WirePiece& piece : pieces) {
    if (piece.child && piece.child->kind == wanted) found.push_back(piece.child.get());
  }
  return found;
}

absl::Status ParseNode(ByteSpan body, WireNode& node) { return ParseAtDepth(body, 0, node); }

void NumberWeights(WireTree& tree) {
  tree.weights.clear();
  NumberWeightsBelow(tree.root, tree);
}

bool IsWeightPayload(uint32_t field) {
  return field == wire::kFloatValue || field == wire::kFloat16Value || field == wire::kRawValue ||
         field == wire::kInt8RawValue;
}

bool HoldsValues(const WireNode& weight) {
  if (weight.replacement) return true;
  for (const WirePiece& piece : weight.pieces) {
    if (!IsWeightPayload(piece.field)) continue;
    WireReader reader(piece.bytes);
    WireField field;
    while (!reader.done() && reader.Next(field).ok()) {
      if (!field.payload.empty()) return true;
    }
  }
  return false;
}

void MarkEdited(WireNode* node) {
  for (; node != nullptr; node = node->parent) node->edited = true;
}

}  // namespace nbits
