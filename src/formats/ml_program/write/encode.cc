// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/write/encode.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/ml_program/blobs/value.h"
#include "formats/ml_program/write/grid_codes.h"
#include "tensor/bit_pack.h"
#include "tensor/half.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

// Fewer numbers stand in the program itself.
constexpr int64_t kFewestInBlob = 10;

// ---- The operation ------------------------------------------------------------------------------

void SetType(const DataTypeFacts* type, const Shape& shape, mil::ValueType& out) {
  mil::TensorType& tensor = *out.mutable_tensortype();
  tensor.set_datatype(type->type);
  tensor.set_rank(static_cast<int64_t>(shape.size()));
  for (const int64_t extent : shape) {
    tensor.add_dimensions()->mutable_constant()->set_size(static_cast<uint64_t>(extent));
  }
}

mil::Value TextValue(const std::string& text) {
  mil::Value value;
  SetType(FindDataType(mil::STRING), {}, *value.mutable_type());
  value.mutable_immediatevalue()->mutable_tensor()->mutable_strings()->add_values(text);
  return value;
}

mil::Value IntegerValue(int32_t number) {
  mil::Value value;
  SetType(FindDataType(mil::INT32), {}, *value.mutable_type());
  value.mutable_immediatevalue()->mutable_tensor()->mutable_ints()->add_values(number);
  return value;
}

// Builds one operation: parameters go to its attributes or, from version 9 on, its inputs.
class WeightEncoder {
 public:
  WeightEncoder(const mil::Operation& original, mil::DataType type, int version, std::string file)
      : type_(FindDataType(type)), version_(version), file_(std::move(file)) {
    encoded_.operation.mutable_outputs()->CopyFrom(original.outputs());
    if (const auto name = original.attributes().find("name"); name != original.attributes().end()) {
      (*encoded_.operation.mutable_attributes())["name"] = name->second;
    }
  }

  EncodedWeight Encode(const PackedTensor& form) && {
    switch (form.scheme) {
      case Scheme::kFloat32:
      case Scheme::kFloat16:
        EncodePlain(form);
        break;
      case Scheme::kLinear:
      case Scheme::kSignedLinear:
        EncodeGrid(form);
        break;
      case Scheme::kLookupTable:
        EncodeTable(form);
        break;
    }
    return std::move(encoded_);
  }

 private:
  bool is_blockwise() const { return version_ >= kBlockwiseVersion; }

  void SetParameter(const std::string& name, mil::Value value) {
    if (is_blockwise()) {
      *(*encoded_.operation.mutable_inputs())[name].add_arguments()->mutable_value() =
          std::move(value);
    } else {
      (*encoded_.operation.mutable_attributes())[name] = std::move(value);
    }
  }

  mil::Value Stored(const DataTypeFacts* type, const Shape& shape, int64_t count, ByteSpan bytes,
                    std::shared_ptr<const void> owner) {
    mil::Value value;
    SetType(type, shape, *value.mutable_type());
    if (count >= kFewestInBlob && !file_.empty()) {
      value.mutable_blobfilevalue()->set_filename(file_);
      value.mutable_blobfilevalue()->set_offset(encoded_.blobs.size());
      encoded_.blobs.push_back({type, count, bytes, std::move(owner)});
      return value;
    }
    mil::TensorValue& tensor = *value.mutable_immediatevalue()->mutable_tensor();
    if (type->type == mil::FLOAT32) {
      for (int64_t i = 0; i < count; ++i) {
        float number;
        std::memcpy(&number, bytes.data() + 4 * i, sizeof(number));
        tensor.mutable_floats()->add_values(number);
      }
    } else {
      tensor.mutable_bytes()->set_values(bytes.data(), bytes.size());
    }
    return value;
  }

  template <typename Number>
  mil::Value StoredVector(const DataTypeFacts* type, const Shape& shape,
                          std::vector<Number> numbers) {
    auto storage = std::make_shared<std::vector<Number>>(std::move(numbers));
    return Stored(type, shape, static_cast<int64_t>(storage->size()),
                  std::as_bytes(std::span<const Number>(*storage)), storage);
  }

  mil::Value StoredFloats(const std::vector<float>& values, const Shape& shape) {
    if (type_->type == mil::FLOAT32) return StoredVector(type_, shape, values);
    std::vector<uint16_t> halves;
    for (const float value : values) halves.push_back(HalfFromFloat(value));
    return StoredVector(type_, shape, std::move(halves));
  }

  int64_t CountOf(const PackedTensor& form) const { return ElementCount(form.shape).value_or(0); }

  void EncodePlain(const PackedTensor& form) {
    const DataTypeFacts* type =
        FindDataType(form.scheme == Scheme::kFloat16 ? mil::FLOAT16 : mil::FLOAT32);
    mil::Value value = Stored(type, form.shape, CountOf(form), form.bytes, form.owner);
    if (type == type_) {
      encoded_.operation.set_type("const");
      (*encoded_.operation.mutable_attributes())["val"] = std::move(value);
      return;
    }
    encoded_.operation.set_type("constexpr_cast");
    SetParameter("source_val", std::move(value));
    SetParameter("output_dtype", TextValue(std::string(type_->name)));
  }

