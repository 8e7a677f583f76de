// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/packed/code_words.h"

namespace nbits {
namespace {

constexpr int kWordBits = 32;

// Code `j` of word `l` from the word's lowest bit on. Codes that cross no byte keep the bytes'
// order; of others, the words of a stream that begins at the top are read from their last byte.
int LowestBit(int bits, int codes, bool top_first, int l, int j) {
  const int start = l * codes * bits % 8 + j * bits;
  if (!top_first) return start;
  if (8 % bits == 0) return start / 8 * 8 + 8 - bits - start % 8;
  return kWordBits - start - bits;
}

}  // namespace

CodeWords::CodeWords(int code_bits, BitOrder order)
    : bits(code_bits), codes(bits <= 4 ? 8 : 4), piece_bytes(int64_t{bits} * codes / 2) {
  const bool top_first = order == BitOrder::kMostSignificantFirst;
  for (int i = 0; i < 16; ++i) {
    const int first = i / 4 * codes * bits / 8;
    places[i] = static_cast<uint8_t>(first + (top_first && 8 % bits != 0 ? 3 - i % 4 : i % 4));
  }
  for (int l = 0; l < kMostLanes; ++l) {
    for (int j = 0; j < codes; ++j) {
      right[j][l] = static_cast<uint32_t>(LowestBit(bits, codes, top_first, l, j));
      left[j][l] = static_cast<uint32_t>(kWordBits - bits) - right[j][l];
      top_bits[l] |= uint32_t{1} << (right[j][l] + static_cast<uint32_t>(bits) - 1);
    }
  }
}

}  // namespace nbits
