// SPDX-License-Identifier: Apache-2.0
// Rows of pixels of 16 channels, converted to Float32.
#ifndef NBITS_ENGINE_KERNELS_CONVOLUTION_PATCH_ROW_H_
#define NBITS_ENGINE_KERNELS_CONVOLUTION_PATCH_ROW_H_

#include <cstdint>

#include "engine/format.h"
#include "engine/kernels/common/sampling.h"

namespace nbits {

// to[i] = from[i * step], i < count: pixels of 16 channels, the source's elements in `element`.
void CopyPixels(const void* from, Element element, int64_t step, int64_t count, float* to);

// to[i] = bilinear sample of the plane at (row, columns[i * step]). The plane has rows of `width`
// pixels of 16 channels.
struct SampledRow {
  const void* plane = nullptr;
  Element element = Element::kFloat32;
  int64_t width = 0;
  Sample row;
  const Sample* columns = nullptr;
  int64_t step = 1;
};
void SamplePixels(const SampledRow& row, int64_t count, float* to);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_PATCH_ROW_H_