  // The codes as the type that says their sign.
  mil::Value Codes(const PackedTensor& form, const DataTypeFacts* type) {
    if (type->type != mil::INT4) {
      return Stored(type, form.shape, CountOf(form), form.bytes, form.owner);
    }
    std::vector<std::byte> codes(form.bytes.begin(), form.bytes.end());
    for (std::byte& pair : codes) pair ^= std::byte{0x88};
    if (CountOf(form) % 2 != 0) codes.back() &= std::byte{0x0f};
    auto storage = std::make_shared<std::vector<std::byte>>(std::move(codes));
    return Stored(type, form.shape, CountOf(form), *storage, storage);
  }

  const DataTypeFacts* CodeType(const PackedTensor& form) const {
    if (form.scheme == Scheme::kSignedLinear) return FindDataType(mil::INT8);
    if (form.bits == 8) return FindDataType(mil::UINT8);
    return FindDataType(IsCentred(form) ? mil::INT4 : mil::UINT4);
  }

  // Scales and zero points: one number, or one for each entry of the channel axis.
  Shape GridShape(const PackedTensor& form) const {
    const auto entries = static_cast<int64_t>(form.scale.size());
    if (HasBlocks(form)) {
      Shape blocks(form.shape.size(), 1);
      blocks[0] = form.shape[0];
      blocks[1] = entries / form.shape[0];
      return blocks;
    }
    if (!is_blockwise()) return entries == 1 ? Shape{} : Shape{entries};
    Shape shape(form.shape.size(), 1);
    if (entries > 1) shape[static_cast<size_t>(form.channel_axis)] = entries;
    return shape;
  }

  void EncodeGrid(const PackedTensor& form) {
    const DataTypeFacts* type = CodeType(form);
    const Shape shape = GridShape(form);
    std::vector<uint8_t> zeros;
    for (size_t c = 0; c < form.scale.size(); ++c) {
      zeros.push_back(static_cast<uint8_t>(ZeroPoint(form, c)));
    }
    const bool has_zeros = type->kind == NumberKind::kUnsigned && !form.offset.empty();
    if (!is_blockwise()) {
      encoded_.operation.set_type("constexpr_affine_dequantize");
      SetParameter("quantized_data", Codes(form, type));
      if (!has_zeros) std::fill(zeros.begin(), zeros.end(), uint8_t{0});
      SetParameter("zero_point", StoredVector(type, shape, std::move(zeros)));
      SetParameter("scale", StoredFloats(form.scale, shape));
      SetParameter("axis", IntegerValue(form.scale.size() == 1 ? 0 : form.channel_axis));
      return;
    }
    encoded_.operation.set_type("constexpr_blockwise_shift_scale");
    SetParameter("data", Codes(form, type));
    SetParameter("scale", StoredFloats(form.scale, shape));
    if (has_zeros) SetParameter("offset", ZeroPoints(type, shape, zeros));
  }

  mil::Value ZeroPoints(const DataTypeFacts* type, const Shape& shape,
                        const std::vector<uint8_t>& zeros) {
    if (type->bits == 8) return StoredVector(type, shape, zeros);
    auto packed = std::make_shared<std::vector<std::byte>>(
        static_cast<size_t>(PackedByteCount(static_cast<int64_t>(zeros.size()), type->bits)));
    PackBits(zeros, type->bits, BitOrder::kLeastSignificantFirst, packed->data());
    return Stored(type, shape, static_cast<int64_t>(zeros.size()), *packed, packed);
  }

  void EncodeTable(const PackedTensor& form) {
    encoded_.operation.set_type("constexpr_lut_to_dense");
    if (is_blockwise()) {
      const DataTypeFacts* type = FindDataType(absl::StrCat("uint", form.bits));
      SetParameter("indices", Stored(type, form.shape, CountOf(form), form.bytes, form.owner));
      Shape shape(form.shape.size(), 1);
      shape.push_back(static_cast<int64_t>(form.table.size()));
      shape.push_back(1);
      SetParameter("lut", StoredFloats(form.table, shape));
      return;
    }
    const auto size = static_cast<int64_t>(form.bytes.size());
    SetParameter("indices", Stored(FindDataType(mil::UINT8), {size}, size, form.bytes, form.owner));
    SetParameter("lut", StoredFloats(form.table, {static_cast<int64_t>(form.table.size())}));
    std::vector<uint32_t> extents;
    for (const int64_t extent : form.shape) extents.push_back(static_cast<uint32_t>(extent));
    mil::Value shape;
    SetType(FindDataType(mil::UINT32), {static_cast<int64_t>(extents.size())},
            *shape.mutable_type());
    shape.mutable_immediatevalue()->mutable_tensor()->mutable_bytes()->set_values(
        extents.data(), extents.size() * sizeof(uint32_t));
    SetParameter("shape", std::move(shape));
  }

  const DataTypeFacts* type_;
  int version_;
  std::string file_;
  EncodedWeight encoded_;
};

}  // namespace

EncodedWeight EncodeWeight(const PackedTensor& form, const mil::Operation& original,
                           mil::DataType type, int version, const std::string& file) {
  return WeightEncoder(original, type, std::max(version, kConstexprVersion), file).Encode(form);
}

}  // namespace nbits
