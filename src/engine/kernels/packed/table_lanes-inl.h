// SPDX-License-Identifier: Apache-2.0
// Values of a table by index, in registers where the instruction set permutes by lanes. Included
// once for every instruction set.
#if defined(NBITS_ENGINE_PACKED_TABLE_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_PACKED_TABLE_LANES_INL_H_
#undef NBITS_ENGINE_PACKED_TABLE_LANES_INL_H_
#else
#define NBITS_ENGINE_PACKED_TABLE_LANES_INL_H_
#endif

#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"

#undef NBITS_TABLE_REGISTERS
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
#define NBITS_TABLE_REGISTERS 512
#elif HWY_ARCH_X86 && HWY_TARGET == HWY_AVX2
#define NBITS_TABLE_REGISTERS 256
#else
#define NBITS_TABLE_REGISTERS 0
#endif

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

using WordTag = hn::RebindToUnsigned<LaneTag>;
using WordVector = hn::Vec<WordTag>;
using IndexTag = hn::RebindToSigned<LaneTag>;

// 2^kBits values in memory; only the low kBits of an index count.
template <int kBits>
struct MemoryTable {
  explicit MemoryTable(const float* from) : values(from) {}
  HWY_INLINE LaneVector Get(WordVector index) const {
    const auto low = hn::And(index, hn::Set(WordTag(), (uint32_t{1} << kBits) - 1));
    return hn::GatherIndex(LaneTag(), values, hn::BitCast(IndexTag(), low));
  }
  const float* values;
};

// 2^kBits values, in registers where they fit a few.
template <int kBits>
struct LaneTable : MemoryTable<kBits> {
  using MemoryTable<kBits>::MemoryTable;
};

#if NBITS_TABLE_REGISTERS == 512
template <>
struct LaneTable<4> {
  LaneTable() = default;
  explicit LaneTable(const float* from) : values(hn::LoadU(LaneTag(), from)) {}
  explicit LaneTable(LaneVector from) : values(from) {}
  HWY_INLINE LaneVector Get(WordVector index) const {
    return LaneVector{_mm512_permutexvar_ps(index.raw, values.raw)};
  }
  LaneVector values;
};

template <>
struct LaneTable<5> {
  explicit LaneTable(const float* from)
      : low(hn::LoadU(LaneTag(), from)), high(hn::LoadU(LaneTag(), from + 16)) {}
  HWY_INLINE LaneVector Get(WordVector index) const {
    return LaneVector{_mm512_permutex2var_ps(low.raw, index.raw, high.raw)};
  }
  LaneVector low, high;
};

template <>
struct LaneTable<6> {
  explicit LaneTable(const float* from) : low(from), high(from + 32) {}
  HWY_INLINE LaneVector Get(WordVector index) const {
    const auto top = hn::BitCast(LaneTag(), hn::ShiftLeft<26>(index));
    return hn::IfNegativeThenElse(top, high.Get(index), low.Get(index));
  }
  LaneTable<5> low, high;
};
#elif NBITS_TABLE_REGISTERS == 256
template <>
struct LaneTable<4> {
  explicit LaneTable(const float* from)
      : low(hn::LoadU(LaneTag(), from)), high(hn::LoadU(LaneTag(), from + 8)) {}
  HWY_INLINE LaneVector Get(WordVector index) const {
    const __m256 a = _mm256_permutevar8x32_ps(low.raw, index.raw);
    const __m256 b = _mm256_permutevar8x32_ps(high.raw, index.raw);
    return LaneVector{_mm256_blendv_ps(a, b, _mm256_castsi256_ps(hn::ShiftLeft<28>(index).raw))};
  }
  LaneVector low, high;
};
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_PACKED_TABLE_LANES_INL_H_
