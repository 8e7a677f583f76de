// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/packed/packed_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "engine/kernels/packed/packed_product.h"
#include "tensor/decode.h"

namespace nbits {
namespace {

bool AllFinite(const std::vector<float>& values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

// One grid, or one of each row, whose values are not rounded any further.
bool HasRowGrids(const PackedTensor& tensor) {
  if (tensor.half_values || HasBlocks(tensor)) return false;
  return tensor.scale.size() == 1 || tensor.channel_axis == 0;
}

// Rows that begin on a whole byte are read as they lie. Where they end, codes that are not there
// are multiplied by 0, so values have to be finite.
RowDecoder DecoderOf(const PackedTensor& tensor, int64_t rows, int64_t columns) {
  const bool is_little = std::endian::native == std::endian::little;
  if (!is_little || (rows > 1 && columns * tensor.bits % 8 != 0)) return RowDecoder::kElements;
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      return RowDecoder::kFloats;
    case Scheme::kFloat16:
      return RowDecoder::kHalves;
    case Scheme::kLookupTable:
      return AllFinite(tensor.table) ? RowDecoder::kTable : RowDecoder::kElements;
    default:
      break;
  }
  const bool is_finite = AllFinite(tensor.scale) && AllFinite(tensor.offset);
  if (!is_finite || !HasRowGrids(tensor)) return RowDecoder::kElements;
  return tensor.bits == 8 ? RowDecoder::kBytes : RowDecoder::kGrid;
}

// The values of all indices of as many bits as the code of a table is read with: at least 4.
std::vector<float> FullTable(const PackedTensor& tensor) {
  const int bits = tensor.bits <= 4 ? 4 : tensor.bits == 7 ? 8 : tensor.bits;
  std::vector<float> table(size_t{1} << bits);
  for (size_t i = 0; i < table.size(); ++i) table[i] = tensor.table[i % tensor.table.size()];
  return table;
}

// Vectors are multiplied 8, 4, 2 or 1 at a time.
int64_t PaddedCount(int64_t count) {
  const auto rest = static_cast<uint64_t>(count % 8);
  return count - count % 8 + (rest == 0 ? 0 : static_cast<int64_t>(std::bit_ceil(rest)));
}

float SumOf(const float* values, int64_t step, int64_t count) {
  constexpr int64_t kPartialSums = 8;  // That do not wait for each other.
  double sums[kPartialSums] = {};
  int64_t k = 0;
  for (; k + kPartialSums <= count; k += kPartialSums) {
    for (int64_t i = 0; i < kPartialSums; ++i) sums[i] += values[(k + i) * step];
  }
  for (; k < count; ++k) sums[k % kPartialSums] += values[k * step];
  return static_cast<float>(std::accumulate(sums, sums + kPartialSums, 0.0));
}

}  // namespace

PackedMatrix::PackedMatrix(const PackedTensor& tensor, int64_t rows, int64_t columns)
    : tensor_(&tensor), rows_(rows), columns_(columns), decoder_(DecoderOf(tensor, rows, columns)) {
  if (tensor.bits <= 8) words_ = CodeWords(tensor.bits, tensor.bit_order);
  if (decoder_ == RowDecoder::kTable) table_ = FullTable(tensor);
}

int64_t PackedMatrix::pitch() const {
  return (columns_ + kPackedColumns - 1) / kPackedColumns * kPackedColumns;
}

int64_t PackedMatrix::ArrangedFloats(int64_t count) const { return PaddedCount(count) * pitch(); }

int64_t PackedMatrix::RowsPerItem() const {
  constexpr int64_t kProducts = 1 << 16, kRowStep = 16;
  const int64_t rows = std::max<int64_t>(1, kProducts / std::max<int64_t>(1, columns_));
  return (rows + kRowStep - 1) / kRowStep * kRowStep;
}

// Codes of a word, one where values are read in their own order.
int64_t PackedMatrix::word_codes() const {
  const bool in_words = decoder_ == RowDecoder::kGrid || decoder_ == RowDecoder::kTable;
  return in_words ? words_.codes : 1;
}

bool PackedMatrix::ReadsLike(const PackedMatrix& other) const {
  return word_codes() == other.word_codes();
}

ArrangedVectors PackedMatrix::Arrange(const float* vectors, int64_t count, int64_t stride,
                                      int64_t step, float* to) const {
  ArrangedVectors arranged{to, count, pitch(), std::vector<float>(count), true};
  for (int64_t n = 0; n < count; ++n) {
    arranged.sums[n] = SumOf(vectors + n * stride, step, columns_);
    arranged.is_finite = arranged.is_finite && std::isfinite(arranged.sums[n]);
  }
  const int64_t codes = arranged.is_finite ? word_codes() : 1;
  for (int64_t n = 0; n < count; ++n) {
    ArrangeOne(vectors + n * stride, step, codes, to + n * arranged.pitch);
  }
  std::fill(to + count * arranged.pitch, to + ArrangedFloats(count), 0.0f);
  return arranged;
}

// Code j of word l, of a vector of words, is multiplied by lane l of vector j.
void PackedMatrix::ArrangeOne(const float* vector, int64_t step, int64_t codes, float* to) const {
  const int64_t lanes = PackedLanes(), block = codes * lanes;
  // What lies beyond the last column is 0.
  std::fill(to + columns_ / block * block, to + pitch(), 0.0f);
  for (int64_t k = 0; k < columns_; k += codes) {
    float* word = to + k / block * block + k % block / codes;
    const int64_t count = std::min(codes, columns_ - k);
    for (int64_t j = 0; j < count; ++j) word[j * lanes] = vector[(k + j) * step];
  }
}

void PackedMatrix::Multiply(const ArrangedVectors& vectors, int64_t begin, int64_t end, float* out,
                            int64_t out_pitch) const {
  RunPackedProduct({*this, vectors, begin, end, out, out_pitch});
}

void reference::Multiply(const PackedTensor& tensor, int64_t columns, const float* vectors,
                         int64_t count, int64_t stride, int64_t begin, int64_t end, float* out,
                         int64_t out_pitch) {
  std::vector<float> row(columns);
  for (int64_t r = begin; r < end; ++r) {
    DecodeElements(tensor, r * columns, row);
    for (int64_t n = 0; n < count; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < columns; ++k) sum += double{row[k]} * vectors[n * stride + k];
      out[n * out_pitch + r - begin] = static_cast<float>(sum);
    }
  }
}

}  // namespace nbits
