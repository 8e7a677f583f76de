// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/packed/packed_product.h"

#include <algorithm>

#include "tensor/decode.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/packed/packed_product.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/packed/row_tiles-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

int64_t Lanes() { return kLanes; }

// A few rows at a time, decoded into the first-level cache.
class ElementTile {
 public:
  explicit ElementTile(const PackedProduct& p) : p_(p), decoder_(p.matrix) {}

  void Run() {
    for (int64_t row = p_.begin; row < p_.end; row += kMostRows) {
      const int64_t count = std::min<int64_t>(kMostRows, p_.end - row);
      for (int64_t column = 0; column < p_.matrix.columns(); column += kColumns) {
        Decode(row, count, column);
        ForVectors(p_.vectors.count, [&](auto vectors, int64_t vector) HWY_ATTR {
          Multiply<vectors()>(row, count, column, vector);
        });
      }
    }
  }

 private:
  static constexpr int64_t kColumns = 1024;  // 16 KB of four rows.

  void Decode(int64_t row, int64_t count, int64_t column) {
    const int64_t columns = p_.matrix.columns();
    const int64_t length = std::min(kColumns, columns - column);
    for (int64_t r = 0; r < count; ++r) {
      DecodeElements(p_.matrix.tensor(), (row + r) * columns + column,
                     {values_[r], static_cast<size_t>(length)});
      std::fill(values_[r] + length, values_[r] + kColumns, 0.0f);
    }
  }

  template <int kVectors>
  void Multiply(int64_t first, int64_t count, int64_t column, int64_t vector) {
    constexpr int64_t kBlock = FloatDecoder::kSteps * kLanes;
    const NoRow rows[kMostRows] = {};
    const int64_t length = std::min(kColumns, p_.matrix.columns() - column);
    for (int64_t r = 0; r < count; r += kRowsOf<kVectors>) {
      TileSums<kVectors> sums;
      for (auto& row : sums) std::fill_n(row, kVectors, hn::Zero(LaneTag()));
      TileInput in{{},
                   p_.vectors.values + vector * p_.vectors.pitch + column,
                   p_.vectors.pitch,
                   (length + kBlock - 1) / kBlock};
      const int64_t present = std::min<int64_t>(kRowsOf<kVectors>, count - r);
      for (int64_t i = 0; i < kRowsOf<kVectors>; ++i) {
        in.codes[i] = reinterpret_cast<const uint8_t*>(values_[r + std::min(i, present - 1)]);
      }
      AddBlocks<kVectors>(decoder_, rows, in, sums);
      StoreTile<kVectors>(decoder_, p_, {first + r, present, vector}, column > 0, sums);
    }
  }

  const PackedProduct& p_;
  FloatDecoder decoder_;
  alignas(64) float values_[kMostRows][kColumns];
};

#if HWY_TARGET != HWY_SCALAR
void RunGrid(const PackedProduct& p) {
#if NBITS_TABLE_REGISTERS == 512
  if (p.matrix.words().bits <= 4) return RunDecoder<GridTableDecoder>(p);
#endif
  p.matrix.words().codes == 8 ? RunDecoder<GridDecoder<8>>(p) : RunDecoder<GridDecoder<4>>(p);
}

void RunTable(const PackedProduct& p) {
  switch (p.matrix.words().bits) {
    case 5:
      return RunDecoder<TableDecoder<5, 4>>(p);
    case 6:
      return RunDecoder<TableDecoder<6, 4>>(p);
    case 7:
    case 8:
      return RunDecoder<TableDecoder<8, 4>>(p);
    default:
      return RunDecoder<TableDecoder<4, 8>>(p);
  }
}
#endif

void Run(const PackedProduct& p) {
  if (!p.vectors.is_finite) return ElementTile(p).Run();
  switch (p.matrix.decoder()) {
    case RowDecoder::kFloats:
      return RunDecoder<FloatDecoder>(p);
    case RowDecoder::kHalves:
      return RunDecoder<HalfDecoder>(p);
    case RowDecoder::kBytes:
      return RunDecoder<ByteDecoder>(p);
#if HWY_TARGET != HWY_SCALAR
    case RowDecoder::kGrid:
      return RunGrid(p);
    case RowDecoder::kTable:
      return RunTable(p);
#endif
    default:
      return ElementTile(p).Run();
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Lanes);
HWY_EXPORT(Run);

int64_t PackedLanes() { return HWY_DYNAMIC_DISPATCH(Lanes)(); }

void RunPackedProduct(const PackedProduct& product) { HWY_DYNAMIC_DISPATCH(Run)(product); }

}  // namespace nbits
#endif  // HWY_ONCE
