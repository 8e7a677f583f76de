// SPDX-License-Identifier: Apache-2.0
// The values of a tensor, wherever they are, a piece at a time.
#ifndef NBITS_QUANTIZE_VALUE_SOURCE_H_
#define NBITS_QUANTIZE_VALUE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "nbits/packed_tensor.h"
#include "tensor/compare_values.h"
#include "tensor/packing.h"

namespace nbits {

// Room for one piece: on the stack up to a tile.
class PieceBuffer {
 public:
  std::span<float> Room(int64_t count) {
    if (count <= kTileElements) return {tile_, static_cast<size_t>(count)};
    if (!large_) large_ = std::make_unique_for_overwrite<float[]>(count);
    return {large_.get(), static_cast<size_t>(count)};
  }

 private:
  float tile_[kTileElements];
  std::unique_ptr<float[]> large_;
};

// A view of floats or of a packed tensor, which both outlive it.
class ValueSource {
 public:
  explicit ValueSource(std::span<const float> values);
  explicit ValueSource(const PackedTensor& tensor);

  int64_t size() const { return size_; }
  // Values [begin, end): where they are, or decoded into the buffer, which is used for this once.
  std::span<const float> Piece(int64_t begin, int64_t end, PieceBuffer& buffer) const;
  // All of them: where they are, or decoded into `room` on all cores.
  std::span<const float> All(std::vector<float>& room) const;

 private:
  std::span<const float> values_;
  const PackedTensor* tensor_ = nullptr;
  int64_t size_ = 0;
};

// Calls encode(begin, values) on all cores for pieces of `piece` values (the last may be shorter);
// it puts elements from `begin` on into `tensor`, and says false where they cannot be. Unless
// `errors` is null, compares what it put there with the values while they are in the cache; sums do
// not depend on the number of threads. False as soon as one call said so.
bool EncodePieces(const ValueSource& source, int64_t piece,
                  absl::FunctionRef<bool(int64_t begin, std::span<const float> values)> encode,
                  const PackedTensor& tensor, ValueErrors* errors);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_VALUE_SOURCE_H_
