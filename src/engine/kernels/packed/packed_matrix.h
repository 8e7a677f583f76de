// SPDX-License-Identifier: Apache-2.0
// A matrix as a file stores it, times a few vectors: its codes are read once and decoded in
// registers. Nothing of its size is written.
#ifndef NBITS_ENGINE_KERNELS_PACKED_PACKED_MATRIX_H_
#define NBITS_ENGINE_KERNELS_PACKED_PACKED_MATRIX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/kernels/packed/code_words.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// How the rows of a matrix become values.
enum class RowDecoder : uint8_t {
  kFloats,    // Float32, anywhere.
  kHalves,    // Float16.
  kBytes,     // Codes of 8 bits on a grid.
  kGrid,      // Narrower codes on a grid.
  kTable,     // Codes of a table.
  kElements,  // What none of these takes: decoded a piece at a time into the first-level cache.
};

// Vectors in the order in which a matrix reads them.
struct ArrangedVectors {
  const float* values;  // Vector n from n * pitch on.
  int64_t count, pitch;
  std::vector<float> sums;  // Of the values of each vector.
  bool is_finite;           // All sums are; otherwise values are in their own order.
};

class PackedMatrix {
 public:
  // `tensor`, which must outlive the matrix, has rows * columns elements.
  PackedMatrix(const PackedTensor& tensor, int64_t rows, int64_t columns);

  const PackedTensor& tensor() const { return *tensor_; }
  const CodeWords& words() const { return words_; }
  const float* table() const { return table_.data(); }  // 2^4, 2^5, 2^6 or 2^8 values.
  RowDecoder decoder() const { return decoder_; }
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }

  // Whether vectors arranged for `other`, which has as many columns, are arranged for this one.
  bool ReadsLike(const PackedMatrix& other) const;

  // Floats that `count` arranged vectors take.
  int64_t ArrangedFloats(int64_t count) const;
  // Arranges `count` vectors in `to`. Value k of vector n is vectors[n * stride + k * step].
  ArrangedVectors Arrange(const float* vectors, int64_t count, int64_t stride, int64_t step,
                          float* to) const;

  // out[n * out_pitch + r - begin] = sum over k of  matrix[r][k] * vector n [k]  for rows [begin,
  // end). The sum for one r and n does not depend on `begin`, `end` and the other vectors' values.
  // Within the rounding of Float32 sums, which may be taken in any order, of reference::Multiply.
  void Multiply(const ArrangedVectors& vectors, int64_t begin, int64_t end, float* out,
                int64_t out_pitch) const;

  // Rows that are worth handing to a thread at a time: 64 Ki products or more.
  int64_t RowsPerItem() const;

 private:
  int64_t pitch() const;  // Floats of an arranged vector.
  int64_t word_codes() const;
  void ArrangeOne(const float* vector, int64_t step, int64_t codes, float* to) const;

  const PackedTensor* tensor_;
  int64_t rows_, columns_;
  RowDecoder decoder_;
  CodeWords words_;
  std::vector<float> table_;
};

namespace reference {
// The same from values that are not arranged: vector n from vectors + n * stride on.
void Multiply(const PackedTensor& tensor, int64_t columns, const float* vectors, int64_t count,
              int64_t stride, int64_t begin, int64_t end, float* out, int64_t out_pitch);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PACKED_PACKED_MATRIX_H_
