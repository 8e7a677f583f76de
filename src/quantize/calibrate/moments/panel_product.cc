// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/moments/panel_product.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/calibrate/moments/panel_product.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most half a stripe a vector, in the type of the sums.
template <typename T>
using SumTag = hn::CappedTag<T, 64 / sizeof(T)>;

HWY_INLINE hn::Vec<SumTag<float>> LoadAs(SumTag<float> d, const float* from) {
  return hn::LoadU(d, from);
}
HWY_INLINE hn::Vec<SumTag<double>> LoadAs(SumTag<double> d, const float* from) {
  const hn::Rebind<float, SumTag<double>> narrow;
  return hn::PromoteTo(d, hn::LoadU(narrow, from));
}

// Adds one vector of sums to Float64.
template <typename T>
HWY_INLINE void AddSums(hn::Vec<SumTag<T>> sums, double* out) {
  const SumTag<T> d;
  HWY_ALIGN T lanes[64 / sizeof(T)];
  hn::Store(sums, d, lanes);
  for (size_t lane = 0; lane < hn::Lanes(d); ++lane) out[lane] += static_cast<double>(lanes[lane]);
}

// A quad of columns times two vectors of outputs: `count` products.
template <typename T>
HWY_INLINE void MultiplyQuad(const T* quad, const float* stripe, int64_t count, double* out) {
  const SumTag<T> d;
  const size_t lanes = hn::Lanes(d);
  auto a0 = hn::Zero(d), a1 = hn::Zero(d), b0 = hn::Zero(d), b1 = hn::Zero(d);
  auto c0 = hn::Zero(d), c1 = hn::Zero(d), e0 = hn::Zero(d), e1 = hn::Zero(d);
  for (int64_t p = 0; p < count; ++p, quad += kQuad, stripe += kStripe) {
    const auto s0 = LoadAs(d, stripe), s1 = LoadAs(d, stripe + lanes);
    const auto a = hn::Set(d, quad[0]), b = hn::Set(d, quad[1]);
    const auto c = hn::Set(d, quad[2]), e = hn::Set(d, quad[3]);
    a0 = hn::Add(a0, hn::Mul(a, s0)), a1 = hn::Add(a1, hn::Mul(a, s1));
    b0 = hn::Add(b0, hn::Mul(b, s0)), b1 = hn::Add(b1, hn::Mul(b, s1));
    c0 = hn::Add(c0, hn::Mul(c, s0)), c1 = hn::Add(c1, hn::Mul(c, s1));
    e0 = hn::Add(e0, hn::Mul(e, s0)), e1 = hn::Add(e1, hn::Mul(e, s1));
  }
  AddSums<T>(a0, out), AddSums<T>(a1, out + lanes);
  AddSums<T>(b0, out + kStripe), AddSums<T>(b1, out + kStripe + lanes);
  AddSums<T>(c0, out + 2 * kStripe), AddSums<T>(c1, out + 2 * kStripe + lanes);
  AddSums<T>(e0, out + 3 * kStripe), AddSums<T>(e1, out + 3 * kStripe + lanes);
}

// A run of a stripe stays in the first-level cache while all columns are multiplied with it.
template <typename T>
void AddPanel(const Panel<T>& panel, const float* stripe, double* out) {
  const auto step = static_cast<int64_t>(2 * hn::Lanes(SumTag<T>()));
  for (int64_t begin = 0; begin < panel.count(); begin += kRun) {
    const int64_t count = std::min(kRun, panel.count() - begin);
    for (int64_t lane = 0; lane < kStripe; lane += step) {
      for (int64_t quad = 0; quad < panel.quads(); ++quad) {
        MultiplyQuad<T>(panel.Quad(quad) + begin * kQuad, stripe + begin * kStripe + lane, count,
                        out + quad * kQuad * kStripe + lane);
      }
    }
  }
}

// Whole vectors; returns how many elements of each row those are.
template <typename T>
int64_t InterleaveVectors(const float* const (&rows)[kQuad], int64_t count, T* quad) {
  const SumTag<T> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  int64_t p = 0;
  for (; p + step <= count; p += step) {
    hn::StoreInterleaved4(LoadAs(d, rows[0] + p), LoadAs(d, rows[1] + p), LoadAs(d, rows[2] + p),
                          LoadAs(d, rows[3] + p), d, quad + p * kQuad);
  }
  return p;
}

int64_t InterleaveFloats(const float* const (&rows)[kQuad], int64_t count, float* quad) {
  return InterleaveVectors(rows, count, quad);
}

int64_t InterleaveDoubles(const float* const (&rows)[kQuad], int64_t count, double* quad) {
  return InterleaveVectors(rows, count, quad);
}

void CenterStripe(const float* rows, int64_t stride, int64_t count, const float* mean,
                  float* stripe) {
  const SumTag<float> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t lane = 0; lane < kStripe; lane += step) {
    const auto center = hn::LoadU(d, mean + lane);
    for (int64_t p = 0; p < count; ++p) {
      const auto value = hn::LoadU(d, rows + p * stride + lane);
      hn::StoreU(hn::Sub(value, center), d, stripe + p * kStripe + lane);
    }
  }
}

void AddFloatProduct(const Panel<float>& panel, const float* stripe, double* out) {
  AddPanel(panel, stripe, out);
}

void AddDoubleProduct(const Panel<double>& panel, const float* stripe, double* out) {
  AddPanel(panel, stripe, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

namespace {

template <typename T>
void InterleaveRest(const float* const (&rows)[kQuad], int64_t begin, int64_t count, T* quad) {
  for (int64_t p = begin; p < count; ++p) {
    for (int64_t i = 0; i < kQuad; ++i) quad[p * kQuad + i] = static_cast<T>(rows[i][p]);
  }
}

}  // namespace

HWY_EXPORT(InterleaveFloats);
HWY_EXPORT(InterleaveDoubles);
HWY_EXPORT(CenterStripe);
HWY_EXPORT(AddFloatProduct);
HWY_EXPORT(AddDoubleProduct);

void InterleaveRows(const float* const (&rows)[kQuad], int64_t count, float* quad) {
  InterleaveRest(rows, HWY_DYNAMIC_DISPATCH(InterleaveFloats)(rows, count, quad), count, quad);
}

void InterleaveRows(const float* const (&rows)[kQuad], int64_t count, double* quad) {
  InterleaveRest(rows, HWY_DYNAMIC_DISPATCH(InterleaveDoubles)(rows, count, quad), count, quad);
}

void CenterStripe(const float* rows, int64_t stride, int64_t count, const float* mean,
                  float* stripe) {
  HWY_DYNAMIC_DISPATCH(CenterStripe)(rows, stride, count, mean, stripe);
}

void AddProduct(const Panel<float>& panel, const float* stripe, double* out) {
  HWY_DYNAMIC_DISPATCH(AddFloatProduct)(panel, stripe, out);
}

void AddProduct(const Panel<double>& panel, const float* stripe, double* out) {
  HWY_DYNAMIC_DISPATCH(AddDoubleProduct)(panel, stripe, out);
}

}  // namespace nbits
#endif  // HWY_ONCE
