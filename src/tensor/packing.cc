// SPDX-License-Identifier: Apache-2.0
#include "tensor/packing.h"

#include <algorithm>
#include <memory>

#include "base/memory.h"
#include "base/threads/parallel.h"
#include "tensor/bit_pack.h"

namespace nbits {

std::span<std::byte> AllocateBytes(PackedTensor& tensor, int64_t count) {
  const std::shared_ptr<std::byte[]> memory = AllocateBlock(static_cast<size_t>(count));
  const std::span<std::byte> bytes(memory.get(), count);
  tensor.bytes = bytes;
  tensor.owner = memory;
  return bytes;
}

void ForEachTile(int64_t elements, const std::function<void(int64_t, int64_t)>& body) {
  const int64_t tiles = (elements + kTileElements - 1) / kTileElements;
  ParallelFor(tiles, [&](int64_t tile) {
    const int64_t begin = tile * kTileElements;
    body(begin, std::min(begin + kTileElements, elements));
  });
}

void EncodePackedTile(int64_t begin, int64_t end,
                      absl::FunctionRef<void(int64_t begin, std::span<uint8_t> codes)> encode,
                      const PackedTensor& tensor, std::byte* packed) {
  std::byte* const target = packed + begin / 8 * tensor.bits;
  if (tensor.bits == 8) {
    encode(begin, {reinterpret_cast<uint8_t*>(target), static_cast<size_t>(end - begin)});
    return;
  }
  uint8_t buffer[kTileElements];
  const std::span<uint8_t> codes(buffer, end - begin);
  encode(begin, codes);
  PackBits(codes, tensor.bits, tensor.bit_order, target);
}

void EncodePacked(int64_t elements, const std::function<void(int64_t, std::span<uint8_t>)>& encode,
                  PackedTensor& tensor) {
  std::byte* const packed = AllocateBytes(tensor, PackedByteCount(elements, tensor.bits)).data();
  ForEachTile(elements, [&](int64_t begin, int64_t end) {
    EncodePackedTile(begin, end, encode, tensor, packed);
  });
}

}  // namespace nbits
