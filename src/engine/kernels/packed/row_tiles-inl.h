// SPDX-License-Identifier: Apache-2.0
// Tiles of a packed product: a few rows by a few vectors, whose sums stay in registers. Included
// once for every instruction set.
#if defined(NBITS_ENGINE_PACKED_ROW_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_PACKED_ROW_TILES_INL_H_
#undef NBITS_ENGINE_PACKED_ROW_TILES_INL_H_
#else
#define NBITS_ENGINE_PACKED_ROW_TILES_INL_H_
#endif

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "engine/kernels/packed/packed_product.h"
#include "engine/kernels/packed/row_decoders-inl.h"
#include "engine/kernels/packed/sums-inl.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Sums that stay in registers.
inline constexpr int kSums = HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2 ? 8 : 16;
// Rows that are read side by side, so that a vector's values serve all of them.
inline constexpr int kMostRows = 4;
template <int kVectors>
inline constexpr int kRowsOf = kSums / kVectors < kMostRows ? kSums / kVectors : kMostRows;
// What a block of any decoder reads at most: four vectors of floats.
inline constexpr int64_t kMostBlockBytes = 4 * kLanes * 4;
// Values of 8 vectors that stay in a first-level cache of 32 KB.
inline constexpr int64_t kColumnsOfEight = 512;
// How far ahead of their use codes are asked for, into the next pages too.
inline constexpr int64_t kAheadBytes = 1024;

// What is multiplied by what: blocks of kRowsOf rows by as many of the vectors, which are `pitch`
// apart.
struct TileInput {
  const uint8_t* codes[kMostRows];
  const float* x;
  int64_t pitch, blocks;
};

template <int kVectors>
using TileSums = LaneVector[kRowsOf<kVectors>][kVectors];

template <int kVectors, class Decoder>
void AddBlocks(const Decoder& decoder, const typename Decoder::Row* of_rows, TileInput in,
               TileSums<kVectors>& total) {
  constexpr int kRows = kRowsOf<kVectors>;
  const LaneTag d;
  TileSums<kVectors> sums;
  typename Decoder::Row rows[kRows];
  HWY_UNROLL(4)
  for (int r = 0; r < kRows; ++r) {
    rows[r] = of_rows[r];
    HWY_UNROLL(8)
    for (int n = 0; n < kVectors; ++n) sums[r][n] = total[r][n];
  }
  const int64_t bytes = decoder.block_bytes();
  for (int64_t at = 0; at < in.blocks * bytes; at += bytes) {
    typename Decoder::Block blocks[kRows];
    HWY_UNROLL(4)
    for (int r = 0; r < kRows; ++r) {
      blocks[r] = decoder.Read(in.codes[r] + at);
      for (int64_t line = 0; line < bytes; line += 64) {
        hwy::Prefetch(in.codes[r] + at + kAheadBytes + line);
      }
    }
    HWY_UNROLL(8)
    for (int step = 0; step < Decoder::kSteps; ++step, in.x += kLanes) {
      LaneVector values[kRows];
      HWY_UNROLL(4)
      for (int r = 0; r < kRows; ++r) values[r] = decoder.Value(rows[r], blocks[r], step);
      HWY_UNROLL(8)
      for (int n = 0; n < kVectors; ++n) {
        const LaneVector x = hn::LoadU(d, in.x + n * in.pitch);
        HWY_UNROLL(4)
        for (int r = 0; r < kRows; ++r) sums[r][n] = hn::MulAdd(values[r], x, sums[r][n]);
      }
    }
  }
  HWY_UNROLL(4)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(8)
    for (int n = 0; n < kVectors; ++n) total[r][n] = sums[r][n];
  }
}

// Rows [row, row + count) of a product by vectors [vector, vector + kVectors), as far as they are
// there.
struct TilePlace {
  int64_t row, count, vector;
};

// A tile's sums to their places; `adds` to what is there.
template <int kVectors, class Decoder>
void StoreTile(const Decoder& decoder, const PackedProduct& p, const TilePlace& at, bool adds,
               TileSums<kVectors>& sums) {
  HWY_ALIGN float totals[kRowsOf<kVectors>][kVectors];
  constexpr int kCount = kRowsOf<kVectors> * kVectors;
  for (int i = 0; i < kCount; i += 4) StoreFourSums(&sums[0][0] + i, &totals[0][0] + i);
  const int64_t vectors = std::min<int64_t>(kVectors, p.vectors.count - at.vector);
  for (int64_t r = 0; r < at.count; ++r) {
    const Scaling scaling = decoder.ScalingOf(at.row + r);
    for (int64_t n = 0; n < vectors; ++n) {
      float& out = p.out[(at.vector + n) * p.out_pitch + at.row + r - p.begin];
      const float first = adds ? out : scaling.offset * p.vectors.sums[at.vector + n];
      out = totals[r][n] * scaling.scale + first;
    }
  }
}

// Rows of a matrix in the file's bytes.
template <int kVectors, class Decoder>
class RowTile {
 public:
  RowTile(const Decoder& decoder, const PackedProduct& p, const TilePlace& at)
      : decoder_(decoder), p_(p), at_(at) {
    const PackedTensor& tensor = p.matrix.tensor();
    row_bytes_ = p.matrix.columns() * tensor.bits / 8;
    for (int r = 0; r < kRows; ++r) {
      // The last row stands for those that are missing.
      const int64_t row = at.row + std::min<int64_t>(r, at.count - 1);
      rows_[r] = decoder.RowOf(row);
      codes_[r] = reinterpret_cast<const uint8_t*>(tensor.bytes.data()) + row * row_bytes_;
    }
    const int64_t rest = static_cast<int64_t>(tensor.bytes.size()) -
                         (at.row + at.count - 1) * row_bytes_ - decoder.over_read();
    readable_ = std::min(row_bytes_, std::max<int64_t>(rest, 0)) / decoder.block_bytes();
  }

  // Multiplies blocks [begin, end).
  void Run(int64_t begin, int64_t end) {
    TileSums<kVectors> sums;
    for (auto& row : sums) std::fill_n(row, kVectors, hn::Zero(LaneTag()));
    const int64_t direct = std::clamp(readable_, begin, end);
    Add(codes_, begin, direct, sums);
    for (int64_t block = direct; block < end; ++block) AddCopy(block, sums);
    StoreTile<kVectors>(decoder_, p_, at_, begin > 0, sums);
  }

 private:
  static constexpr int kRows = kRowsOf<kVectors>;

  // Of `codes`, which begin with the row.
  void Add(const uint8_t* const* codes, int64_t begin, int64_t end, TileSums<kVectors>& sums) {
    TileInput in{{}, Vectors(begin), p_.vectors.pitch, end - begin};
    for (int r = 0; r < kRows; ++r) in.codes[r] = codes[r] + begin * decoder_.block_bytes();
    AddBlocks<kVectors>(decoder_, rows_, in, sums);
  }

  // A block that is not there as a whole, or may not be read from where it is.
  void AddCopy(int64_t block, TileSums<kVectors>& sums) {
    alignas(64) uint8_t copies[kRows][kMostBlockBytes + 16] = {};
    const int64_t bytes = decoder_.block_bytes(), first = block * bytes;
    TileInput in{{}, Vectors(block), p_.vectors.pitch, 1};
    for (int r = 0; r < kRows; ++r) {
      std::memcpy(copies[r], codes_[r] + first, std::min(bytes, row_bytes_ - first));
      in.codes[r] = copies[r];
    }
    AddBlocks<kVectors>(decoder_, rows_, in, sums);
  }

  const float* Vectors(int64_t block) const {
    return p_.vectors.values + at_.vector * p_.vectors.pitch + block * Decoder::kSteps * kLanes;
  }

  const Decoder& decoder_;
  const PackedProduct& p_;
  TilePlace at_;
  typename Decoder::Row rows_[kRows];
  const uint8_t* codes_[kRows];
  int64_t row_bytes_;
  int64_t readable_;  // Blocks that can be read from where they are.
};

template <int kVectors, class Decoder>
void RunRows(const Decoder& decoder, const PackedProduct& p, int64_t vector) {
  constexpr int64_t kColumns = Decoder::kSteps * kLanes;
  const int64_t blocks = (p.matrix.columns() + kColumns - 1) / kColumns;
  const int64_t part = kVectors < 8 ? blocks : std::max<int64_t>(1, kColumnsOfEight / kColumns);
  for (int64_t begin = 0; begin < blocks; begin += part) {
    for (int64_t row = p.begin; row < p.end; row += kRowsOf<kVectors>) {
      const int64_t count = std::min<int64_t>(kRowsOf<kVectors>, p.end - row);
      RowTile<kVectors, Decoder>(decoder, p, {row, count, vector})
          .Run(begin, std::min(blocks, begin + part));
    }
  }
}

// f(how many vectors are multiplied at a time, the first of them)
template <class Function>
void ForVectors(int64_t count, const Function& f) {
  for (int64_t vector = 0; vector < count; vector += 8) {
    const int64_t rest = count - vector;
    if (rest > 4) {
      f(std::integral_constant<int, 8>(), vector);
    } else if (rest > 2) {
      f(std::integral_constant<int, 4>(), vector);
    } else if (rest > 1) {
      f(std::integral_constant<int, 2>(), vector);
    } else {
      f(std::integral_constant<int, 1>(), vector);
    }
  }
}

template <class Decoder>
void RunDecoder(const PackedProduct& p) {
  const Decoder decoder(p.matrix);
  ForVectors(p.vectors.count, [&](auto vectors, int64_t vector)
                                  HWY_ATTR { RunRows<vectors()>(decoder, p, vector); });
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_PACKED_ROW_TILES_INL_H_
