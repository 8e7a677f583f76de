// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/rounding/chain_move.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/calibrate/rounding/chain_move.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

#ifndef NBITS_CHAIN_MOVE_STEPS
#define NBITS_CHAIN_MOVE_STEPS
namespace nbits {

// A chain while it grows: what the pull is with it, and what is used already.
struct GrowingChain {
  float pull[kBlock];
  float used[kBlock] = {};  // Infinite for the chain's columns.
  ChainMove move, best;
  float cost = 0, least = 0;

  void Add(int64_t column, float step, float added_cost) {
    used[column] = std::numeric_limits<float>::infinity();
    move.columns[move.length] = static_cast<int32_t>(column);
    move.steps[move.length] = step;
    ++move.length;
    cost += added_cost;
    if (cost < least) least = cost, best = move;
  }
};

// The better direction of a column.
inline float ChainStep(const ChainRow& row, const float* pull, int64_t column) {
  return pull[column] > 0 ? row.down[column] : row.up[column];
}

inline float ChainCost(const ChainRow& row, const float* pull, int64_t column, float step) {
  return step * (2 * pull[column] + step * row.diagonal[column]);
}

}  // namespace nbits
#endif  // NBITS_CHAIN_MOVE_STEPS

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using ColumnTag = hn::CappedTag<float, 16>;

// to = from + step * factors.
HWY_INLINE void AddFactors(const float* from, float step, const float* factors, float* to) {
  const ColumnTag d;
  const auto by = hn::Set(d, step);
  for (size_t j = 0; j < kBlock; j += hn::Lanes(d)) {
    hn::StoreU(hn::Add(hn::LoadU(d, from + j), hn::Mul(by, hn::LoadU(d, factors + j))), d, to + j);
  }
}

// The first of the columns whose best step costs least, of those that can move.
HWY_INLINE int64_t CheapestColumn(const ChainRow& row, const GrowingChain& chain) {
  const ColumnTag d;
  const hn::RebindToSigned<ColumnTag> di;
  const auto nothing = hn::Zero(d), never = hn::Set(d, std::numeric_limits<float>::infinity());
  auto least = never;
  auto column = hn::Zero(di);
  for (size_t j = 0; j < kBlock; j += hn::Lanes(d)) {
    const auto pull = hn::LoadU(d, chain.pull + j);
    const auto step =
        hn::IfThenElse(hn::Gt(pull, nothing), hn::LoadU(d, row.down + j), hn::LoadU(d, row.up + j));
    const auto square = hn::Mul(step, hn::LoadU(d, row.diagonal + j));
    const auto cost =
        hn::Add(hn::Mul(step, hn::Add(hn::Add(pull, pull), square)), hn::LoadU(d, chain.used + j));
    const auto allowed = hn::IfThenElse(hn::Eq(step, nothing), never, cost);
    const auto is_less = hn::Lt(allowed, least);
    least = hn::IfThenElse(is_less, allowed, least);
    column =
        hn::IfThenElse(hn::RebindMask(di, is_less), hn::Iota(di, static_cast<int32_t>(j)), column);
  }
  const auto minimum = hn::MinOfLanes(d, least);
  if (hn::GetLane(minimum) == std::numeric_limits<float>::infinity()) return -1;
  const auto is_minimum = hn::RebindMask(di, hn::Eq(least, minimum));
  const auto place = hn::IfThenElse(is_minimum, column, hn::Set(di, static_cast<int32_t>(kBlock)));
  return hn::GetLane(hn::MinOfLanes(di, place));
}

ChainMove MoveChain(const float* matrix, int64_t seed, ChainRow& row) {
  const float first = ChainStep(row, row.pull, seed);
  if (first == 0) return {};
  GrowingChain chain;
  chain.least = -kSmallestChainGain * (first * first * row.diagonal[seed]);
  chain.Add(seed, first, ChainCost(row, row.pull, seed, first));
  AddFactors(row.pull, first, matrix + seed * kBlock, chain.pull);
  while (chain.move.length < kLongestChain) {
    const int64_t column = CheapestColumn(row, chain);
    if (column < 0) break;
    const float step = ChainStep(row, chain.pull, column);
    chain.Add(column, step, ChainCost(row, chain.pull, column, step));
    AddFactors(chain.pull, step, matrix + column * kBlock, chain.pull);
  }
  for (int i = 0; i < chain.best.length; ++i) {
    AddFactors(row.pull, chain.best.steps[i], matrix + chain.best.columns[i] * kBlock, row.pull);
  }
  return chain.best;
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(MoveChain);

ChainMove MoveChain(const float* matrix, int64_t seed, ChainRow& row) {
  return HWY_DYNAMIC_DISPATCH(MoveChain)(matrix, seed, row);
}

namespace reference {
namespace {

void AddRow(float step, const float* factors, float* pull) {
  for (int64_t j = 0; j < kBlock; ++j) pull[j] += step * factors[j];
}

int64_t Cheapest(const ChainRow& row, const GrowingChain& chain) {
  int64_t cheapest = -1;
  float least = std::numeric_limits<float>::infinity();
  for (int64_t j = 0; j < kBlock; ++j) {
    const float step = ChainStep(row, chain.pull, j);
    const float cost = ChainCost(row, chain.pull, j, step) + chain.used[j];
    if (step == 0 || !(cost < least)) continue;
    least = cost;
    cheapest = j;
  }
  return cheapest;
}

}  // namespace

ChainMove MoveChain(const float* matrix, int64_t seed, ChainRow& row) {
  const float first = ChainStep(row, row.pull, seed);
  if (first == 0) return {};
  GrowingChain chain;
  chain.least = -kSmallestChainGain * (first * first * row.diagonal[seed]);
  std::copy_n(row.pull, kBlock, chain.pull);
  int64_t column = seed;
  while (column >= 0 && chain.move.length < kLongestChain) {
    const float step = ChainStep(row, chain.pull, column);
    chain.Add(column, step, ChainCost(row, chain.pull, column, step));
    AddRow(step, matrix + column * kBlock, chain.pull);
    column = Cheapest(row, chain);
  }
  for (int i = 0; i < chain.best.length; ++i) {
    AddRow(chain.best.steps[i], matrix + chain.best.columns[i] * kBlock, row.pull);
  }
  return chain.best;
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE
