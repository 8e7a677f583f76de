// SPDX-License-Identifier: Apache-2.0
#include "tensor/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on
#include "tensor/half.h"
#include "tensor/has_half-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using DoubleTag = hn::ScalableTag<double>;
// As many lanes as DoubleTag has.
using NarrowFloatTag = hn::Rebind<float, DoubleTag>;
using NarrowIntTag = hn::Rebind<int32_t, DoubleTag>;
using NarrowByteTag = hn::Rebind<uint8_t, DoubleTag>;

// Whether a zero of that sign is among the values.
bool HasZero(std::span<const float> values, bool negative) {
  return std::any_of(values.begin(), values.end(), [negative](float value) {
    return value == 0 && std::signbit(value) == negative;
  });
}

Extremes FindExtremes(std::span<const float> values) {
  const FloatTag d;
  const hn::RebindToUnsigned<FloatTag> du;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = values.size() - values.size() % lanes;
  auto minimum = hn::Set(d, std::numeric_limits<float>::infinity());
  auto maximum = hn::Neg(minimum);
  auto largest = hn::Zero(d);  // Of the magnitudes' bits, compared as integers.
  for (size_t i = 0; i < whole; i += lanes) {
    const auto value = hn::LoadU(d, values.data() + i);
    minimum = hn::Min(minimum, value);
    maximum = hn::Max(maximum, value);
    const hn::RebindToSigned<FloatTag> di;
    largest = hn::BitCast(d, hn::Max(hn::BitCast(di, largest), hn::BitCast(di, hn::Abs(value))));
  }
  Extremes extremes = reference::FindExtremes(values.subspan(whole));
  extremes.minimum = std::min(extremes.minimum, hn::GetLane(hn::MinOfLanes(d, minimum)));
  extremes.maximum = std::max(extremes.maximum, hn::GetLane(hn::MaxOfLanes(d, maximum)));
  // Which zero the vectors' minimum is depends on the instruction set.
  if (extremes.minimum == 0) extremes.minimum = HasZero(values, true) ? -0.0f : 0.0f;
  if (extremes.maximum == 0) extremes.maximum = HasZero(values, false) ? 0.0f : -0.0f;
  const auto exponent = hn::Set(du, 0x7f800000u);
  const auto is_finite =
      hn::RebindMask(d, hn::Ne(hn::And(hn::BitCast(du, largest), exponent), exponent));
  extremes.finite = extremes.finite && hn::AllTrue(d, is_finite);
  return extremes;
}

// Adding 1.5 * 2^52 to a double from 0 to 2^51 rounds it half to even and leaves the integer in its
// lowest bits.
constexpr double kRounder = 0x1.8p52;

template <bool kDivide>
void EncodeWith(std::span<const float> values, const CodeGrid& grid, uint8_t* codes) {
  const DoubleTag d;
  const NarrowFloatTag df;
  const hn::RebindToUnsigned<DoubleTag> du;
  const NarrowByteTag db;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = values.size() - values.size() % lanes;
  const auto offset = hn::Set(d, grid.offset), factor = hn::Set(d, grid.factor);
  const auto low = hn::Zero(d), high = hn::Set(d, static_cast<double>(grid.max_code));
  const auto rounder = hn::Set(d, kRounder);
  for (size_t i = 0; i < whole; i += lanes) {
    const auto value = hn::PromoteTo(d, hn::LoadU(df, values.data() + i));
    const auto distance = hn::Sub(value, offset);
    const auto position = kDivide ? hn::Div(distance, factor) : hn::Mul(distance, factor);
    const auto rounded = hn::Add(hn::Min(hn::Max(position, low), high), rounder);
    hn::StoreU(hn::TruncateTo(db, hn::BitCast(du, rounded)), db, codes + i);
  }
  reference::EncodeGrid(values.subspan(whole), grid, codes + whole);
}

void EncodeGrid(std::span<const float> values, const CodeGrid& grid, uint8_t* codes) {
  grid.divide ? EncodeWith<true>(values, grid, codes) : EncodeWith<false>(values, grid, codes);
}

