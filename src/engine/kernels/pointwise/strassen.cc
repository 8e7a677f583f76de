// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pointwise/strassen.h"

#include <algorithm>

#include "engine/kernels/common/vector_rows.h"
#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/pointwise/strassen_sums.h"

namespace nbits {
namespace {

using graph::BinaryOperation;

void Add(const float* a, const float* b, float* to, int64_t count) {
  BinaryRow(BinaryOperation::kAdd, a, b, to, count);
}

// The places of the seven matrices of weights, T1 to T4 one after the other.
enum Weight : int64_t { kB11, kB21, kB22, kT1, kT2, kT3, kT4 };
// And of the four sums of inputs.
enum Sum : int64_t { kS1, kS2, kS3, kS4 };

// Part `part` of as many as there are products.
void PrefetchPart(std::span<const CacheLines> lines, int64_t part) {
  for (const CacheLines& range : lines) {
    Prefetch(range, range.count * part / kStrassenWeights,
             range.count * (part + 1) / kStrassenWeights);
  }
}

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
  StrassenWeightSums({at(kB11), b12, at(kB21), at(kB22)}, count, at(kT1), matrix_floats());
}

void StrassenSums(const StrassenInput& input) {
  const int64_t half = static_cast<int64_t>(input.offsets.size()) / 2;
  const int64_t count = input.half_rows * kChannelBlock;
  for (int64_t block = 0; block < half; ++block) {
    const float* left = input.in + input.offsets[block];
    const float* right = input.in + input.offsets[half + block];
    StrassenInputSums({left, right, left + count, right + count}, count,
                      input.sums + block * input.pitch, half * input.pitch);
  }
}

void RunStrassen(const StrassenProduct& p) {
  const StrassenInput& input = *p.input;
  const int64_t half = static_cast<int64_t>(input.offsets.size()) / 2;
  const int64_t rows = input.half_rows * kChannelBlock, count = p.pairs * rows;
  float *c11 = p.out, *c21 = c11 + count, *c12 = c21 + count, *c22 = c12 + count;
  int64_t product = 0;
  const auto multiply = [&](const float* in, std::span<const int64_t> offsets, Weight weight,
                            const float* start, float* out) {
    PrefetchPart(p.next, product++);
    RunBlockProduct({.in = in,
                     .offsets = offsets,
                     .rows = input.half_rows,
                     .weights = p.weights + weight * p.matrix_stride,
                     .weight_stride = p.weight_stride,
                     .output_blocks = p.pairs,
                     .out = out,
                     .out_stride = rows,
                     .start = start});
  };
  // out = start + quarter or sum of the inputs * matrix of weights
  const auto add_input = [&](int64_t row, bool right, Weight weight, const float* start,
                             float* out) {
    multiply(input.in + row * rows, input.offsets.subspan(right ? half : 0, half), weight, start,
             out);
  };
  const auto add_sum = [&](Sum sum, Weight weight, const float* start, float* out) {
    multiply(input.sums + sum * half * input.pitch, p.sum_offsets, weight, start, out);
  };
  add_input(0, false, kB11, nullptr, c11);  // P1
  add_sum(kS2, kT2, c11, c12);              // P1 + P6
  add_input(0, true, kB21, c11, c11);       // C11 = P1 + P2
  add_sum(kS3, kT3, c12, c21);              // P1 + P6 + P7
  add_sum(kS1, kT1, nullptr, c22);          // P5
  Add(c12, c22, c12, count);                // P1 + P6 + P5
  add_sum(kS4, kB22, c12, c12);             // C12
  Add(c21, c22, c22, count);                // C22 = P1 + P6 + P7 + P5
  add_input(1, true, kT4, c21, c21);        // C21 = P1 + P6 + P7 + P4
}

}  // namespace nbits
