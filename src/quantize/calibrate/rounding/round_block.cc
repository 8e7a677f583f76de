// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/rounding/round_block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/calibrate/rounding/round_block.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using LaneTag = hn::CappedTag<float, kStripe / 2>;
using LaneVec = hn::Vec<LaneTag>;
using CodeVec = hn::Vec<hn::RebindToSigned<LaneTag>>;

// Grids, a vector of lanes.
class GridLanes {
 public:
  GridLanes(const Codebook& book, int64_t lane)
      : scale_(book.scale.data() + lane),
        offset_(book.offset.data() + lane),
        inverse_(book.inverse.data() + lane),
        last_(static_cast<float>(book.entries() - 1)) {}

  // The nearest value, and its code.
  HWY_INLINE LaneVec Nearest(LaneVec wanted, CodeVec& code) const {
    const LaneTag d;
    const auto rounder = hn::Set(d, 0x1.8p23f);  // Rounds half to even what is small beside it.
    const auto offset = hn::LoadU(d, offset_);
    const auto position = hn::Mul(hn::Sub(wanted, offset), hn::LoadU(d, inverse_));
    const auto clamped = hn::Min(hn::Max(position, hn::Zero(d)), hn::Set(d, last_));
    const auto rounded = hn::Sub(hn::Add(clamped, rounder), rounder);
    code = hn::ConvertTo(hn::RebindToSigned<LaneTag>(), rounded);
    return hn::Add(offset, hn::Mul(hn::LoadU(d, scale_), rounded));
  }

 private:
  const float *scale_, *offset_, *inverse_;
  float last_;
};

// A table, the same for all lanes.
class TableLanes {
 public:
  TableLanes(const Codebook& book, int64_t)
      : table_(book.table.data()), limits_(book.limits.data()), half_(book.entries() / 2) {}

  // By halving: `code` entries have limits below the value.
  HWY_INLINE LaneVec Nearest(LaneVec wanted, CodeVec& code) const {
    const LaneTag d;
    const hn::RebindToSigned<LaneTag> di;
    code = hn::Zero(di);
    for (int32_t step = half_; step > 0; step /= 2) {
      const auto next = hn::Add(code, hn::Set(di, step));
      const auto limit = hn::GatherIndex(d, limits_, hn::Sub(next, hn::Set(di, 1)));
      code = hn::IfThenElse(hn::RebindMask(di, hn::Gt(wanted, limit)), next, code);
    }
    return hn::GatherIndex(d, table_, code);
  }

 private:
  const float* table_;
  const float* limits_;
  int32_t half_;
};

// pull[i] += change * factors[i] for the columns i that come after j.
HWY_INLINE void AddPull(const BlockSquare& square, int64_t j, LaneVec change, float* pull) {
  const LaneTag d;
  const float* factors = square.matrix + j * kBlock;
  const int64_t begin = square.backwards ? 0 : j + 1;
  const int64_t end = square.backwards ? j : square.columns;
  for (int64_t i = begin; i < end; ++i) {
    float* at = pull + i * kStripe;
    hn::StoreU(hn::Add(hn::LoadU(d, at), hn::Mul(change, hn::Set(d, factors[i]))), d, at);
  }
}

// The first vector of lanes of the rows.
template <typename Lanes>
int64_t RoundLanes(const BlockSquare& square, const Lanes& lanes, const BlockRows& rows) {
  const LaneTag d;
  const hn::RebindToSigned<LaneTag> di;
  const hn::Rebind<uint8_t, LaneTag> db;
  int64_t changed = 0;
  for (int64_t n = 0; n < square.columns; ++n) {
    const int64_t j = square.backwards ? square.columns - 1 - n : n;
    const int64_t at = j * kStripe;
    const auto target = hn::LoadU(d, rows.target + at), error = hn::LoadU(d, rows.error + at);
    const auto pull = hn::LoadU(d, rows.pull + at);
    const auto step = hn::Mul(pull, hn::Set(d, square.inverse_pivot[j]));
    auto code = hn::Zero(di);
    const auto value = lanes.Nearest(hn::Sub(hn::Add(target, error), step), code);
    const auto before = hn::PromoteTo(di, hn::LoadU(db, rows.codes + at));
    changed += static_cast<int64_t>(hn::CountTrue(di, hn::Ne(before, code)));
    hn::StoreU(hn::DemoteTo(db, code), db, rows.codes + at);
    const auto new_error = hn::Sub(value, target);
    hn::StoreU(new_error, d, rows.error + at);
    AddPull(square, j, hn::Sub(new_error, error), rows.pull);
  }
  return changed;
}

template <typename Lanes>
int64_t RoundAll(const BlockSquare& square, const Codebook& book, int64_t lane,
                 const BlockRows& rows) {
  int64_t changed = 0;
  const auto step = static_cast<int64_t>(hn::Lanes(LaneTag()));
  for (int64_t i = 0; i < kStripe; i += step) {
    changed += RoundLanes(square, Lanes(book, lane + i),
                          {rows.target + i, rows.error + i, rows.pull + i, rows.codes + i});
  }
  return changed;
}

int64_t RoundBlock(const BlockSquare& square, const Codebook& book, int64_t lane,
                   const BlockRows& rows) {
  return book.is_table() ? RoundAll<TableLanes>(square, book, lane, rows)
                         : RoundAll<GridLanes>(square, book, lane, rows);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(RoundBlock);

int64_t RoundBlock(const BlockSquare& square, const Codebook& book, int64_t lane,
                   const BlockRows& rows) {
  return HWY_DYNAMIC_DISPATCH(RoundBlock)(square, book, lane, rows);
}

namespace reference {
namespace {

// Column j of a lane; returns whether the code changed.
bool RoundOne(const BlockSquare& square, const Codebook& book, int64_t lane, int64_t j,
              const BlockRows& rows) {
  const int64_t at = j * kStripe + lane % kStripe;
  const float step = rows.pull[at] * square.inverse_pivot[j];
  const int code = book.Nearest(lane, rows.target[at] + rows.error[at] - step);
  const float error = book.Value(lane, code) - rows.target[at];
  const float change = error - rows.error[at];
  const bool changed = rows.codes[at] != code;
  rows.codes[at] = static_cast<uint8_t>(code);
  rows.error[at] = error;
  for (int64_t i = 0; i < square.columns; ++i) {
    if (square.backwards ? i >= j : i <= j) continue;
    rows.pull[i * kStripe + lane % kStripe] += change * square.matrix[j * kBlock + i];
  }
  return changed;
}

}  // namespace

int64_t RoundBlock(const BlockSquare& square, const Codebook& book, int64_t lane,
                   const BlockRows& rows) {
  int64_t changed = 0;
  for (int64_t i = 0; i < kStripe; ++i) {
    for (int64_t n = 0; n < square.columns; ++n) {
      const int64_t j = square.backwards ? square.columns - 1 - n : n;
      changed += RoundOne(square, book, lane + i, j, rows);
    }
  }
  return changed;
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE
