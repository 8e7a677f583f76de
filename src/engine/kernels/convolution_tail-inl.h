// ConvolutionTail on vectors.
#if defined(NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
#undef NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
#else
#define NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
#endif

#include "engine/kernels/convolution_tail.h"
#include "engine/kernels/lanes-inl.h"
#include "engine/kernels/vector_rows.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// The lanes [kLanes * part, kLanes * (part + 1)) of one block of channels, on their way out.
class TailLanes {
 public:
  TailLanes(const BlockedOutput& output, int64_t block, int64_t part)
      : output_(output), line_(output.tail->line()), function_(output.tail->function()) {
    const LaneTag d;
    bias_ = hn::LoadU(d, output.tail->bias() + block * kChannelBlock + part * kLanes);
    scale_ = hn::Set(d, line_.scale);
    shift_ = hn::MulAdd(bias_, scale_, hn::Set(d, line_.shift));
    const int64_t first = block * kChannelBlock + part * kLanes;
    const int64_t used = std::clamp<int64_t>(output.tail->channels() - first, 0, kLanes);
    is_partial_ = used < kLanes;
    const bool adds_after = output.tail->addition() == graph::Addition::kAfterActivation;
    (adds_after ? add_after_ : add_before_) = output.add;
    mask_ = hn::FirstN(d, static_cast<size_t>(used));
  }

  // `index` counts elements of the output and of the residual.
  HWY_INLINE void Store(LaneVector sum, int64_t index) const {
    const LaneTag d;
    if (add_before_ != nullptr) {
      sum = hn::Add(sum, LoadLanes(add_before_, output_.add_element, index));
    }
    LaneVector value = hn::MulAdd(sum, scale_, shift_);
    // In this order a value that is not a number stays one.
    value = hn::Min(hn::Set(d, line_.high), hn::Max(hn::Set(d, line_.low), value));
    if (line_.leak != 1) {
      value =
          hn::IfThenElse(hn::Lt(value, hn::Zero(d)), hn::Mul(value, hn::Set(d, line_.leak)), value);
    }
    if (function_ != nullptr) value = ApplyFunction(value);
    if (add_after_ != nullptr) {
      value = hn::Add(value, LoadLanes(add_after_, output_.add_element, index));
    }
    if (is_partial_) value = hn::IfThenElseZero(mask_, value);
    Put(value, index);
  }

 private:
  HWY_INLINE void Put(LaneVector value, int64_t index) const {
    // Only whole cache lines may go past the caches: parts of one would be written one by one.
    if (kParts == 1 && output_.stream && output_.element == Element::kFloat32) {
      hn::Stream(value, LaneTag(), static_cast<float*>(output_.data) + index);
    } else {
      StoreLanes(value, output_.data, output_.element, index);
    }
  }

  HWY_NOINLINE LaneVector ApplyFunction(LaneVector value) const {
    const LaneTag d;
    HWY_ALIGN float values[kLanes];
    hn::Store(value, d, values);
    UnaryRow(*function_, values, values, kLanes);
    return hn::Load(d, values);
  }

  const BlockedOutput& output_;
  const LineActivation& line_;
  const graph::Unary* function_;
  const void *add_before_ = nullptr, *add_after_ = nullptr;
  LaneVector bias_, scale_, shift_;
  bool is_partial_;
  hn::Mask<LaneTag> mask_;
};

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_INL_H_
