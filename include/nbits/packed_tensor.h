// SPDX-License-Identifier: Apache-2.0
// PackedTensor: the one form in which weights travel through nbits, from either file format to the
// quantizer, the engine and back.
//
// A packed tensor is N elements of `bits` bits each, a rule that turns an element into a real
// number, and the shape that the N numbers have (row-major):
//
//   scheme         bytes                                     value of element q
//   kFloat32       4 N, little-endian IEEE binary32          q
//   kFloat16       2 N, little-endian IEEE binary16          q
//   kLinear        ceil(N * bits / 8), unsigned q            scale[c] * q + offset[c]
//   kSignedLinear  N, two's complement, bits = 8             scale[c] * q + offset[c]
//   kLookupTable   ceil(N * bits / 8), unsigned q            table[q]
//
// c is the element's index along `channel_axis`; a tensor with one scale has scale.size() == 1 and
// channel_axis is not looked at. `offset` may be empty, which means 0.
//
// Elements narrower than a byte form one bit stream without alignment between rows: with
// kMostSignificantFirst (Core ML neural networks) element 0 begins at bit 7 of byte 0, with
// kLeastSignificantFirst (Core ML weight.bin blobs) at bit 0. Unused bits of the last byte are 0.
//
// Bytes may stand at any alignment; they are often a view of a memory-mapped file.
//
// Source: the Core ML specification, NeuralNetwork.proto: WeightParams (floatValue, float16Value,
// rawValue, int8RawValue) and QuantizationParams (LinearQuantizationParams: scale, bias;
// LookUpTableQuantizationParams: floatValue).
#ifndef NBITS_PACKED_TENSOR_H_
#define NBITS_PACKED_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

enum class Scheme : uint8_t { kFloat32, kFloat16, kLinear, kSignedLinear, kLookupTable };
enum class BitOrder : uint8_t { kMostSignificantFirst, kLeastSignificantFirst };

struct PackedTensor {
  Scheme scheme = Scheme::kFloat32;
  int bits = 32;  // Per element: 32, 16, or 1..8.
  BitOrder bit_order = BitOrder::kMostSignificantFirst;
  Shape shape;
  int channel_axis = 0;
  std::vector<float> scale;   // kLinear, kSignedLinear: 1 or shape[channel_axis] values.
  std::vector<float> offset;  // Same length as `scale`, or empty.
  std::vector<float> table;   // kLookupTable: 2^bits values.
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  // Keeps `bytes` alive; null when the caller does.
};

// One row of facts per scheme; the table that everything generic about schemes is read from.
struct SchemeTraits {
  absl::string_view name;  // "float32", "float16", "linear", "signed_linear", "lut".
  bool has_scale;
  bool has_table;
  int min_bits;
  int max_bits;
};
const SchemeTraits& TraitsOf(Scheme scheme);

// Product of `shape`. InvalidArgument when an extent is negative or the product exceeds 2^40
// elements (far above any file of the format, which ends at 2 GB).
absl::StatusOr<int64_t> ElementCount(const Shape& shape);

// Bytes that `elements` elements of `bits` bits take: ceil(elements * bits / 8).
int64_t PackedByteCount(int64_t elements, int bits);

// Checks every promise made above: bits within the scheme's range, byte count, lengths of scale,
// offset and table against the shape. InvalidArgument with what was expected and what is there.
// All functions that take a PackedTensor assume that it has passed.
//
// Example:
//   const std::byte codes[] = {std::byte{0x24}};  // The two 4-bit codes 2 and 4.
//   nbits::PackedTensor tensor;
//   tensor.scheme = nbits::Scheme::kLinear;
//   tensor.bits = 4;
//   tensor.shape = {2};
//   tensor.scale = {0.5f};
//   tensor.bytes = codes;  // Values 0.5 * 2 and 0.5 * 4.
//   return nbits::Validate(tensor);
absl::Status Validate(const PackedTensor& tensor);

// Decodes every element into `out` (ElementCount(tensor.shape) floats), on all cores.
// InvalidArgument when `out` has another size.
absl::Status Dequantize(const PackedTensor& tensor, std::span<float> out);

// Decodes elements [begin, begin + out.size()) on the calling thread: what the engine calls per
// tile. InvalidArgument when the range leaves the tensor.
absl::Status DequantizeRange(const PackedTensor& tensor, int64_t begin, std::span<float> out);

}  // namespace nbits

#endif  // NBITS_PACKED_TENSOR_H_
