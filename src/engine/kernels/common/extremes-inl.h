// SPDX-License-Identifier: Apache-2.0
// extremes.h on vectors.
#if defined(NBITS_ENGINE_KERNELS_EXTREMES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_KERNELS_EXTREMES_INL_H_
#undef NBITS_ENGINE_KERNELS_EXTREMES_INL_H_
#else
#define NBITS_ENGINE_KERNELS_EXTREMES_INL_H_
#endif

#include "hwy/highway.h"

// Of two values of which one is NaN x86 takes the second and Arm the NaN; emulated vectors take the
// other one.
#undef NBITS_SECOND_NAN_STAYS
#if (HWY_ARCH_X86 || HWY_ARCH_ARM) && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
#define NBITS_SECOND_NAN_STAYS 1
#else
#define NBITS_SECOND_NAN_STAYS 0
#endif

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At least `low`, which is a number: NaN stays.
template <class V>
HWY_INLINE V AtLeast(V low, V x) {
#if NBITS_SECOND_NAN_STAYS
  return hn::Max(low, x);
#else
  return hn::IfThenElse(hn::Lt(x, low), low, x);
#endif
}

template <class V>
HWY_INLINE V AtMost(V high, V x) {
#if NBITS_SECOND_NAN_STAYS
  return hn::Min(high, x);
#else
  return hn::IfThenElse(hn::Lt(high, x), high, x);
#endif
}

template <class V>
HWY_INLINE V LargerOf(V a, V b) {
  return hn::IfThenElse(hn::IsNaN(a), a, AtLeast(a, b));
}

template <class V>
HWY_INLINE V SmallerOf(V a, V b) {
  return hn::IfThenElse(hn::IsNaN(a), a, AtMost(a, b));
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_KERNELS_EXTREMES_INL_H_
