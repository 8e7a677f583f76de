// SPDX-License-Identifier: Apache-2.0
// The inner loops of PackBits and UnpackBits (tensor/bit_pack.h): sixteen elements at a time, in
// 128-bit vectors (Google Highway), on the best instruction set of the machine. The plain twin is
// reference::PackBits and reference::UnpackBits.
#ifndef NBITS_TENSOR_BIT_PACK_BLOCKS_H_
#define NBITS_TENSOR_BIT_PACK_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "nbits/packed_tensor.h"

namespace nbits {

inline constexpr int64_t kBlockElements = 16;
// A step reads or writes this many packed bytes, of which the first 2 * bits count.
inline constexpr int64_t kBlockBytes = 16;

// Packs codes [0, 16 * blocks). bits is 1..7. Touches 2 * bits * (blocks - 1) + kBlockBytes bytes
// of `packed`, which may be the codes' own memory.
void PackBlocks(const uint8_t* codes, int64_t blocks, int bits, BitOrder order, std::byte* packed);

// The inverse, from as many bytes.
void UnpackBlocks(const std::byte* packed, int64_t blocks, int bits, BitOrder order,
                  uint8_t* codes);

}  // namespace nbits

#endif  // NBITS_TENSOR_BIT_PACK_BLOCKS_H_
