// SPDX-License-Identifier: Apache-2.0
// Where the codes of a packed stream stand when it is read as words of 32 bits, a few whole codes
// in each.
#ifndef NBITS_ENGINE_KERNELS_PACKED_CODE_WORDS_H_
#define NBITS_ENGINE_KERNELS_PACKED_CODE_WORDS_H_

#include <cstdint>

#include "nbits/packed_tensor.h"

namespace nbits {

// A word takes 8 codes of up to 4 bits or 4 wider ones. Four words, a piece, begin at every
// piece_bytes of the stream; a piece is read as 16 bytes, which are brought to their places.
struct CodeWords {
  static constexpr int kMostCodes = 8;
  static constexpr int kMostLanes = 16;  // Words in the widest vector.

  CodeWords() = default;
  CodeWords(int code_bits, BitOrder order);

  bool is_plain() const { return piece_bytes == 16; }  // Words as they stand in memory.

  int bits = 8;
  int codes = 4;  // In a word.
  int64_t piece_bytes = 16;
  uint8_t places[16] = {};  // Byte i of a piece's words is byte places[i] of the stream.
  // Code j of word l begins this far above the word's lowest bit; the pattern repeats every two
  // words.
  alignas(64) uint32_t right[kMostCodes][kMostLanes] = {};
  alignas(64) uint32_t left[kMostCodes][kMostLanes] = {};  // Brings it to the word's top.
  alignas(64) uint32_t top_bits[kMostLanes] = {};          // The highest bit of every code.
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PACKED_CODE_WORDS_H_
