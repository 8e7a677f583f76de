// SPDX-License-Identifier: Apache-2.0
#include "base/status_macros.h"
#include "formats/neural_network/wire/wire_tree.h"

namespace nbits {
namespace {

uint64_t BodySize(const WireNode& node) {
  uint64_t size = 0;
  for (const WirePiece& piece : node.pieces) {
    size += piece.child ? EncodedSize(*piece.child) : piece.bytes.size();
  }
  return size;
}

std::string HeaderOf(const WireNode& node, uint64_t body_size) {
  std::string header;
  if (node.parent == nullptr) return header;
  AppendTag(node.field, WireType::kLengthDelimited, header);
  AppendVarint(body_size, header);
  return header;
}

void Append(ByteSpan bytes, std::string& out) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Types beyond the schema can be large (trees, tables) and nothing reads them.
bool InSkeleton(const WireNode& node, const WirePiece& piece) {
  if (node.kind == MessageKind::kModel) {
    return piece.field < wire::kFirstModelType || piece.field == wire::kMlProgram;
  }
  if (node.kind != MessageKind::kWeight) return true;
  return !IsWeightPayload(piece.field) && piece.field != wire::kQuantization &&
         piece.field != wire::kWeightIndex;
}

void AppendSkeletonBody(const WireNode& node, std::string& out) {
  for (const WirePiece& piece : node.pieces) {
    if (piece.child) {
      std::string body;
      AppendSkeletonBody(*piece.child, body);
      out += HeaderOf(*piece.child, body.size());
      out += body;
    } else if (InSkeleton(node, piece)) {
      Append(piece.bytes, out);
    }
  }
  if (node.weight_index >= 0) {
    AppendTag(wire::kWeightIndex, WireType::kVarint, out);
    AppendVarint(static_cast<uint64_t>(node.weight_index) + 1, out);
  }
}

}  // namespace

uint64_t EncodedSize(const WireNode& node) {
  if (!node.edited) return node.bytes.size();
  const uint64_t body = BodySize(node);
  return HeaderOf(node, body).size() + body;
}

absl::Status EncodeNode(const WireNode& node, absl::FunctionRef<absl::Status(ByteSpan)> write) {
  if (!node.edited) return write(node.bytes);
  const std::string header = HeaderOf(node, BodySize(node));
  NBITS_RETURN_IF_ERROR(write(std::as_bytes(std::span(header))));
  for (const WirePiece& piece : node.pieces) {
    NBITS_RETURN_IF_ERROR(piece.child ? EncodeNode(*piece.child, write) : write(piece.bytes));
  }
  return absl::OkStatus();
}

std::string EncodeSkeleton(const WireNode& root) {
  std::string skeleton;
  AppendSkeletonBody(root, skeleton);
  return skeleton;
}

}  // namespace nbits
