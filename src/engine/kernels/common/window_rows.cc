// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/common/window_rows.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/common/window_rows.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/extremes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Divides the 16 values of a channel block.
using BlockTag = hn::CappedTag<float, 16>;
using Vector = hn::Vec<BlockTag>;
using P = graph::PoolFunction;

template <P kFunction>
HWY_INLINE Vector Step(Vector total, Vector x) {
  if constexpr (kFunction == P::kMaximum) return LargerOf(total, x);
  if constexpr (kFunction == P::kL2) return hn::MulAdd(x, x, total);
  return hn::Add(total, x);
}

template <P kFunction>
HWY_INLINE Vector Start() {
  const BlockTag d;
  if constexpr (kFunction != P::kMaximum) return hn::Zero(d);
  return hn::Set(d, -std::numeric_limits<float>::infinity());
}

template <P kFunction>
void AccumulateWith(const float* row, bool first, float* total, int64_t count) {
  const BlockTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < count; i += lanes) {
    const auto before = first ? Start<kFunction>() : hn::LoadU(d, total + i);
    hn::StoreU(Step<kFunction>(before, hn::LoadU(d, row + i)), d, total + i);
  }
}

template <P kFunction>
HWY_INLINE void PoolSpan16(const float* total, const PoolSpan& span, float* out) {
  constexpr P kJoin = kFunction == P::kMaximum ? P::kMaximum : P::kAverage;
  const BlockTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t lane = 0; lane < 16; lane += lanes) {
    auto sum = Start<kFunction>();
    for (int64_t x = span.begin; x < span.end; ++x) {
      sum = Step<kJoin>(sum, hn::LoadU(d, total + x * 16 + lane));
    }
    if constexpr (kFunction == P::kAverage) sum = hn::Mul(sum, hn::Set(d, span.factor));
    if constexpr (kFunction == P::kL2) sum = hn::Sqrt(sum);
    hn::StoreU(sum, d, out + lane);
  }
}

template <P kFunction>
void SpansWith(const float* total, std::span<const PoolSpan> spans, float* out) {
  for (size_t x = 0; x < spans.size(); ++x) PoolSpan16<kFunction>(total, spans[x], out + x * 16);
}

void Accumulate(P function, const float* row, bool first, float* total, int64_t count) {
  if (function == P::kMaximum) return AccumulateWith<P::kMaximum>(row, first, total, count);
  if (function == P::kL2) return AccumulateWith<P::kL2>(row, first, total, count);
  AccumulateWith<P::kAverage>(row, first, total, count);
}

void Spans(P function, const float* total, std::span<const PoolSpan> spans, float* out) {
  if (function == P::kMaximum) return SpansWith<P::kMaximum>(total, spans, out);
  if (function == P::kL2) return SpansWith<P::kL2>(total, spans, out);
  SpansWith<P::kAverage>(total, spans, out);
}

void Blend(const float* low, const float* high, float fraction, float* out, int64_t count) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto f = hn::Set(d, fraction);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto a = hn::LoadU(d, low + i);
    hn::StoreU(hn::MulAdd(f, hn::Sub(hn::LoadU(d, high + i), a), a), d, out + i);
  }
  for (; i < count; ++i) out[i] = low[i] + fraction * (high[i] - low[i]);
}

void SampleBlocked(const float* row, const SampledColumns& columns, float* out) {
  const BlockTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (size_t x = 0; x < columns.low.size(); ++x) {
    const float* low = row + columns.low[x] * int64_t{16};
    const float* high = row + columns.high[x] * int64_t{16};
    const auto f = hn::Set(d, columns.fraction[x]);
    for (int64_t lane = 0; lane < 16; lane += lanes) {
      const auto a = hn::LoadU(d, low + lane);
      hn::StoreU(hn::MulAdd(f, hn::Sub(hn::LoadU(d, high + lane), a), a), d, out + x * 16 + lane);
    }
  }
}

void SamplePlanar(const float* row, const SampledColumns& columns, float* out) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const size_t lanes = hn::Lanes(d), count = columns.low.size();
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto a = hn::GatherIndex(d, row, hn::LoadU(di, columns.low.data() + i));
    const auto b = hn::GatherIndex(d, row, hn::LoadU(di, columns.high.data() + i));
    const auto f = hn::LoadU(d, columns.fraction.data() + i);
    hn::StoreU(hn::MulAdd(f, hn::Sub(b, a), a), d, out + i);
  }
  for (; i < count; ++i) {
    const float a = row[columns.low[i]];
    out[i] = a + columns.fraction[i] * (row[columns.high[i]] - a);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Accumulate);
HWY_EXPORT(Spans);
HWY_EXPORT(Blend);
HWY_EXPORT(SampleBlocked);
HWY_EXPORT(SamplePlanar);

void PoolAccumulate(graph::PoolFunction function, const float* row, bool first, float* total,
                    int64_t count) {
  HWY_DYNAMIC_DISPATCH(Accumulate)(function, row, first, total, count);
}

void PoolSpans(graph::PoolFunction function, const float* total, std::span<const PoolSpan> spans,
               float* out) {
  HWY_DYNAMIC_DISPATCH(Spans)(function, total, spans, out);
}

void BlendRows(const float* low, const float* high, float fraction, float* out, int64_t count) {
  HWY_DYNAMIC_DISPATCH(Blend)(low, high, fraction, out, count);
}

void SampleBlockedRow(const float* row, const SampledColumns& columns, float* out) {
  HWY_DYNAMIC_DISPATCH(SampleBlocked)(row, columns, out);
}

void SamplePlanarRow(const float* row, const SampledColumns& columns, float* out) {
  HWY_DYNAMIC_DISPATCH(SamplePlanar)(row, columns, out);
}

}  // namespace nbits
#endif  // HWY_ONCE
