// SPDX-License-Identifier: Apache-2.0
// How the rows of a packed matrix become vectors of values. Included once for every instruction
// set.
//
// A decoder reads a row in blocks of kSteps vectors, which take block_bytes() of the row; of what
// it reads there, the last over_read() bytes do not count. Read gives what Value takes a block's
// vectors from. What it gives of row r is (value - offset) / scale with the row's Scaling.
#if defined(NBITS_ENGINE_PACKED_ROW_DECODERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_PACKED_ROW_DECODERS_INL_H_
#undef NBITS_ENGINE_PACKED_ROW_DECODERS_INL_H_
#else
#define NBITS_ENGINE_PACKED_ROW_DECODERS_INL_H_
#endif

#include "engine/kernels/common/lanes-inl.h"
#include "engine/kernels/packed/packed_matrix.h"
#include "engine/kernels/packed/table_lanes-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

struct Scaling {
  float scale = 1, offset = 0;
};

struct NoRow {};

// The grid of a row whose codes q are read as q - middle.
HWY_INLINE Scaling GridOf(const PackedTensor& tensor, int64_t row, float middle) {
  const int64_t channel = tensor.scale.size() > 1 ? row : 0;
  const float scale = tensor.scale[channel];
  return {scale, (tensor.offset.empty() ? 0.0f : tensor.offset[channel]) + scale * middle};
}

class FloatDecoder {
 public:
  static constexpr int kSteps = 4;
  using Row = NoRow;
  using Block = const uint8_t*;

  explicit FloatDecoder(const PackedMatrix&) {}
  static int64_t block_bytes() { return kSteps * kLanes * 4; }
  static int64_t over_read() { return 0; }
  Row RowOf(int64_t) const { return {}; }
  Scaling ScalingOf(int64_t) const { return {}; }
  HWY_INLINE Block Read(const uint8_t* from) const { return from; }
  HWY_INLINE LaneVector Value(const Row&, Block block, int step) const {
    return hn::LoadU(LaneTag(), reinterpret_cast<const float*>(block) + step * kLanes);
  }
};

class HalfDecoder {
 public:
  static constexpr int kSteps = 4;
  using Row = NoRow;
  using Block = const uint8_t*;

  explicit HalfDecoder(const PackedMatrix&) {}
  static int64_t block_bytes() { return kSteps * kLanes * 2; }
  static int64_t over_read() { return 0; }
  Row RowOf(int64_t) const { return {}; }
  Scaling ScalingOf(int64_t) const { return {}; }
  HWY_INLINE Block Read(const uint8_t* from) const { return from; }
  HWY_INLINE LaneVector Value(const Row&, Block block, int step) const {
    return LoadHalves(reinterpret_cast<const uint16_t*>(block) + step * kLanes);
  }
};

// Codes of 8 bits on a grid, read around the middle of their range: sums stay small then, and exact
// to more places.
class ByteDecoder {
 public:
  static constexpr int kSteps = 4;
  using Row = NoRow;
  using Block = const uint8_t*;

  explicit ByteDecoder(const PackedMatrix& matrix)
      : tensor_(matrix.tensor()),
        middle_(tensor_.scheme == Scheme::kLinear ? 128.0f : 0.0f),
        flip_(hn::Set(ByteTag(), static_cast<int8_t>(middle_ > 0 ? -128 : 0))) {}
  static int64_t block_bytes() { return kSteps * kLanes; }
  static int64_t over_read() { return 0; }
  Row RowOf(int64_t) const { return {}; }
  Scaling ScalingOf(int64_t row) const { return GridOf(tensor_, row, middle_); }
  HWY_INLINE Block Read(const uint8_t* from) const { return from; }
  HWY_INLINE LaneVector Value(const Row&, Block block, int step) const {
    const auto* codes = reinterpret_cast<const int8_t*>(block) + step * kLanes;
    const auto signed_codes = hn::Xor(hn::LoadU(ByteTag(), codes), flip_);
    return hn::ConvertTo(LaneTag(), hn::PromoteTo(IndexTag(), signed_codes));
  }

 private:
  using ByteTag = hn::Rebind<int8_t, LaneTag>;
  const PackedTensor& tensor_;
  float middle_;
  hn::Vec<ByteTag> flip_;
};

#if HWY_TARGET != HWY_SCALAR

// A vector of words from pieces of four.
class WordReader {
 public:
  explicit WordReader(const CodeWords& words)
      : piece_bytes_(words.piece_bytes), places_(AllPlaces(words.places)) {}
  int64_t block_bytes() const { return piece_bytes_ * kLanes / 4; }
  int64_t over_read() const { return 16 - piece_bytes_; }
  HWY_INLINE WordVector Read(const uint8_t* from) const {
    if (piece_bytes_ == 16) return hn::BitCast(WordTag(), hn::LoadU(ByteTag(), from));
    return hn::BitCast(WordTag(), hn::TableLookupBytes(Pieces<4 * kLanes>(from), places_));
  }

