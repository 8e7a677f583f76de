// SPDX-License-Identifier: Apache-2.0
// For files that Highway compiles for every target: whether the one at hand converts half floats in
// hardware (F16C, NEON). Highway's emulation on older ones truncates; they take half.h.
// No include guard: each target asks anew.
#undef NBITS_HAS_HALF
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2 && HWY_TARGET != HWY_SCALAR) || HWY_ARCH_ARM_A64
#define NBITS_HAS_HALF 1
#else
#define NBITS_HAS_HALF 0
#endif
