// SPDX-License-Identifier: Apache-2.0
// Sums of four products of bytes in every lane of 32 bits.
#if defined(NBITS_ENGINE_KERNELS_INT8_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_KERNELS_INT8_LANES_INL_H_
#undef NBITS_ENGINE_KERNELS_INT8_LANES_INL_H_
#else
#define NBITS_ENGINE_KERNELS_INT8_LANES_INL_H_
#endif

#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"

// Whether this target multiplies bytes in pairs (x86's maddubs, from SSSE3 on).
#undef NBITS_HAS_BYTE_PAIRS
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3
#define NBITS_HAS_BYTE_PAIRS 1
#else
#define NBITS_HAS_BYTE_PAIRS 0
#endif

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

using IntTag = hn::Rebind<int32_t, LaneTag>;
using IntVector = hn::Vec<IntTag>;

inline constexpr bool kNarrowSaturates = NBITS_HAS_BYTE_PAIRS;

#if NBITS_HAS_BYTE_PAIRS
using WordTag = hn::Repartition<int16_t, IntTag>;
using WordVector = hn::Vec<WordTag>;

// Unsigned by signed bytes, two products added with saturation.
HWY_INLINE WordVector BytePairs(IntVector a, IntVector b) {
#if HWY_TARGET <= HWY_AVX3
  return WordVector{_mm512_maddubs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
  return WordVector{_mm256_maddubs_epi16(a.raw, b.raw)};
#else
  return WordVector{_mm_maddubs_epi16(a.raw, b.raw)};
#endif
}
// Two products of 16-bit values added.
HWY_INLINE IntVector WordPairs(WordVector a, WordVector b) {
#if HWY_TARGET <= HWY_AVX3
  return IntVector{_mm512_madd_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
  return IntVector{_mm256_madd_epi16(a.raw, b.raw)};
#else
  return IntVector{_mm_madd_epi16(a.raw, b.raw)};
#endif
}

// sum + products of the four unsigned bytes of a lane with the signed ones. Exact where no two
// neighbours saturate.
HWY_INLINE IntVector AddFourNarrow(IntVector bytes, IntVector weights, IntVector sum) {
  return hn::Add(sum, WordPairs(BytePairs(bytes, weights), hn::Set(WordTag(), 1)));
}
// The same for all weights, in 16-bit values.
HWY_INLINE IntVector AddFourWide(IntVector bytes, IntVector weights, IntVector sum) {
  const WordTag d;
  const hn::RebindToUnsigned<WordTag> du;
  const WordVector w = hn::BitCast(d, weights);
  const WordVector odd = hn::BitCast(d, hn::ShiftRight<8>(hn::BitCast(du, bytes)));
  const WordVector even = hn::And(hn::BitCast(d, bytes), hn::Set(d, 0xff));
  sum = hn::Add(sum, WordPairs(even, hn::ShiftRight<8>(hn::ShiftLeft<8>(w))));
  return hn::Add(sum, WordPairs(odd, hn::ShiftRight<8>(w)));
}
#else
template <int kByte>
HWY_INLINE IntVector AddOne(IntVector bytes, IntVector weights, IntVector sum) {
  const IntTag d;
  const IntVector byte = hn::And(hn::ShiftRight<8 * kByte>(bytes), hn::Set(d, 0xff));
  const IntVector weight = hn::ShiftRight<24>(hn::ShiftLeft<24 - 8 * kByte>(weights));
  return hn::Add(sum, hn::Mul(byte, weight));
}
HWY_INLINE IntVector AddFourWide(IntVector bytes, IntVector weights, IntVector sum) {
  sum = AddOne<0>(bytes, weights, sum);
  sum = AddOne<1>(bytes, weights, sum);
  sum = AddOne<2>(bytes, weights, sum);
  return AddOne<3>(bytes, weights, sum);
}
HWY_INLINE IntVector AddFourNarrow(IntVector bytes, IntVector weights, IntVector sum) {
  return AddFourWide(bytes, weights, sum);
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_KERNELS_INT8_LANES_INL_H_
