// SPDX-License-Identifier: Apache-2.0
// The messages of a model file that lie on the way to its weights, as ranges of the file. All else
// stays raw bytes, which is why an untouched part is written back exactly as it was read.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WIRE_WIRE_TREE_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WIRE_WIRE_TREE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "formats/neural_network/wire/wire_reader.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// The messages that the tree opens; which field of which leads to which is a table in the .cc.
enum class MessageKind : uint8_t {
  kModel,
  kPipelineHolder,
  kPipeline,
  kNetwork,
  kLayer,
  kConvolution,
  kConvolution3d,
  kActivation,
  kPRelu,
  kParametricSoftplus,
  kMatrixAndBias,  // Inner product, embedding, embeddingND: weights = 20, bias = 21.
  kBatchedMatmul,
  kBatchnorm,
  kScale,
  kBiasLayer,
  kLoadConstant,
  kSimpleRecurrent,
  kGru,
  kUniDirectionalLstm,
  kBiDirectionalLstm,
  kLstmWeights,
  kCustom,
  kBranch,
  kLoop,
  kLayerNormalization,
  kWeight
};

struct WireNode;

// A run of raw bytes, or a child message.
struct WirePiece {
  uint32_t field = 0;  // Of the child; of raw bytes only in kModel and kWeight, otherwise 0.
  ByteSpan bytes;      // Raw: whole fields (tag included). Child: unused.
  std::unique_ptr<WireNode> child;
  std::shared_ptr<const void> owner;  // Keeps `bytes` alive when they are not the file's.
};

struct WireNode {
  MessageKind kind = MessageKind::kModel;
  uint32_t field = 0;
  WireNode* parent = nullptr;
  ByteSpan bytes;  // As read: tag and length (not at the root) and body.
  std::vector<WirePiece> pieces;
  bool edited = false;        // `bytes` no longer counts; write the pieces.
  int64_t weight_index = -1;  // kWeight that holds values: its index in WireTree::weights.
  std::optional<PackedTensor> replacement;  // kWeight: the values put in, also in the pieces.

  // The only child with this field number, or null.
  WireNode* Child(uint32_t number) const;
  std::vector<WireNode*> Children(MessageKind wanted) const;
};

struct WireTree {
  std::shared_ptr<const void> storage;  // Keeps the file's bytes alive.
  WireNode root;
  std::vector<WireNode*> weights;  // kWeight nodes that hold values, in file order.
};

// Field numbers of WeightParams and Model that code outside the table refers to.
namespace wire {
inline constexpr uint32_t kSpecificationVersion = 1;
inline constexpr uint32_t kFirstModelType = 200;
inline constexpr uint32_t kMlProgram = 502;
inline constexpr uint32_t kFloatValue = 1;
inline constexpr uint32_t kFloat16Value = 2;
inline constexpr uint32_t kRawValue = 30;
inline constexpr uint32_t kInt8RawValue = 31;
inline constexpr uint32_t kQuantization = 40;
inline constexpr uint32_t kWeightIndex = 400000000;
inline constexpr uint32_t kLayers = 1;
}  // namespace wire

// Opens `body`, the body of a message of kind `node.kind`, into `node.pieces`. InvalidArgument with
// the offset within `body` for malformed bytes, messages nested more than 100 deep, and a
// single message that stands twice (decoders would merge the two; no writer makes such files).
absl::Status ParseNode(ByteSpan body, WireNode& node);

// Fills tree.weights and the nodes' weight_index.
void NumberWeights(WireTree& tree);

// True when a kWeight node has at least one value.
bool HoldsValues(const WireNode& weight);
bool IsWeightPayload(uint32_t field);

// Marks `node` and all messages around it as edited.
void MarkEdited(WireNode* node);

// Bytes that `node` takes, tag and length included (the root has none).
uint64_t EncodedSize(const WireNode& node);

// Hands the encoded bytes of `node` to `write`, piece after piece, in order.
absl::Status EncodeNode(const WireNode& node, absl::FunctionRef<absl::Status(ByteSpan)> write);

// The same message without the values and quantization of its weights: each kWeight with values
// carries weight_index + 1 in the field wire::kWeightIndex (one that the file has is left out).
// Model types that the schema does not know are left out.
std::string EncodeSkeleton(const WireNode& root);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WIRE_WIRE_TREE_H_
