// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/weights/weight_values.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/status_macros.h"
#include "proto/neural_network.pb.h"

namespace nbits {
namespace {

absl::Status Invalid(const std::string& reason) { return absl::InvalidArgumentError(reason); }

// One form of values of the message.
struct Payload {
  uint32_t field = 0;
  ByteSpan bytes;
  std::shared_ptr<const void> owner;
};

// Calls `visit` for each field of number `number` among the node's pieces, with its piece.
absl::Status VisitFields(const WireNode& weight, uint32_t number,
                         absl::FunctionRef<void(const WireField&, const WirePiece&)> visit) {
  for (const WirePiece& piece : weight.pieces) {
    if (piece.field != number) continue;
    WireReader reader(piece.bytes);
    while (!reader.done()) {
      WireField field;
      NBITS_RETURN_IF_ERROR(reader.Next(field));
      visit(field, piece);
    }
  }
  return absl::OkStatus();
}

// A packed list, or one value of an unpacked one; decoders take both in any mixture.
bool HoldsFloats(const WireField& field) {
  return !field.payload.empty() &&
         (field.type == WireType::kLengthDelimited || field.type == WireType::kFixed32);
}

absl::Status GatherFloats(const WireNode& weight, size_t size, Payload& payload) {
  auto gathered = std::make_shared<std::vector<std::byte>>();
  gathered->reserve(size);
  NBITS_RETURN_IF_ERROR(
      VisitFields(weight, wire::kFloatValue, [&](const WireField& field, const WirePiece&) {
        if (!HoldsFloats(field)) return;
        gathered->insert(gathered->end(), field.payload.begin(), field.payload.end());
      }));
  payload.bytes = *gathered;
  payload.owner = std::move(gathered);
  return absl::OkStatus();
}

absl::StatusOr<Payload> ReadFloats(const WireNode& weight) {
  Payload payload{.field = wire::kFloatValue, .bytes = {}, .owner = nullptr};
  size_t chunks = 0, size = 0;
  bool whole = true;
  NBITS_RETURN_IF_ERROR(
      VisitFields(weight, wire::kFloatValue, [&](const WireField& field, const WirePiece& piece) {
        if (!HoldsFloats(field)) return;
        ++chunks;
        size += field.payload.size();
        whole = whole && field.payload.size() % 4 == 0;
        payload.bytes = field.payload;
        payload.owner = piece.owner;
      }));
  if (!whole) return Invalid("a list of floats whose byte count is no multiple of 4");
  if (chunks > 1) NBITS_RETURN_IF_ERROR(GatherFloats(weight, size, payload));
  return payload;
}

absl::StatusOr<Payload> ReadBytes(const WireNode& weight, uint32_t number) {
  Payload payload{.field = number, .bytes = {}, .owner = nullptr};
  size_t chunks = 0;
  NBITS_RETURN_IF_ERROR(
      VisitFields(weight, number, [&](const WireField& field, const WirePiece& piece) {
        if (field.type != WireType::kLengthDelimited || field.payload.empty()) return;
        ++chunks;
        payload.bytes = field.payload;
        payload.owner = piece.owner;
      }));
  if (chunks > 1) return Invalid("its values stand twice");
  return payload;
}

absl::StatusOr<Payload> ReadPayload(const WireNode& weight) {
  NBITS_ASSIGN_OR_RETURN(Payload found, ReadFloats(weight));
  for (uint32_t number : {wire::kFloat16Value, wire::kRawValue, wire::kInt8RawValue}) {
    NBITS_ASSIGN_OR_RETURN(Payload payload, ReadBytes(weight, number));
    if (payload.bytes.empty()) continue;
    if (!found.bytes.empty()) return Invalid("values in more than one form");
    found = std::move(payload);
  }
  if (found.bytes.empty()) return Invalid("no readable values");
  return found;
}

absl::StatusOr<schema::QuantizationParams> ReadQuantization(const WireNode& weight) {
  schema::QuantizationParams quantization;
  bool parsed = true;
  NBITS_RETURN_IF_ERROR(
      VisitFields(weight, wire::kQuantization, [&](const WireField& field, const WirePiece&) {
        if (field.type != WireType::kLengthDelimited) return;
        schema::QuantizationParams part;
        parsed = parsed && part.ParseFromArray(field.payload.data(), field.payload.size());
        quantization.MergeFrom(part);
      }));
  if (!parsed) return Invalid("damaged quantization parameters");
  return quantization;
}

// Either list may hold one value for all channels.
void SpreadSingle(std::vector<float>& values, size_t count) {
  if (values.size() == 1 && count > 1) values.assign(count, values[0]);
}

void SetLinear(const schema::LinearQuantizationParams& params, PackedTensor& tensor) {
  tensor.scale.assign(params.scale().begin(), params.scale().end());
  tensor.offset.assign(params.bias().begin(), params.bias().end());
  SpreadSingle(tensor.scale, tensor.offset.size());
  SpreadSingle(tensor.offset, tensor.scale.size());
}

absl::Status SetQuantized(const schema::QuantizationParams& params, bool is_signed,
                          PackedTensor& tensor) {
  const uint64_t bits = params.numberofbits();
  if (bits < 1 || bits > 8 || (is_signed && bits != 8)) {
    return Invalid(absl::StrCat("quantized values of ", bits, " bits (expected ",
                                is_signed ? "8)" : "1 to 8)"));
  }
  tensor.bits = static_cast<int>(bits);
  if (params.has_linearquantization()) {
    tensor.scheme = is_signed ? Scheme::kSignedLinear : Scheme::kLinear;
    SetLinear(params.linearquantization(), tensor);
    return absl::OkStatus();
  }
  if (is_signed || !params.has_lookuptablequantization()) {
    return Invalid("quantized values without scales or a table");
  }
  tensor.scheme = Scheme::kLookupTable;
  const auto& table = params.lookuptablequantization().floatvalue();
  tensor.table.assign(table.begin(), table.end());
  return absl::OkStatus();
}

absl::Status SetScheme(const WireNode& weight, uint32_t field, PackedTensor& tensor) {
  if (field == wire::kFloatValue) return absl::OkStatus();
  if (field == wire::kFloat16Value) {
    tensor.scheme = Scheme::kFloat16;
    tensor.bits = 16;
    return absl::OkStatus();
  }
  NBITS_ASSIGN_OR_RETURN(const auto quantization, ReadQuantization(weight));
  return SetQuantized(quantization, field == wire::kInt8RawValue, tensor);
}

// The values of the first group, if all groups have the same.
bool KeepOneGroup(size_t count, std::vector<float>& values) {
  if (values.size() <= 1) return true;
  for (size_t i = count; i < values.size(); ++i) {
    if (std::memcmp(&values[i], &values[i - count], sizeof(float)) != 0) return false;
  }
  values.resize(count);
  return true;
}

// Scales that the format counts otherwise than the tensor's shape does.
absl::Status FitScales(const WeightField& field, PackedTensor& tensor) {
  const auto count = static_cast<int64_t>(tensor.scale.size());
  const auto axis = static_cast<size_t>(tensor.channel_axis);
  if (count <= 1 || count != field.scales || axis >= tensor.shape.size()) return absl::OkStatus();
  int64_t& channels = tensor.shape[axis];
  if (channels == count || channels <= 0) return absl::OkStatus();
  if (tensor.shape.size() == 1 && channels % count == 0) {
    tensor.shape = {count, channels / count};
  } else if (count % channels == 0) {
    const auto group = static_cast<size_t>(channels);
    if (!KeepOneGroup(group, tensor.scale) || !KeepOneGroup(group, tensor.offset)) {
      return Invalid("the scales of its groups differ, which is not supported");
    }
  }
  return absl::OkStatus();
}

// What follows the last element counts for nothing.
void CutOff(PackedTensor& tensor) {
  const bool is_raw = tensor.bits <= 8;
  const int64_t elements = ElementCount(tensor.shape).value_or(-1);
  if (!is_raw || elements < 0) return;
  const auto needed = static_cast<size_t>(PackedByteCount(elements, tensor.bits));
  if (tensor.bytes.size() > needed) tensor.bytes = tensor.bytes.first(needed);
}

}  // namespace

absl::StatusOr<PackedTensor> ReadWeight(const WireNode& weight, const WeightField& field) {
  PackedTensor tensor;
  if (weight.replacement) {
    tensor = *weight.replacement;
  } else {
    NBITS_ASSIGN_OR_RETURN(Payload payload, ReadPayload(weight));
    NBITS_RETURN_IF_ERROR(SetScheme(weight, payload.field, tensor));
    tensor.bytes = payload.bytes;
    tensor.owner = std::move(payload.owner);
  }
  const int64_t room = static_cast<int64_t>(tensor.bytes.size()) * 8 / tensor.bits;
  tensor.shape = field.shape.value_or(Shape{room});
  tensor.channel_axis = field.channel_axis;
  if (std::ranges::any_of(tensor.shape, [](int64_t extent) { return extent < 0; })) {
    return Invalid("channels, groups and kernel of the layer give it no shape");
  }
  CutOff(tensor);
  NBITS_RETURN_IF_ERROR(FitScales(field, tensor));
  const absl::Status status = Validate(tensor);
  if (status.ok()) return tensor;
  return Invalid(absl::StrCat("shape ", ShapeText(tensor.shape), ": ", status.message()));
}

GridCounts StoredGridCounts(const WireNode& weight) {
  const auto quantization = ReadQuantization(weight);
  if (!quantization.ok()) return {};
  const auto& linear = quantization->linearquantization();
  return {linear.scale_size(), linear.bias_size()};
}

int RequiredSpecificationVersion(Scheme scheme) {
  switch (scheme) {
    case Scheme::kFloat16:
      return 2;
    case Scheme::kSignedLinear:
      return 5;
    case Scheme::kFloat32:
    case Scheme::kLinear:
    case Scheme::kLookupTable:
      break;
  }
  return 3;
}

}  // namespace nbits