 private:
  using ByteTag = hn::FixedTag<uint8_t, 4 * kLanes>;

  template <int kBytes>
  HWY_INLINE hn::Vec<hn::FixedTag<uint8_t, kBytes>> Pieces(const uint8_t* from) const {
    const hn::FixedTag<uint8_t, kBytes> d;
    if constexpr (kBytes == 16) {
      return hn::LoadU(d, from);
    } else {
      return hn::Combine(d, Pieces<kBytes / 2>(from + kBytes / 32 * piece_bytes_),
                         Pieces<kBytes / 2>(from));
    }
  }
  static hn::Vec<ByteTag> AllPlaces(const uint8_t* places) {
    return hn::LoadDup128(ByteTag(), places);
  }

  int64_t piece_bytes_;
  hn::Vec<ByteTag> places_;
};

// Words of narrow codes on a grid, around the middle of their range. A code is left at the top of
// its word: what it is too large by is part of the scale.
template <int kCodes>
class GridDecoder {
 public:
  static constexpr int kSteps = kCodes;
  using Row = NoRow;
  using Block = WordVector;

  explicit GridDecoder(const PackedMatrix& matrix)
      : matrix_(matrix),
        reader_(matrix.words()),
        flip_(hn::Load(WordTag(), matrix.words().top_bits)),
        top_(hn::Set(WordTag(), ~uint32_t{0} << (32 - matrix.words().bits))) {}
  int64_t block_bytes() const { return reader_.block_bytes(); }
  int64_t over_read() const { return reader_.over_read(); }
  Row RowOf(int64_t) const { return {}; }
  Scaling ScalingOf(int64_t row) const {
    const int bits = matrix_.words().bits;
    Scaling scaling = GridOf(matrix_.tensor(), row, static_cast<float>(1 << (bits - 1)));
    scaling.scale /= static_cast<float>(int64_t{1} << (32 - bits));
    return scaling;
  }
  HWY_INLINE Block Read(const uint8_t* from) const { return hn::Xor(reader_.Read(from), flip_); }
  HWY_INLINE LaneVector Value(const Row&, Block block, int step) const {
    const auto shift = hn::Load(WordTag(), matrix_.words().left[step]);
    const auto code = hn::And(hn::Shl(block, shift), top_);
    return hn::ConvertTo(LaneTag(), hn::BitCast(IndexTag(), code));
  }

 private:
  const PackedMatrix& matrix_;
  WordReader reader_;
  WordVector flip_, top_;
};

// Words of codes of a table of 2^kBits values or fewer.
template <int kBits, int kCodes>
class TableDecoder {
 public:
  static constexpr int kSteps = kCodes;
  using Row = NoRow;
  using Block = WordVector;

  explicit TableDecoder(const PackedMatrix& matrix)
      : matrix_(matrix), reader_(matrix.words()), table_(matrix.table()) {}
  int64_t block_bytes() const { return reader_.block_bytes(); }
  int64_t over_read() const { return reader_.over_read(); }
  Row RowOf(int64_t) const { return {}; }
  Scaling ScalingOf(int64_t) const { return {}; }
  HWY_INLINE Block Read(const uint8_t* from) const { return reader_.Read(from); }
  HWY_INLINE LaneVector Value(const Row&, Block block, int step) const {
    return table_.Get(hn::Shr(block, hn::Load(WordTag(), matrix_.words().right[step])));
  }

 private:
  const PackedMatrix& matrix_;
  WordReader reader_;
  LaneTable<kBits> table_;
};

#if NBITS_TABLE_REGISTERS == 512
// Codes of up to 4 bits on a grid: each row's 16 values are a table.
class GridTableDecoder {
 public:
  static constexpr int kSteps = 8;
  using Row = LaneTable<4>;
  using Block = WordVector;

  explicit GridTableDecoder(const PackedMatrix& matrix)
      : matrix_(matrix),
        reader_(matrix.words()),
        codes_(hn::ConvertTo(LaneTag(),
                             hn::And(hn::Iota(IndexTag(), 0),
                                     hn::Set(IndexTag(), (1 << matrix.words().bits) - 1)))) {}
  int64_t block_bytes() const { return reader_.block_bytes(); }
  int64_t over_read() const { return reader_.over_read(); }
  Row RowOf(int64_t row) const {
    const Scaling grid = GridOf(matrix_.tensor(), row, 0);
    return Row(hn::MulAdd(codes_, hn::Set(LaneTag(), grid.scale), hn::Set(LaneTag(), grid.offset)));
  }
  Scaling ScalingOf(int64_t) const { return {}; }
  HWY_INLINE Block Read(const uint8_t* from) const { return reader_.Read(from); }
  HWY_INLINE LaneVector Value(const Row& row, Block block, int step) const {
    return row.Get(hn::Shr(block, hn::Load(WordTag(), matrix_.words().right[step])));
  }

 private:
  const PackedMatrix& matrix_;
  WordReader reader_;
  LaneVector codes_;
};
#endif

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_PACKED_ROW_DECODERS_INL_H_
