// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/dynamic_flag.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/weights/weight_fields.h"

namespace nbits {
namespace {

using NetworkLayer = schema::NeuralNetworkLayer;

// Field numbers of the flag: proto/neural_network.proto.
constexpr uint32_t kInnerProductFlag = 22, kBatchedMatmulFlag = 10;

// The fields of a run of raw bytes but those of one number; neighbours stay together.
void AppendWithout(uint32_t number, WirePiece piece, std::vector<WirePiece>& pieces) {
  WireReader reader(piece.bytes);
  size_t begin = 0;
  const auto flush = [&](size_t end) {
    if (end > begin) {
      pieces.push_back({.field = piece.field,
                        .bytes = piece.bytes.subspan(begin, end - begin),
                        .child = nullptr,
                        .owner = piece.owner});
    }
  };
  while (!reader.done()) {
    WireField field;
    const size_t place = reader.position();
    if (!reader.Next(field).ok()) break;  // Not reached: the bytes were read before.
    if (field.number != number) continue;
    flush(place);
    begin = reader.position();
  }
  flush(piece.bytes.size());
}

void Remove(uint32_t number, WireNode& params) {
  std::vector<WirePiece> pieces;
  for (WirePiece& piece : params.pieces) {
    if (piece.child) {
      pieces.push_back(std::move(piece));
    } else {
      AppendWithout(number, std::move(piece), pieces);
    }
  }
  params.pieces = std::move(pieces);
  MarkEdited(&params);
}

void Clear(NetworkLayer& layer, const WireNode& node) {
  WireNode* params = node.Child(static_cast<uint32_t>(layer.layer_case()));
  if (layer.has_innerproduct()) {
    layer.mutable_innerproduct()->set_int8dynamicquantize(false);
    if (params != nullptr) Remove(kInnerProductFlag, *params);
  } else {
    layer.mutable_batchedmatmul()->set_int8dynamicquantize(false);
    if (params != nullptr) Remove(kBatchedMatmulFlag, *params);
  }
}

}  // namespace

void ClearDynamicInt8(Model& model, absl::FunctionRef<bool(const LayerWeights& layer)> wanted) {
  const Model::Impl& impl = model.impl();
  for (const NetworkEntry& network : ListNetworks(impl.skeleton, impl.tree->root)) {
    const std::vector<WireNode*> nodes = network.node->Children(MessageKind::kLayer);
    auto& layers = const_cast<LayerList&>(*network.layers);  // Of our own skeleton.
    const int count = std::min(layers.size(), static_cast<int>(nodes.size()));
    for (int i = 0; i < count; ++i) {
      NetworkLayer& layer = *layers.Mutable(i);
      if (IsDynamicInt8(layer) && wanted(NamesOf(layer)))
        Clear(layer, *nodes[static_cast<size_t>(i)]);
    }
  }
}

}  // namespace nbits
