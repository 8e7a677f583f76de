#include "engine/kernels/strassen.h"

#include <algorithm>

#include "engine/kernels/block_product.h"
#include "engine/kernels/vector_rows.h"

namespace nbits {
namespace {

using graph::BinaryOperation;

void Add(const float* a, const float* b, float* to, int64_t count) {
  BinaryRow(BinaryOperation::kAdd, a, b, to, count);
}
void Subtract(const float* a, const float* b, float* to, int64_t count) {
  BinaryRow(BinaryOperation::kSubtract, a, b, to, count);
}

// The places of the seven matrices of weights.
enum Weight : int64_t { kB11, kB21, kB22, kT1, kT2, kT3, kT4 };
// And of the four sums of inputs.
enum Sum : int64_t { kS1, kS2, kS3, kS4 };

}  // namespace

void StrassenWeights::Decode(int64_t first, int64_t index, int64_t piece, float* to,
                             float* scratch) const {
  const int64_t begin = piece * kPieceBlocks;
  const int64_t blocks = std::min(kPieceBlocks, inputs() - begin);
  const int64_t count = blocks * kChannelBlock * kChannelBlock;
  const auto at = [&](Weight weight) {
    return to + weight * matrix_floats() + index * block_floats() +
           begin * kChannelBlock * kChannelBlock;
  };
  float* b12 = scratch + BlockWeights::ScratchFloats();
  const int64_t left = first + index, right = left + half_;
  weights_.DecodeBlocks(left, begin, blocks, at(kB11), scratch);
  weights_.DecodeBlocks(right, begin, blocks, b12, scratch);
  weights_.DecodeBlocks(left, inputs() + begin, blocks, at(kB21), scratch);
  weights_.DecodeBlocks(right, inputs() + begin, blocks, at(kB22), scratch);
  Subtract(b12, at(kB11), at(kT1), count);
  Subtract(at(kB22), at(kT1), at(kT2), count);
  Subtract(at(kB22), b12, at(kT3), count);
  Subtract(at(kB21), at(kT2), at(kT4), count);
}

void StrassenSums(const StrassenInput& input) {
  const int64_t half = static_cast<int64_t>(input.offsets.size()) / 2;
  const int64_t count = input.half_rows * kChannelBlock;
  for (int64_t block = 0; block < half; ++block) {
    const float *a11 = input.in + input.offsets[block], *a21 = a11 + count;
    const float *a12 = input.in + input.offsets[half + block], *a22 = a12 + count;
    const auto at = [&](Sum sum) { return input.sums + (sum * half + block) * input.pitch; };
    Add(a21, a22, at(kS1), count);
    Subtract(at(kS1), a11, at(kS2), count);
    Subtract(a11, a21, at(kS3), count);
    Subtract(a12, at(kS2), at(kS4), count);
  }
}

void RunStrassen(const StrassenProduct& p) {
  const StrassenInput& input = *p.input;
  const int64_t half = static_cast<int64_t>(input.offsets.size()) / 2;
  const int64_t rows = input.half_rows * kChannelBlock, count = p.pairs * rows;
  float *c11 = p.out, *c21 = c11 + count, *c12 = c21 + count, *c22 = c12 + count;
  const auto multiply = [&](const float* in, std::span<const int64_t> offsets, Weight weight,
                            float* out, bool accumulate) {
    RunBlockProduct({.in = in,
                     .offsets = offsets,
                     .rows = input.half_rows,
                     .weights = p.weights + weight * p.matrix_stride,
                     .weight_stride = p.weight_stride,
                     .output_blocks = p.pairs,
                     .out = out,
                     .out_stride = rows,
                     .accumulate = accumulate});
  };
  const auto add_input = [&](int64_t row, bool right, Weight weight, float* out, bool accumulate) {
    multiply(input.in + row * rows, input.offsets.subspan(right ? half : 0, half), weight, out,
             accumulate);
  };
  const auto add_sum = [&](Sum sum, Weight weight, float* out, bool accumulate) {
    multiply(input.sums + sum * half * input.pitch, p.sum_offsets, weight, out, accumulate);
  };
  add_input(0, false, kB11, c11, false);  // P1
  std::copy_n(c11, count, c12);
  add_input(0, true, kB21, c11, true);  // C11 = P1 + P2
  add_sum(kS2, kT2, c12, true);         // P1 + P6
  std::copy_n(c12, count, c21);
  add_sum(kS3, kT3, c21, true);        // P1 + P6 + P7
  add_sum(kS1, kT1, c22, false);       // P5
  Add(c12, c22, c12, count);           // P1 + P6 + P5
  add_sum(kS4, kB22, c12, true);       // C12
  Add(c21, c22, c22, count);           // C22 = P1 + P6 + P7 + P5
  add_input(1, true, kT4, c21, true);  // C21 = P1 + P6 + P7 + P4
}

}  // namespace nbits
