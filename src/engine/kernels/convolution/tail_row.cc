// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/convolution/tail_row.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/convolution/tail_row.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/convolution/convolution_tail-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

void StoreRow(const float* sums, int64_t count, const BlockedOutput& output, int64_t block,
              int64_t y, int64_t x) {
  const int64_t index = output.IndexOf(block, y, x);
  for (int part = 0; part < kParts; ++part) {
    const TailLanes tail(output, block, part);
    tail.StorePixels(sums + part * kLanes, count, index + part * kLanes);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(StoreRow);

void StoreTailRow(const float* sums, int64_t count, const BlockedOutput& output, int64_t block,
                  int64_t y, int64_t x) {
  HWY_DYNAMIC_DISPATCH(StoreRow)(sums, count, output, block, y, x);
}

}  // namespace nbits
#endif  // HWY_ONCE