template <typename Code>
void DecodeCodes(const Code* codes, float scale, float offset, std::span<float> out) {
  const DoubleTag d;
  const NarrowFloatTag df;
  const NarrowIntTag di;
  const hn::Rebind<Code, DoubleTag> dc;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = out.size() - out.size() % lanes;
  const auto scales = hn::Set(d, static_cast<double>(scale));
  const auto offsets = hn::Set(d, static_cast<double>(offset));
  for (size_t i = 0; i < whole; i += lanes) {
    const auto code = hn::PromoteTo(d, hn::PromoteTo(di, hn::LoadU(dc, codes + i)));
    const auto value = hn::Add(hn::Mul(code, scales), offsets);
    hn::StoreU(hn::DemoteTo(df, value), df, out.data() + i);
  }
  reference::DecodeLinear(codes + whole, scale, offset, out.subspan(whole));
}

void DecodeUnsigned(const uint8_t* codes, float scale, float offset, std::span<float> out) {
  DecodeCodes(codes, scale, offset, out);
}

void DecodeSigned(const int8_t* codes, float scale, float offset, std::span<float> out) {
  DecodeCodes(codes, scale, offset, out);
}

void DecodeTable(const uint8_t* codes, std::span<const float> table, std::span<float> out) {
  const FloatTag d;
  const hn::RebindToSigned<FloatTag> di;
  const hn::Rebind<uint8_t, FloatTag> db;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = out.size() - out.size() % lanes;
  for (size_t i = 0; i < whole; i += lanes) {
    const auto index = hn::PromoteTo(di, hn::LoadU(db, codes + i));
    hn::StoreU(hn::GatherIndex(d, table.data(), index), d, out.data() + i);
  }
  reference::DecodeTable(codes + whole, table, out.subspan(whole));
}

void EncodeHalf(std::span<const float> values, uint16_t* halves) {
  size_t whole = 0;
#if NBITS_HAS_HALF
  const FloatTag d;
  const hn::Rebind<hwy::float16_t, FloatTag> dh;
  const hn::RebindToUnsigned<decltype(dh)> du;
  const size_t lanes = hn::Lanes(d);
  whole = values.size() - values.size() % lanes;
  const auto quiet = hn::Set(d, std::numeric_limits<float>::quiet_NaN());
  for (size_t i = 0; i < whole; i += lanes) {
    const auto value = hn::LoadU(d, values.data() + i);
    // One NaN for all, as the reference has it.
    const auto clean = hn::IfThenElse(hn::IsNaN(value), hn::CopySign(quiet, value), value);
    hn::StoreU(hn::BitCast(du, hn::DemoteTo(dh, clean)), du, halves + i);
  }
#endif
  reference::EncodeHalf(values.subspan(whole), halves + whole);
}

void DecodeHalf(const void* halves, std::span<float> out) {
  size_t whole = 0;
#if NBITS_HAS_HALF
  const FloatTag d;
  const hn::Rebind<hwy::float16_t, FloatTag> dh;
  const hn::Rebind<uint8_t, hn::Repartition<uint8_t, decltype(dh)>> db;
  const size_t lanes = hn::Lanes(d);
  whole = out.size() - out.size() % lanes;
  const auto* bytes = static_cast<const uint8_t*>(halves);
  for (size_t i = 0; i < whole; i += lanes) {
    const auto half = hn::BitCast(dh, hn::LoadU(db, bytes + 2 * i));
    hn::StoreU(hn::PromoteTo(d, half), d, out.data() + i);
  }
#endif
  reference::DecodeHalf(static_cast<const char*>(halves) + 2 * whole, out.subspan(whole));
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(FindExtremes);
HWY_EXPORT(EncodeGrid);
HWY_EXPORT(DecodeUnsigned);
HWY_EXPORT(DecodeSigned);
HWY_EXPORT(DecodeTable);
HWY_EXPORT(EncodeHalf);
HWY_EXPORT(DecodeHalf);

Extremes FindExtremes(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(FindExtremes)(values);
}

void EncodeGrid(std::span<const float> values, const CodeGrid& grid, uint8_t* codes) {
  HWY_DYNAMIC_DISPATCH(EncodeGrid)(values, grid, codes);
}

void DecodeLinear(const uint8_t* codes, float scale, float offset, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(DecodeUnsigned)(codes, scale, offset, out);
}

void DecodeLinear(const int8_t* codes, float scale, float offset, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(DecodeSigned)(codes, scale, offset, out);
}

void DecodeTable(const uint8_t* codes, std::span<const float> table, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(DecodeTable)(codes, table, out);
}

void EncodeHalf(std::span<const float> values, uint16_t* halves) {
  HWY_DYNAMIC_DISPATCH(EncodeHalf)(values, halves);
}

void DecodeHalf(const void* halves, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(DecodeHalf)(halves, out);
}

}  // namespace nbits
#endif  // HWY_ONCE
