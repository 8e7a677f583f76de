// SPDX-License-Identifier: Apache-2.0
// Weights as the format stores them.
#include <utility>

#include "formats/neural_network/weights/weight_values.h"
#include "proto/neural_network.pb.h"

namespace nbits {
namespace {

// How often the scales of one group stand in the file. A deconvolution has no more groups than
// input channels, which are the first extent of its weights.
int64_t GroupsOf(const PackedTensor& tensor, int64_t scales) {
  const auto count = static_cast<int64_t>(tensor.scale.size());
  if (count <= 1 || scales <= count || scales % count != 0) return 1;
  return scales / count <= tensor.shape[0] ? scales / count : 1;
}

void Repeat(const std::vector<float>& values, int64_t times,
            google::protobuf::RepeatedField<float>& list) {
  for (int64_t i = 0; i < times; ++i) list.Add(values.begin(), values.end());
}

std::string EncodeQuantization(const PackedTensor& tensor, int64_t scales) {
  schema::QuantizationParams params;
  params.set_numberofbits(tensor.bits);
  if (tensor.scheme == Scheme::kLookupTable) {
    auto& table = *params.mutable_lookuptablequantization()->mutable_floatvalue();
    table.Add(tensor.table.begin(), tensor.table.end());
  } else {
    auto& linear = *params.mutable_linearquantization();
    const int64_t groups = GroupsOf(tensor, scales);
    Repeat(tensor.scale, groups, *linear.mutable_scale());
    Repeat(tensor.offset, groups, *linear.mutable_bias());
  }
  return params.SerializeAsString();
}

uint32_t PayloadField(Scheme scheme) {
  switch (scheme) {
    case Scheme::kFloat32:
      return wire::kFloatValue;
    case Scheme::kFloat16:
      return wire::kFloat16Value;
    case Scheme::kSignedLinear:
      return wire::kInt8RawValue;
    case Scheme::kLinear:
    case Scheme::kLookupTable:
      break;
  }
  return wire::kRawValue;
}

WirePiece OwnedPiece(uint32_t field, std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const ByteSpan bytes = std::as_bytes(std::span(*owner));
  return {.field = field, .bytes = bytes, .child = nullptr, .owner = std::move(owner)};
}

std::string Header(uint32_t field, size_t size) {
  std::string header;
  AppendTag(field, WireType::kLengthDelimited, header);
  AppendVarint(size, header);
  return header;
}

}  // namespace

void WriteWeight(const PackedTensor& tensor, int64_t scales, WireNode& weight) {
  std::vector<WirePiece> pieces;
  const uint32_t field = PayloadField(tensor.scheme);
  pieces.push_back(OwnedPiece(field, Header(field, tensor.bytes.size())));
  pieces.push_back(
      {.field = field, .bytes = tensor.bytes, .child = nullptr, .owner = tensor.owner});
  if (TraitsOf(tensor.scheme).has_scale || TraitsOf(tensor.scheme).has_table) {
    const std::string body = EncodeQuantization(tensor, scales);
    pieces.push_back(
        OwnedPiece(wire::kQuantization, Header(wire::kQuantization, body.size()) + body));
  }
  for (WirePiece& piece : weight.pieces) {
    if (IsWeightPayload(piece.field) || piece.field == wire::kQuantization) continue;
    pieces.push_back(std::move(piece));
  }
  weight.pieces = std::move(pieces);
  weight.replacement = tensor;
  MarkEdited(&weight);
}

}  // namespace nbits
