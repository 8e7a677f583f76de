// SPDX-License-Identifier: Apache-2.0
#include "quantize/nearest_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/nearest_encoder.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Whole vectors of `values`; returns how many values those are. The tables are NearestEncoder's.
size_t EncodeByCounting(std::span<const float> values, std::span<const float> limits,
                        const int32_t* codes, uint8_t* out) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> db;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = values.size() - values.size() % lanes;
  for (size_t i = 0; i < whole; i += lanes) {
    const auto value = hn::LoadU(d, values.data() + i);
    auto rank = hn::Zero(di);
    for (float limit : limits) {  // A mask is -1 where true.
      rank = hn::Sub(rank, hn::BitCast(di, hn::VecFromMask(d, hn::Gt(value, hn::Set(d, limit)))));
    }
    hn::StoreU(hn::DemoteTo(db, hn::GatherIndex(di, codes, rank)), db, out + i);
  }
  return whole;
}

size_t EncodeByIndex(std::span<const float> values, const int32_t* first_rank, const float* limits,
                     const int32_t* codes, uint8_t* out) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint8_t, decltype(d)> db;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = values.size() - values.size() % lanes;
  for (size_t i = 0; i < whole; i += lanes) {
    const auto value = hn::LoadU(d, values.data() + i);
    const auto index = hn::BitCast(di, hn::ShiftRight<16>(hn::BitCast(du, value)));
    auto rank = hn::GatherIndex(di, first_rank, index);
    while (true) {
      const auto beyond = hn::RebindMask(di, hn::Gt(value, hn::GatherIndex(d, limits, rank)));
      if (hn::AllFalse(di, beyond)) break;
      rank = hn::IfThenElse(beyond, hn::Add(rank, hn::Set(di, 1)), rank);
    }
    hn::StoreU(hn::DemoteTo(db, hn::GatherIndex(di, codes, rank)), db, out + i);
  }
  return whole;
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {
namespace {

constexpr int64_t kWorthAnIndex = 1 << 14;
// Up to so many entries counting the limits below a value is faster than the index.
constexpr size_t kFewEntries = 16;
constexpr int kRestBits = 16;  // Of a float, after the index.
constexpr uint32_t kRestMask = (uint32_t{1} << kRestBits) - 1;
constexpr uint32_t kNegative = 0x8000;  // Indices of negative numbers; a magnitude in the rest.
constexpr uint32_t kInfinite = 0x7f80;  // Index of infinity.

// The smallest value with these leading bits: for negative numbers the one of largest magnitude.
float SmallestOf(uint32_t index) {
  const uint32_t rest = index & kNegative ? kRestMask : 0;
  return std::bit_cast<float>(index << kRestBits | rest);
}

// The largest float that is not above the middle between a < b.
float LimitBetween(float a, float b) {
  const double middle = (static_cast<double>(a) + b) / 2;
  const auto limit = static_cast<float>(middle);
  if (limit <= middle) return limit;
  return std::nextafter(limit, -std::numeric_limits<float>::infinity());
}

}  // namespace

NearestEncoder::NearestEncoder(std::span<const float> table, int64_t expected) {
  std::vector<uint8_t> order(table.size());
  std::iota(order.begin(), order.end(), uint8_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](uint8_t a, uint8_t b) { return table[a] < table[b]; });
  for (uint8_t entry : order) {
    if (!codes_.empty()) {
      const float previous = table[codes_.back()];
      if (table[entry] == previous) continue;
      limits_.push_back(LimitBetween(previous, table[entry]));
    }
    codes_.push_back(entry);
  }
  limits_.push_back(std::numeric_limits<float>::infinity());
  if (limits_.size() > kFewEntries && expected >= kWorthAnIndex) BuildIndex();
}

// Indices in ascending order of their values; their ranks ascend with them.
void NearestEncoder::BuildIndex() {
  first_rank_.resize(size_t{1} << (32 - kRestBits));
  int32_t rank = 0;
  const auto set = [&](uint32_t index) {
    const float smallest = SmallestOf(index);
    while (smallest > limits_[rank]) ++rank;
    first_rank_[index] = rank;
  };
  for (uint32_t magnitude = kInfinite; magnitude-- > 0;) set(kNegative | magnitude);
  for (uint32_t magnitude = 0; magnitude < kInfinite; ++magnitude) set(magnitude);
}

uint8_t NearestEncoder::Encode(float value) const {
  const auto limit = std::lower_bound(limits_.begin(), limits_.end() - 1, value);
  return static_cast<uint8_t>(codes_[limit - limits_.begin()]);
}

HWY_EXPORT(EncodeByCounting);
HWY_EXPORT(EncodeByIndex);

void NearestEncoder::Encode(std::span<const float> values, uint8_t* codes) const {
  size_t done = 0;
  if (limits_.size() <= kFewEntries) {
    done = HWY_DYNAMIC_DISPATCH(EncodeByCounting)(values, limits_, codes_.data(), codes);
  } else if (!first_rank_.empty()) {
    done = HWY_DYNAMIC_DISPATCH(EncodeByIndex)(values, first_rank_.data(), limits_.data(),
                                               codes_.data(), codes);
  }
  for (size_t i = done; i < values.size(); ++i) codes[i] = Encode(values[i]);
}

}  // namespace nbits
#endif  // HWY_ONCE
