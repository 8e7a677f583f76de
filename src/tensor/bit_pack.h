// SPDX-License-Identifier: Apache-2.0
// Streams of n-bit elements (see packed_tensor.h for the layout) to bytes of one element each, and
// back. Eight elements fill `bits` bytes exactly; they are moved as one 64-bit word.
#ifndef NBITS_TENSOR_BIT_PACK_H_
#define NBITS_TENSOR_BIT_PACK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "nbits/packed_tensor.h"

namespace nbits {

// Writes PackedByteCount(codes.size(), bits) bytes to `packed`; the spare bits of the last are 0.
// bits is 1..8, every code below 2^bits. `packed` may be the codes' own memory.
void PackBits(std::span<const uint8_t> codes, int bits, BitOrder order, std::byte* packed);

// Reads elements [begin, begin + codes.size()) of the stream that starts at `packed`; touches no
// byte outside those that hold them.
void UnpackBits(const std::byte* packed, int64_t begin, int bits, BitOrder order,
                std::span<uint8_t> codes);

namespace reference {
// The same, one bit at a time.
void PackBits(std::span<const uint8_t> codes, int bits, BitOrder order, std::byte* packed);
void UnpackBits(const std::byte* packed, int64_t begin, int bits, BitOrder order,
                std::span<uint8_t> codes);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_TENSOR_BIT_PACK_H_
