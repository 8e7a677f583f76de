// SPDX-License-Identifier: Apache-2.0
// From a rule that turns elements into codes to a packed tensor's bytes, on all cores.
#ifndef NBITS_TENSOR_PACKING_H_
#define NBITS_TENSOR_PACKING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "absl/functional/function_ref.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// Elements encoded or decoded in one go by one thread: their codes and floats stay in the cache. A
// multiple of 8, so that every tile begins on a whole byte.
inline constexpr int64_t kTileElements = 1 << 15;

// Gives `tensor` uninitialised bytes of its own, and returns them to be filled.
std::span<std::byte> AllocateBytes(PackedTensor& tensor, int64_t count);

// Calls encode(begin, codes) for tiles of `elements` elements in any order on any thread; it sets
// codes[i] for element begin + i. Packs them into bytes owned by `tensor`, which has its bits,
// order and shape already.
void EncodePacked(int64_t elements,
                  const std::function<void(int64_t begin, std::span<uint8_t> codes)>& encode,
                  PackedTensor& tensor);

// One tile of that: elements [begin, end), of which `begin` is a multiple of 8 and there are at
// most kTileElements, into the bytes at `packed`, which are all of `tensor`'s.
void EncodePackedTile(int64_t begin, int64_t end,
                      absl::FunctionRef<void(int64_t begin, std::span<uint8_t> codes)> encode,
                      const PackedTensor& tensor, std::byte* packed);

// Calls body(begin, end) for tiles of [0, elements) on all cores.
void ForEachTile(int64_t elements, const std::function<void(int64_t begin, int64_t end)>& body);

}  // namespace nbits

#endif  // NBITS_TENSOR_PACKING_H_
