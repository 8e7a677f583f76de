// SPDX-License-Identifier: Apache-2.0
// ConvolutionTail on vectors.
#if defined(NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
#undef NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
#else
#define NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
#endif

#include "engine/kernels/common/extremes-inl.h"
#include "engine/kernels/common/lanes-inl.h"
#include "engine/kernels/common/vector_rows.h"
#include "engine/kernels/convolution/convolution_tail.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// The lanes [kLanes * part, kLanes * (part + 1)) of one block of channels, on their way out.
class TailLanes {
 public:
  TailLanes(const BlockedOutput& output, int64_t block, int64_t part)
      : function_(output.tail->function()),
        add_element_(output.add_element),
        element_(output.element),
        streams_(kParts == 1 && output.stream && output.element == Element::kFloat32),
        data_(output.data) {
    const LaneTag d;
    const LineActivation& line = output.tail->line();
    const LaneVector bias =
        hn::LoadU(d, output.tail->bias() + block * kChannelBlock + part * kLanes);
    scale_ = hn::Set(d, line.scale);
    shift_ = hn::MulAdd(bias, scale_, hn::Set(d, line.shift));
    low_ = hn::Set(d, line.low);
    high_ = hn::Set(d, line.high);
    leak_ = hn::Set(d, line.leak);
    leaks_ = line.leak != 1;
    const int64_t first = block * kChannelBlock + part * kLanes;
    const int64_t used = std::clamp<int64_t>(output.tail->channels() - first, 0, kLanes);
    is_partial_ = used < kLanes;
    const bool adds_after = output.tail->addition() == graph::Addition::kAfterActivation;
    (adds_after ? add_after_ : add_before_) = output.add;
    mask_ = hn::FirstN(d, static_cast<size_t>(used));
    const bool adds_floats = output.add == nullptr || add_element_ == Element::kFloat32;
    is_line_ = !leaks_ && function_ == nullptr && !is_partial_ && adds_floats &&
               element_ == Element::kFloat32;
  }

  // `index` counts elements of the output and of the residual.
  HWY_INLINE void Store(LaneVector sum, int64_t index) const {
    const LaneTag d;
    if (add_before_ != nullptr) {
      sum = hn::Add(sum, LoadLanes(add_before_, add_element_, index));
    }
    LaneVector value = Line(sum, scale_, shift_, low_, high_);
    if (leaks_) {
      value = hn::IfThenElse(hn::Lt(value, hn::Zero(d)), hn::Mul(value, leak_), value);
    }
    if (function_ != nullptr) value = ApplyFunction(*function_, value);
    if (add_after_ != nullptr) {
      value = hn::Add(value, LoadLanes(add_after_, add_element_, index));
    }
    if (is_partial_) value = hn::IfThenElseZero(mask_, value);
    Put(value, index);
  }

  // Neighbours: their sums stand kChannelBlock apart, as their places from `index` on. What is the
  // same for all is decided once: a branch for each vector costs as much as several products.
  HWY_NOINLINE void StorePixels(const float* sums, int64_t count, int64_t index) const {
    if (!is_line_) {
      for (int64_t i = 0; i < count * kChannelBlock; i += kChannelBlock) {
        Store(hn::Load(LaneTag(), sums + i), index + i);
      }
    } else if (add_before_ != nullptr) {
      StoreLine<true, false>(sums, count, index);
    } else if (add_after_ != nullptr) {
      StoreLine<false, true>(sums, count, index);
    } else {
      StoreLine<false, false>(sums, count, index);
    }
  }

  // The same for kPixels sums in registers.
  template <int kPixels>
  HWY_INLINE void StoreAll(const LaneVector* sums, int64_t index) const {
    const LaneTag d;
    if (is_line_ && add_before_ == nullptr && add_after_ == nullptr && !streams_) {
      const LaneVector scale = scale_, shift = shift_, low = low_, high = high_;
      auto* data = static_cast<float*>(data_) + index;
      HWY_UNROLL(8)
      for (int i = 0; i < kPixels; ++i) {
        hn::StoreU(Line(sums[i], scale, shift, low, high), d, data + i * kChannelBlock);
      }
      return;
    }
    HWY_ALIGN float values[kPixels * kChannelBlock];
    HWY_UNROLL(8)
    for (int i = 0; i < kPixels; ++i) hn::Store(sums[i], d, values + i * kChannelBlock);
    StorePixels(values, kPixels, index);
  }

 private:
  static HWY_INLINE LaneVector Line(LaneVector sum, LaneVector scale, LaneVector shift,
                                    LaneVector low, LaneVector high) {
    return AtMost(high, AtLeast(low, hn::MulAdd(sum, scale, shift)));
  }

  // Works on copies: members would be read again after each store, which might change them.
  template <bool kAddsBefore, bool kAddsAfter>
  HWY_INLINE void StoreLine(const float* sums, int64_t count, int64_t index) const {
    const LaneTag d;
    const LaneVector scale = scale_, shift = shift_, low = low_, high = high_;
    const auto* add = static_cast<const float*>(kAddsBefore ? add_before_ : add_after_);
    auto* data = static_cast<float*>(data_);
    const bool streams = streams_;
    for (int64_t i = 0; i < count * kChannelBlock; i += kChannelBlock) {
      LaneVector sum = hn::Load(d, sums + i);
      if (kAddsBefore) sum = hn::Add(sum, hn::LoadU(d, add + index + i));
      LaneVector value = Line(sum, scale, shift, low, high);
      if (kAddsAfter) value = hn::Add(value, hn::LoadU(d, add + index + i));
      if (streams) {
        hn::Stream(value, d, data + index + i);
      } else {
        hn::StoreU(value, d, data + index + i);
      }
    }
  }

  HWY_INLINE void Put(LaneVector value, int64_t index) const {
    // Only whole cache lines may go past the caches: parts of one would be written one by one.
    if (streams_) {
      hn::Stream(value, LaneTag(), static_cast<float*>(data_) + index);
    } else {
      StoreLanes(value, data_, element_, index);
    }
  }

  // Static, so that the members can stay in registers.
  static HWY_NOINLINE LaneVector ApplyFunction(const graph::Unary& function, LaneVector value) {
    const LaneTag d;
    HWY_ALIGN float values[kLanes];
    hn::Store(value, d, values);
    UnaryRow(function, values, values, kLanes);
    return hn::Load(d, values);
  }

  const graph::Unary* function_;
  Element add_element_, element_;
  bool streams_;
  void* data_;
  const void *add_before_ = nullptr, *add_after_ = nullptr;
  LaneVector scale_, shift_, low_, high_, leak_;
  bool leaks_;
  bool is_partial_;
  bool is_line_;  // Float32 in and out, and nothing but scale, shift, range and residual.
  hn::Mask<LaneTag> mask_;
};

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
