// SPDX-License-Identifier: Apache-2.0
#include "quantize/value_source.h"

#include <algorithm>
#include <atomic>

#include "base/threads/parallel.h"
#include "tensor/decode.h"

namespace nbits {

ValueSource::ValueSource(std::span<const float> values)
    : values_(values), size_(static_cast<int64_t>(values.size())) {}

ValueSource::ValueSource(const PackedTensor& tensor)
    : tensor_(&tensor), size_(ElementCount(tensor.shape).value_or(0)) {}

std::span<const float> ValueSource::Piece(int64_t begin, int64_t end, PieceBuffer& buffer) const {
  if (tensor_ == nullptr) return values_.subspan(begin, end - begin);
  const std::span<float> room = buffer.Room(end - begin);
  DecodeElements(*tensor_, begin, room);
  return room;
}

std::span<const float> ValueSource::All(std::vector<float>& room) const {
  if (tensor_ == nullptr) return values_;
  room.resize(size_);
  DecodeAll(*tensor_, room);
  return room;
}

bool EncodePieces(const ValueSource& source, int64_t piece,
                  absl::FunctionRef<bool(int64_t begin, std::span<const float> values)> encode,
                  const PackedTensor& tensor, ValueErrors* errors) {
  const int64_t pieces = (source.size() + piece - 1) / piece;
  std::vector<ValueErrors> parts(errors == nullptr ? 0 : pieces);
  std::atomic<bool> fits = true;
  ParallelFor(pieces, [&](int64_t i) {
    if (!fits) return;
    PieceBuffer buffer;
    const int64_t begin = i * piece, end = std::min(begin + piece, source.size());
    const std::span<const float> values = source.Piece(begin, end, buffer);
    if (!encode(begin, values)) {
      fits = false;
    } else if (errors != nullptr) {
      parts[i] = ErrorsOf(tensor, begin, values);
    }
  });
  for (const ValueErrors& part : parts) errors->Merge(part);
  return fits;
}

}  // namespace nbits
