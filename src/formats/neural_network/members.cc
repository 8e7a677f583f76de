// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/members.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/weights/layer_kinds.h"
#include "formats/neural_network/wire/parse_quietly.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

// Numbers of Model.Type that carry labels of their own.
constexpr uint32_t kLabelled[] = {400, 401, 402, 404, 610};
constexpr uint32_t kSuppression = 610;
constexpr uint32_t kStringLabels = 100, kIntegerLabels = 101;  // Fields of each of them.

// More are not described: a hostile file has one in two bytes.
constexpr size_t kMostDescribed = 10000;

// Whether the piece is a message; text and numbers under a model's number mean nothing.
bool IsMessage(const WirePiece& piece) {
  WireField field;
  return piece.child ||
         (WireReader(piece.bytes).Next(field).ok() && field.type == WireType::kLengthDelimited);
}

// Of a message that has labels.
template <typename Message>
std::vector<std::string> Texts(const Message& message) {
  const auto& text = message.stringclasslabels().vector();
  std::vector<std::string> texts(text.begin(), text.end());
  for (const int64_t label : message.int64classlabels().vector()) {
    texts.push_back(absl::StrCat(label));
  }
  return texts;
}

// The labels alone: all else of a model, such as its trees, may be large.
std::vector<std::string> OwnLabels(ByteSpan content) {
  std::string bytes;
  WireReader reader(content);
  WireField field;
  while (!reader.done() && reader.Next(field).ok()) {
    if (field.number != kStringLabels && field.number != kIntegerLabels) continue;
    bytes.append(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
  }
  schema::ClassLabels labels;
  return ParseQuietly(std::as_bytes(std::span(bytes)), labels) ? Texts(labels)
                                                               : std::vector<std::string>();
}

void AppendMembers(const schema::Model& skeleton, const WireNode& node, const std::string& path,
                   std::vector<MemberDescription>& members) {
  const schema::Pipeline* pipeline = PipelineOf(skeleton);
  if (pipeline == nullptr) return;
  const std::vector<const WireNode*> nodes = MembersOf(node);
  const size_t count = std::min<size_t>(nodes.size(), pipeline->models_size());
  for (size_t i = 0; i < count && members.size() < kMostDescribed; ++i) {
    const schema::Model& member = pipeline->models(static_cast<int>(i));
    MemberDescription description;
    description.path = absl::StrCat(path, "models[", i, "]");
    if (i < static_cast<size_t>(pipeline->names_size())) {
      description.name = pipeline->names(static_cast<int>(i));
    }
    description.type = std::string(ModelTypeName(static_cast<int>(ModelTypeNumber(*nodes[i]))));
    description.bytes = static_cast<int64_t>(EncodedSize(*nodes[i]));
    description.updatable = member.isupdatable();
    members.push_back(description);
    AppendMembers(member, *nodes[i], description.path + "/", members);
  }
}

// The suppression whose boxes leave the model; the last wins.
void FindSuppression(const WireNode& node, schema::NonMaximumSuppression& found) {
  if (ModelTypeNumber(node) == kSuppression) ParseQuietly(ContentOf(node), found);
  for (const WireNode* member : MembersOf(node)) FindSuppression(*member, found);
}

bool HasOutput(const schema::Model& model, const std::string& name) {
  const auto& outputs = model.description().output();
  return std::any_of(outputs.begin(), outputs.end(),
                     [&](const auto& output) { return output.name() == name; });
}

}  // namespace

uint32_t ModelTypeNumber(const WireNode& model) {
  uint32_t number = 0;
  for (const WirePiece& piece : model.pieces) {
    if (!ModelTypeName(static_cast<int>(piece.field)).empty() && IsMessage(piece)) {
      number = piece.field;
    }
  }
  return number;
}

ByteSpan ContentOf(const WireNode& model) {
  const uint32_t number = ModelTypeNumber(model);
  ByteSpan content;
  for (const WirePiece& piece : model.pieces) {
    if (piece.child || piece.field != number) continue;
    WireReader reader(piece.bytes);
    WireField field;
    while (!reader.done() && reader.Next(field).ok()) {
      if (field.type == WireType::kLengthDelimited) content = field.payload;
    }
  }
  return content;
}

std::vector<const WireNode*> MembersOf(const WireNode& model) {
  const WireNode* pipeline = model.Child(ModelTypeNumber(model));
  if (pipeline != nullptr && pipeline->kind == MessageKind::kPipelineHolder) {
    pipeline = pipeline->Child(1);
  }
  if (pipeline == nullptr || pipeline->kind != MessageKind::kPipeline) return {};
  const std::vector<WireNode*> members = pipeline->Children(MessageKind::kModel);
  return {members.begin(), members.end()};
}

std::vector<MemberDescription> DescribeMembers(const schema::Model& skeleton,
                                               const WireNode& root) {
  std::vector<MemberDescription> members;
  AppendMembers(skeleton, root, "", members);
  return members;
}

std::vector<std::string> LabelsOf(const schema::Model& skeleton, const WireNode& model) {
  const uint32_t number = ModelTypeNumber(model);
  if (skeleton.has_neuralnetworkclassifier()) {
    return Texts(skeleton.neuralnetworkclassifier());
  }
  if (std::find(std::begin(kLabelled), std::end(kLabelled), number) != std::end(kLabelled)) {
    return OwnLabels(ContentOf(model));
  }
  const schema::Pipeline* pipeline = PipelineOf(skeleton);
  if (pipeline == nullptr) return {};
  const std::vector<const WireNode*> nodes = MembersOf(model);
  std::vector<std::string> labels;
  for (size_t i = 0; i < std::min<size_t>(nodes.size(), pipeline->models_size()); ++i) {
    std::vector<std::string> found = LabelsOf(pipeline->models(static_cast<int>(i)), *nodes[i]);
    if (!found.empty()) labels = std::move(found);
  }
  return labels;
}

std::optional<DetectorOutputs> DetectorOf(const schema::Model& skeleton, const WireNode& root) {
  schema::NonMaximumSuppression suppression;
  FindSuppression(root, suppression);
  DetectorOutputs outputs{suppression.confidenceoutputfeaturename(),
                          suppression.coordinatesoutputfeaturename()};
  if (outputs.confidence.empty() || outputs.coordinates.empty()) return std::nullopt;
  if (!HasOutput(skeleton, outputs.confidence)) return std::nullopt;
  if (!HasOutput(skeleton, outputs.coordinates)) return std::nullopt;
  return outputs;
}

}  // namespace nbits
