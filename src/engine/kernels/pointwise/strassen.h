// SPDX-License-Identifier: Apache-2.0
// One level of Strassen's product in Winograd's form, on blocks of 16 channels: with pixels, input
// channels and output channels each cut in two halves, seven products of halves instead of eight.
//
//   [C11 C12]   [A11 A12] [B11 B12]      A: pixels x input channels
//   [C21 C22] = [A21 A22] [B21 B22]      B: input x output channels, the weights
//
//   S1 = A21 + A22     T1 = B12 - B11      P1 = A11 B11   P5 = S1 T1     C11 = P1 + P2
//   S2 = S1 - A11      T2 = B22 - T1       P2 = A12 B21   P6 = S2 T2     C12 = P1 + P6 + P5 + P3
//   S3 = A11 - A21     T3 = B22 - B12      P3 = S4 B22    P7 = S3 T3     C21 = P1 + P6 + P7 + P4
//   S4 = A12 - S2      T4 = B21 - T2       P4 = A22 T4                   C22 = P1 + P6 + P7 + P5
//
// (V. Strassen 1969; this form after S. Winograd: 15 additions, the least with seven products.)
// Sums in Float32. The error is bounded by the largest values of A and B rather than by those that
// a sum is made of: with 530 input channels of random values it is 1.4e-6 of the largest result,
// that of the plain product 3e-7 (tests/engine/pointwise_test.cc holds both to 4e-6).
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_STRASSEN_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_STRASSEN_H_

#include <cstdint>
#include <span>

#include "engine/kernels/common/cache_lines.h"
#include "engine/kernels/convolution/block_weights.h"

namespace nbits {

inline constexpr int64_t kStrassenWeights = 7;  // B11, B21, B22, T1, T2, T3, T4.
inline constexpr int64_t kStrassenInputs = 4;   // S1, S2, S3, S4.

// The weights of `output_blocks` blocks (an even number, as that of the input blocks) as
// to[7][output_blocks / 2][input_blocks / 2][16 input channels][16 output channels].
class StrassenWeights {
 public:
  StrassenWeights(const BlockWeights& weights, int64_t output_blocks)
      : weights_(weights), half_(output_blocks / 2) {}

  // Pieces into which the weights of a pair of output blocks are cut, each decoded by one call.
  int64_t pieces() const { return (inputs() + kPieceBlocks - 1) / kPieceBlocks; }
  static int64_t ScratchFloats() { return 2 * BlockWeights::ScratchFloats(); }
  // Floats of the weights of one output block, and of one of the seven matrices.
  int64_t block_floats() const { return weights_.block_floats() / 2; }
  int64_t matrix_floats() const { return half_ * block_floats(); }

  // Of output blocks first + index and first + index + output_blocks / 2.
  void Decode(int64_t first, int64_t index, int64_t piece, float* to, float* scratch) const;

 private:
  static constexpr int64_t kPieceBlocks = BlockWeights::kPieceBlocks;
  int64_t inputs() const { return weights_.input_blocks() / 2; }

  const BlockWeights& weights_;
  int64_t half_;  // Output blocks.
};

// Pixels of one tile as StrassenSums and RunStrassen take them. Strides and offsets count floats.
struct StrassenInput {
  const float* in = nullptr;         // The pixels of input block i from in + offsets[i] on.
  std::span<const int64_t> offsets;  // An even number.
  int64_t half_rows = 0;             // Half of the pixels, a multiple of kProductRowMultiple.
  float* sums = nullptr;             // [4][input block / 2], each `pitch` from the next
  int64_t pitch = 0;                 // At least half_rows * 16.
};

// Computes `sums`.
void StrassenSums(const StrassenInput& input);

// Products of one or two pairs of output blocks (j and j + half).
struct StrassenProduct {
  const StrassenInput* input = nullptr;
  std::span<const int64_t> sum_offsets;  // Of the blocks of each S: multiples of the pitch.
  const float* weights = nullptr;        // B11 of the first pair.
  int64_t matrix_stride = 0, weight_stride = 0;
  int64_t pairs = 1;
  float* out = nullptr;              // [C11, C21, C12, C22][pairs][half_rows][16]
  std::span<const CacheLines> next;  // Brought near meanwhile, a part of each before each product.
};

void RunStrassen(const StrassenProduct& product);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_STRASSEN_H_
