// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_codes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/int8/int8_codes.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

int32_t Center(const uint8_t* codes, int64_t count, int middle, int8_t* values) {
  int64_t i = 0;
  int64_t sum = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<uint8_t> d;
  const hn::Repartition<uint64_t, decltype(d)> sums;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto middles = hn::Set(d, static_cast<uint8_t>(middle));
  // A signed value plus 128 is an unsigned one, whose sums the machine knows.
  const auto sign = hn::Set(d, 0x80);
  auto total = hn::Zero(sums);
  for (; i + lanes <= count; i += lanes) {
    const auto value = hn::Sub(hn::LoadU(d, codes + i), middles);
    hn::StoreU(value, d, reinterpret_cast<uint8_t*>(values) + i);
    total = hn::Add(total, hn::SumsOf8(hn::Xor(value, sign)));
  }
  sum = static_cast<int64_t>(hn::GetLane(hn::SumOfLanes(sums, total))) - 128 * i;
#endif
  for (; i < count; ++i) {
    values[i] = static_cast<int8_t>(codes[i] - middle);
    sum += values[i];
  }
  return static_cast<int32_t>(sum);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Center);

int32_t CenterCodes(const uint8_t* codes, int64_t count, int middle, int8_t* values) {
  return HWY_DYNAMIC_DISPATCH(Center)(codes, count, middle, values);
}

namespace reference {

int32_t CenterCodes(const uint8_t* codes, int64_t count, int middle, int8_t* values) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    values[i] = static_cast<int8_t>(codes[i] - middle);
    sum += values[i];
  }
  return sum;
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE
